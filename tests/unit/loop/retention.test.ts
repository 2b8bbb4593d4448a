import { expect, test } from 'vitest';
import { cycleOfFolder, toPrune, type KeptCycle } from '../../../src/core/loop/retention.ts';

const HOUR = 3_600_000;
const kept = Array.from({ length: 5 }, (_, at): KeptCycle => ({
  cycle: at + 1,
  folders: [`00000${at + 1}`],
  endedAt: at * HOUR,
  bytes: 100,
}));
const never = { cycles: 'never', ageMs: 'never', sizeBytes: 'never' } as const;
const pruned = (keep: object, oldest: readonly KeptCycle[] = kept) =>
  toPrune(oldest, { cycles: 5, bytes: 500 }, { ...never, ...keep }, 4 * HOUR).map(({ cycle }) => cycle);

test('the oldest cycles go until every limit holds', () => {
  expect(pruned({})).toEqual([]);
  expect(pruned({ cycles: 3 })).toEqual([1, 2]);
  expect(pruned({ ageMs: 2 * HOUR })).toEqual([1, 2]);
  expect(pruned({ sizeBytes: 250 })).toEqual([1, 2, 3]);
  expect(pruned({ cycles: 4, sizeBytes: 250, ageMs: HOUR * 9 })).toEqual([1, 2, 3]);
});

test('the newest cycle stays, whatever the limits are', () => {
  expect(pruned({ cycles: 0, ageMs: 0, sizeBytes: 0 })).toEqual([1, 2, 3, 4]);
});

test('no more go at once than were offered, and one whose age is unknown holds those behind it', () => {
  expect(pruned({ cycles: 1 }, kept.slice(0, 2))).toEqual([1, 2]);
  expect(
    pruned(
      { ageMs: HOUR },
      kept.map((one) => ({ ...one, endedAt: one.cycle === 1 ? undefined : one.endedAt })),
    ),
  ).toEqual([]);
});

test.each([
  ['000041', 41],
  ['000041-start', 41],
  ['000041-end', 41],
  ['000041.lost-2', 41],
  ['000041-end.lost-1', 41],
  ['1000041', 1_000_041],
  ['keep-me', undefined],
  ['000041.backup', undefined],
  ['41', undefined],
])('%s is a folder of cycle %s', (name, cycle) => {
  expect(cycleOfFolder(name)).toBe(cycle);
});
