import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitiesOf, newAmong, unionOf } from '../../../src/core/judge/identities.ts';

const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 });

test('order is no part of what was found, and too many have no names', () => {
  expect(identitiesOf([['a'], ['b']])).toEqual(identitiesOf([['b'], ['a']]));
  expect(identitiesOf([])).toEqual([]);
  expect(identitiesOf(Array.from({ length: 501 }, (_, at) => [at]))).toBeUndefined();
});

test('what was there in any run is not new, and one more of a kind is', () => {
  expect(newAmong(['a', 'a', 'b'], ['a'])).toBe(2);
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 4 }), (runs) => {
      const all = unionOf(runs);
      for (const run of runs) expect(newAmong(run, all)).toBe(0);
      expect(newAmong([...all, 'a'], all)).toBe(1);
      expect(newAmong([], all)).toBe(0);
    }),
  );
});
