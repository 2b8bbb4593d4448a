// Many cycles in few points: nothing that stood out is lost, and nothing is made up.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Points } from '../../../../src/core/summary/report/points.ts';

const MOST = 1000;

test('few values stay what they are, in the order of their cycles', () => {
  const points = new Points();
  for (const [cycle, value] of [
    [3, 30],
    [1, 10],
    [2, 20],
  ] as const)
    points.add(cycle, value);
  expect(points.list.map(({ from, to, count, newest }) => [from, to, count, newest])).toEqual([
    [1, 1, 1, 10],
    [2, 2, 1, 20],
    [3, 3, 1, 30],
  ]);
});

test('a single spike among 100,000 cycles is in the points, and their mean and count are those of the values', () => {
  const points = new Points();
  for (let cycle = 100_000; cycle >= 1; cycle -= 1) points.add(cycle, cycle === 41_234 ? 999 : 5);
  const { list } = points;
  expect(list.length).toBeLessThanOrEqual(MOST);
  expect(list.length).toBeGreaterThan(MOST / 2);
  expect(Math.max(...list.map(({ most }) => most))).toBe(999);
  expect(list.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  const spike = list.find(({ most }) => most === 999);
  expect([(spike?.from ?? 0) <= 41_234, (spike?.to ?? 0) >= 41_234]).toEqual([true, true]);
  expect(list.reduce((sum, { mean, count }) => sum + mean * count, 0)).toBeCloseTo(5 * 99_999 + 999);
});

test('steps are the values that beat all before them; only what may be a best one counts, and of equal ones the first', () => {
  const points = new Points('higher');
  const values: readonly number[] = [5, 9, 7, 9, 12, 3];
  for (let cycle = values.length; cycle >= 1; cycle -= 1)
    points.add(cycle, values[cycle - 1] ?? 0, cycle !== 5);
  expect(points.steps).toEqual([
    { cycle: 1, value: 5 },
    { cycle: 2, value: 9 },
  ]);
  const lower = new Points('lower');
  for (const [at, value] of values.entries()) lower.add(at + 1, value, true);
  expect(lower.steps).toEqual([
    { cycle: 1, value: 5 },
    { cycle: 6, value: 3 },
  ]);
});

test('whatever the order of the cycles, the points are the same', () => {
  const cycles = fc.uniqueArray(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 3000 });
  fc.assert(
    fc.property(cycles, (some) => {
      const made = [some, some.toSorted((a, b) => a - b), some.toSorted((a, b) => b - a)].map((order) => {
        const points = new Points('higher');
        for (const cycle of order) points.add(cycle, cycle % 97, true);
        return { list: points.list, steps: points.steps };
      });
      const bounds = made.map(({ list }) =>
        list.map(({ from, to, count, least, most, newest }) => [from, to, count, least, most, newest]),
      );
      expect(bounds[1]).toEqual(bounds[2]);
      expect(made[1]?.steps).toEqual(made[2]?.steps);
      expect(bounds[0]).toEqual(bounds[1]);
    }),
    { numRuns: 30 },
  );
});
