import { expect, test } from 'vitest';
import { Retention } from '../../../src/engine/retention.ts';
import type { Disk } from '../../../src/ports.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

const { signal: over } = new AbortController();
const NEVER = { cycles: 'never', ageMs: 'never', sizeBytes: 'never' } as const;

/** A directory with a past of twelve cycles. */
function past() {
  const disk = emptyDisk();
  const writer = new Writer(disk).start();
  for (let cycle = 1; cycle <= 12; cycle += 1) writer.cycle();
  disk.makeFolder(`${PATHS.cycles}/000003-start`);
  disk.makeFolder(`${PATHS.cycles}/000004.lost-1`);
  disk.makeFolder(`${PATHS.cycles}/mine`);
  return { disk, writer };
}

function retaining(disk: Disk, keep: object, notes: string[] = []): Retention {
  const note = (what: string): void => void notes.push(what);
  return new Retention({ disk, cycles: PATHS.cycles, keep: { ...NEVER, ...keep }, over, note });
}

test('a lowered number of cycles is reached a few at a time, with the turns around them, and nothing else goes', () => {
  const { disk, writer } = past();
  const retention = retaining(disk, { cycles: 3 });
  const left: number[] = [];
  for (let cycle = 0; cycle < 3; cycle += 1) {
    writer.cycle();
    retention.between(writer.progress.cycle, { wall: 0, mono: 0 });
    left.push(disk.list(PATHS.cycles).length);
  }
  expect(left).toEqual([6, 4, 4]);
  expect(disk.list(PATHS.cycles)).toEqual(['000013', '000014', '000015', 'mine']);
});

test('the folders are listed once, however many cycles follow', () => {
  const { disk, writer } = past();
  let lists = 0;
  const counting: Disk = new Proxy<Disk>(disk, {
    get: (target, name) => {
      if (name === 'list') lists += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const retention = retaining(counting, { cycles: 3 });
  for (let cycle = 0; cycle < 30; cycle += 1) {
    writer.cycle();
    retention.between(writer.progress.cycle, { wall: 0, mono: 0 });
  }
  expect([lists, disk.list(PATHS.cycles).length]).toEqual([1, 4]);
});

test('age is what the ledger says, and size is what the folders weigh', () => {
  const day = Date.UTC(2026, 1, 10);
  const old = past();
  old.writer.cycle();
  const aged = retaining(old.disk, { ageMs: 1000 });
  aged.between(13, { wall: day + 1200, mono: 0 });
  // The sixth cycle's own events end at 190 ms, the seventh's at 230, and the wall stands at 1,200.
  expect(old.disk.list(PATHS.cycles)[0]).toBe('000007');
  const large = past();
  large.disk.replace(`${PATHS.cycles}/000001/a.log`, new Uint8Array(90_000), true);
  large.writer.cycle();
  retaining(large.disk, { sizeBytes: 50_000 }).between(13, { wall: 0, mono: 0 });
  expect(large.disk.list(PATHS.cycles)[0]).toBe('000002');
});

test('starts of one cycle each hold the size too, also where the oldest cycles are light', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start();
  const heavy = new Uint8Array(10_000);
  for (let cycle = 1; cycle <= 160; cycle += 1) {
    writer.cycle();
    if (cycle > 60) disk.replace(`${PATHS.cycles}/${String(cycle).padStart(6, '0')}/a.log`, heavy, true);
  }
  for (let start = 0; start < 20; start += 1) {
    writer.cycle();
    retaining(disk, { sizeBytes: 500_000 }).between(writer.progress.cycle, { wall: 0, mono: 0 });
  }
  const left = disk.list(PATHS.cycles).reduce((sum, name) => sum + disk.weigh(`${PATHS.cycles}/${name}`), 0);
  expect(left).toBeLessThan(500_000);
});

test('what ended in a time that is still to come ages from the first look at it', () => {
  const { disk, writer } = past();
  writer.cycle();
  const retention = retaining(disk, { ageMs: 1000 });
  // The clock was set back by years, behind all that was recorded.
  retention.between(13, { wall: 5000, mono: 0 });
  expect(disk.list(PATHS.cycles)[0]).toBe('000001');
  writer.cycle();
  retention.between(14, { wall: 6500, mono: 1500 });
  expect(disk.list(PATHS.cycles)[0]).toBe('000009');
});

test('a clock that is set ahead makes nothing old, neither before a start nor under a run', () => {
  const month = 30 * 86_400_000;
  const { disk, writer } = past();
  writer.cycle();
  const keep = { ...NEVER, ageMs: month };
  const lastWall = Date.UTC(2026, 1, 10);
  const retention = new Retention({
    disk,
    cycles: PATHS.cycles,
    keep,
    over,
    note: () => undefined,
    lastWall,
  });
  retention.between(13, { wall: lastWall + 2 * month, mono: 77_000 });
  retention.between(13, { wall: lastWall + 400 * month, mono: 77_000 + month });
  expect(disk.list(PATHS.cycles)[0]).toBe('000001');
  // Ages go on by the time that has passed.
  retention.between(13, { wall: lastWall + 400 * month, mono: 77_000 + month + 1000 });
  expect(disk.list(PATHS.cycles)[0]).not.toBe('000001');
});

test('a folder that will not go is noted once, and one half removed is removed by the next run', () => {
  const { disk, writer } = past();
  const notes: string[] = [];
  const stubborn: Disk = new Proxy<Disk>(disk, {
    get: (target, name) => {
      if (name === 'removeFolder') return (what: string) => ({ failed: 'EACCES', what });
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  writer.cycle();
  retaining(stubborn, { cycles: 5 }, notes).between(13, { wall: 0, mono: 0 });
  expect(notes).toEqual([expect.stringContaining('(EACCES)')]);
  expect(disk.list(PATHS.cycles).filter((name) => name.endsWith('.pruned')).length).toBeGreaterThan(0);
  retaining(disk, { cycles: 5 }).between(13, { wall: 0, mono: 0 });
  expect(disk.list(PATHS.cycles).filter((name) => name.endsWith('.pruned'))).toEqual([]);
});
