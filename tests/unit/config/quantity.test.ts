import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  durationFault,
  formatDuration,
  formatSize,
  MAX_DURATION_MS,
  parseCount,
  parseDuration,
  parseSize,
} from '../../../src/core/config/quantity.ts';

test.each([
  ['250ms', 250],
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['10h', 36_000_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
  ['1d2h3m4s5ms', 93_784_005],
  ['never', 'never'],
])('the duration %s is read', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  '',
  '5',
  '-5m',
  '+5m',
  '1 h',
  ' 5m',
  '5m ',
  '1m1m',
  '30m1h',
  '1.5h',
  '5M',
  '5min',
  'm',
  '1h30',
  'NEVER',
  '5m\n',
  '4000d',
  '99999999999h',
  'infinity',
])('[A10] %j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('every whole number of milliseconds survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: MAX_DURATION_MS }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test('no text is read as a negative, fractional or endless duration', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-z .+-]{0,12}$/), (text) => {
      const read = parseDuration(text);
      if (typeof read !== 'number') return;
      expect(Number.isSafeInteger(read)).toBe(true);
      expect(read).toBeGreaterThanOrEqual(0);
      expect(read).toBeLessThanOrEqual(MAX_DURATION_MS);
    }),
  );
});

test.each([
  ['8g', 8 * 1024 ** 3],
  ['512k', 524_288],
  ['1T', 1024 ** 4],
  ['3m', 3_145_728],
  ['100', 100],
  [100, 100],
  ['0', 0],
])('the size %s is read', (written, expected) => {
  expect(parseSize(written)).toBe(expected);
});

test.each(['', '8gb', '-1', '1.5g', '8 g', 'g', '99999999999999t', -5, 1.5, Number.NaN])(
  '[A10] %j is no size',
  (written) => {
    expect(parseSize(written)).toBeUndefined();
  },
);

test('every whole number of bytes survives being written and read', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 3 }), (bytes, power) => {
      const whole = bytes * 1024 ** power;
      if (Number.isSafeInteger(whole)) expect(parseSize(formatSize(whole))).toBe(whole);
    }),
  );
});

test.each([
  ['0', 0],
  ['42', 42],
  [7, 7],
])('the count %s is read', (written, expected) => {
  expect(parseCount(written)).toBe(expected);
});

test.each(['', '-1', '010', '1e3', '1.0', ' 3', '9999999999', 1.5, Number.POSITIVE_INFINITY])(
  '[A10] %j is no count',
  (written) => {
    expect(parseCount(written)).toBeUndefined();
  },
);

test('a duration that is too long is told apart from a text that is none', () => {
  expect(durationFault('3653d')).toBe('is longer than ten years (3652d)');
  for (const text of ['', '007s', '5', '-5m', '1m1m'])
    expect(durationFault(text), text).toBe('is no duration');
});
