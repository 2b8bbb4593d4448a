import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discountCents, priceCents } from '../src/price.js';

test('an order costs what its items cost', () => {
  const order = [
    { cents: 250, count: 2 },
    { cents: 100, count: 1 },
  ];
  assert.equal(priceCents(order), 600);
});

test('a large order costs a tenth less', () => {
  assert.equal(priceCents([{ cents: 5_000, count: 4 }]), 18_000);
});

test('an order below the limit has no discount', () => {
  assert.equal(discountCents(9_999), 0);
});

test('a price that is no whole number of cents is refused', () => {
  assert.throws(() => priceCents([{ cents: 0.5, count: 1 }]), TypeError);
});
