import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checksOf, type Past } from '../../../src/core/judge/threshold.ts';
import { checkText, durationText } from '../../../src/core/judge/words.ts';
import { compare, threshold } from './parts.ts';

function check(text: string, value: number, past?: Past, name = 'lines') {
  const [found] = checksOf(threshold(name, { require: compare(text) }), value, { past });
  if (!found) throw new Error('no check');
  return found;
}

describe('a threshold', () => {
  test.each([
    ['>= 80', 80, true, 0],
    ['>= 80', 79.999, false, -0.001],
    ['> 80', 80, false, 0],
    ['> 80', 80.5, true, 0.5],
    ['<= 5', 5, true, 0],
    ['<= 5', 6, false, -1],
    ['< 5', 5, false, 0],
    ['< 5', 4, true, 1],
    ['== 0', 0, true, 0],
    ['== 0', 2, false, -2],
    ['!= 3', 3, false, undefined],
    ['!= 3', 4, true, undefined],
  ])('%s against %d holds: %s, headroom %s', (text, value, held, headroom) => {
    const found = check(text, value);
    expect(found.held).toBe(held);
    if (headroom === undefined) expect(found.headroom).toBeUndefined();
    else expect(found.headroom).toBeCloseTo(headroom, 9);
  });

  test('a computed limit carries no binary dust: 0.1 + 0.2 is met by 0.3', () => {
    expect(check('>= last + 0.2', 0.3, { last: 0.1, best: 0 })).toMatchObject({ limit: 0.3, held: true });
    expect(check('> last + 0.1', 0.8, { last: 0.7, best: 0 })).toMatchObject({ limit: 0.8, held: false });
  });

  test('numbers are compared as they are, not as they are shown', () => {
    expect(check('>= 80', 79.99999999).held).toBe(false);
    const exact = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(exact, exact, (value, best) => {
        expect(check('>= best', value, { best, last: 0 }).held).toBe(value >= best);
        expect(check('< best', value, { best, last: 0 }).held).toBe(value < best);
      }),
    );
  });
});

describe('[B7] a check says value, limit and headroom', () => {
  test.each([
    ['lines', '>= 80', 83.1, undefined, 'lines 83.1 >= 80 (3.1 above)'],
    ['lines', '>= 80', 77.5, undefined, 'lines 77.5, not >= 80 (2.5 short)'],
    ['warnings', '<= 50', 41, undefined, 'warnings 41 of 50 (9 left)'],
    ['warnings', '<= 50', 53, undefined, 'warnings 53 of 50 (3 over)'],
    ['warnings', '< 50', 41, undefined, 'warnings 41 < 50 (9 left)'],
    ['warnings', '< 50', 50, undefined, 'warnings 50, not < 50 (0 over)'],
    ['open', '== 0', 0, undefined, 'open 0 == 0'],
    ['open', '== 0', 2, undefined, 'open 2, not == 0'],
    [
      'edge',
      '>= best - 0.2',
      510.8,
      { best: 510.8, last: 1 },
      'edge 510.8 >= best - 0.2 = 510.6 (0.2 above)',
    ],
    ['size', '<= last', 90, { best: 1, last: 80 }, 'size 90, not <= last = 80 (10 over)'],
    ['edge', '>= best - 0.2', 510.8, undefined, 'edge 510.8 >= best - 0.2 (first)'],
    ['lines', '>= 80', 1 / 3, undefined, 'lines 0.333333, not >= 80 (79.666667 short)'],
    ['ratio', '> 0', 0.000001234567, undefined, 'ratio 0.00000123457 > 0 (0.00000123457 above)'],
    ['lines', '>= 80', 79.9999998, undefined, 'lines 79.9999998, not >= 80 (2e-7 short)'],
  ] as const)('%s %s at %d', (name, text, value, past, expected) => {
    expect(checkText(check(text, value, past, name))).toBe(expected);
  });
});

test.each([
  [0, '0 ms'],
  [407, '407 ms'],
  [1407, '1.4 s'],
  [12_345, '12.3 s'],
  [59_949, '59.9 s'],
  [59_990, '1m 0s'],
  [603_000, '10m 3s'],
  [7_500_000, '2h 5m'],
])('%d ms is shown as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
