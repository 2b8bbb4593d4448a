import { expect, test } from 'vitest';
import { readTurnsBack } from '../../../src/engine/read-back.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

test('turns are read from the newest to the oldest, over pieces and segments, and no further than asked', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk, { segmentBytes: 400_000 }).start();
  for (let cycle = 1; cycle <= 2500; cycle += 1) writer.cycle().between();
  expect(disk.list('/state').filter((name) => name.startsWith('history.')).length).toBeGreaterThan(2);
  const seen: number[] = [];
  expect(readTurnsBack(disk, PATHS, ({ cycle }) => seen.push(cycle) > 0)).toBe(true);
  expect(seen).toEqual(Array.from({ length: 2500 }, (_, at) => 2500 - at));
  const last: number[] = [];
  let read = 0;
  const counting = new Proxy(disk, {
    get: (target, name) => {
      if (name === 'readFrom') read += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  expect(readTurnsBack(counting, PATHS, ({ cycle }) => last.push(cycle) < 5)).toBe(false);
  expect([last, read]).toEqual([[2500, 2499, 2498, 2497, 2496], 1]);
});

test('an end that is torn is passed over', () => {
  const disk = emptyDisk();
  new Writer(disk).start().cycle().cycle();
  disk.truncate(PATHS.history, (disk.size(PATHS.history) ?? 0) - 5);
  const seen: number[] = [];
  readTurnsBack(disk, PATHS, ({ cycle }) => seen.push(cycle) > 0);
  expect(seen).toEqual([1]);
});
