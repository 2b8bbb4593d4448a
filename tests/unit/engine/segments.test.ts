import { expect, test } from 'vitest';
import { Crash, NO_FAULTS, SimulatedDisk } from '../../../src/simulation/disk.ts';
import { Dice } from '../../../src/simulation/random.ts';
import { emptyDisk, PATHS, stateOf, Writer } from './ledger-rig.ts';

/** Cycles on a disk that dies at the n-th operation; the last line that was acknowledged and leaned on. */
function dyingAt(disk: SimulatedDisk, crashAt: number | undefined): { safe: number; isOver: boolean } {
  let safe = 0;
  const writer = new Writer(disk, { segmentBytes: 900 });
  disk.start({ ...NO_FAULTS, crashAt });
  try {
    writer.start();
    for (let cycle = 1; cycle <= 6; cycle += 1) {
      writer.cycle();
      // As the carousel does before the next start.
      const last = writer.progress.seq;
      writer.between();
      if (disk.size('/state/history.000001.jsonl') !== undefined && disk.size(PATHS.history) === 0)
        safe = last;
    }
    return { safe, isOver: true };
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return { safe, isOver: false };
  }
}

test('[G5] wherever a crash or a power cut falls, what was set aside is whole, and the ledger can be read', () => {
  for (let crashAt = 1, isOver = false; !isOver; crashAt += 1) {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const disk = emptyDisk(seed);
      const died = dyingAt(disk, crashAt);
      ({ isOver } = died);
      if (seed > 2) disk.cutPower();
      disk.start(NO_FAULTS);
      const { progress } = stateOf(disk);
      expect(progress.seq, `crash at ${crashAt}, seed ${seed}`).toBeGreaterThanOrEqual(died.safe);
      new Writer(disk, { segmentBytes: 900 }).ledger.close();
    }
    expect(crashAt).toBeLessThan(500);
  }
});

test('what a lost cycle left goes to a name that is free, whatever of an earlier one stands there', async () => {
  const disk = emptyDisk();
  const writer = new Writer(disk).start();
  for (const folder of ['000001', '000001.lost-1']) disk.makeFolder(`${PATHS.cycles}/${folder}`);
  disk.replace(`${PATHS.cycles}/000001/events.jsonl`, new Uint8Array([1]), true);
  disk.replace(`${PATHS.cycles}/000001.lost-1/work.log`, new Uint8Array([2]), true);
  expect(await writer.ledger.before({ type: 'cycle.started', cycle: 1, turn: 'cycle' })).toBeUndefined();
  expect(disk.list(`${PATHS.cycles}/000001.lost-1`)).toEqual(['work.log']);
  expect(disk.list(`${PATHS.cycles}/000001.lost-2`)).toEqual(['events.jsonl']);
});

test('a file that stands where a segment belongs is never written over', () => {
  const disk = emptyDisk();
  const notes: string[] = [];
  const writer = new Writer(disk, { segmentBytes: 900, note: (what) => notes.push(what) }).start();
  disk.replace('/state/history.000001.jsonl', new TextEncoder().encode('kept'), true);
  for (let cycle = 1; cycle <= 6; cycle += 1) writer.cycle().between();
  writer.ledger.close();
  expect(new TextDecoder().decode(disk.read('/state/history.000001.jsonl'))).toBe('kept');
  expect(notes).toEqual([expect.stringContaining('the full history was not set aside')]);
});

test('a renamed file keeps its old name after a power cut, until the folder is synced', () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 60; seed += 1) {
    const disk = new SimulatedDisk(new Dice(seed));
    disk.makeFolder('/d');
    disk.replace('/d/a', new Uint8Array([1]), true);
    disk.rename('/d/a', '/d/b');
    if (seed > 30) disk.syncFolder('/d');
    disk.cutPower();
    outcomes.add(`${seed > 30 ? 'synced' : 'not synced'}: ${disk.list('/d').join(' ')}`);
  }
  expect([...outcomes].toSorted()).toEqual(['not synced: a', 'not synced: b', 'synced: b']);
});

test('[G13] on a full disk the reserve lets the last record through, behind whole lines', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk, { keepsReserve: true }).start().cycle();
  expect(disk.size('/state/reserve')).toBe(65_536);
  const used = ['reserve', 'history.jsonl'].reduce(
    (sum, name) => sum + (disk.size(`/state/${name}`) ?? 0),
    0,
  );
  disk.start({ ...NO_FAULTS, capacity: used + disk.weigh('/state/cycles') + 30 });
  expect(() => writer.cycle()).toThrow();
  const failed = { type: 'storage.failed', code: 'ENOSPC', what: 'write history.jsonl' } as const;
  const { seq } = writer.progress;
  writer.ledger.lastWords({ v: 1, seq: seq + 1, at: '', mono: 1, run: 'run-1', ...failed });
  expect(disk.size('/state/reserve')).toBeUndefined();
  const { progress, torn } = stateOf(disk);
  expect([progress.seq, progress.storageFailed, torn]).toEqual([seq + 1, true, []]);
});

test('a history that somebody else has written to or cut is not written on, and what they wrote stays', () => {
  for (const spoil of ['{"v":1}\n', undefined]) {
    const disk = emptyDisk();
    const writer = new Writer(disk, { keepsReserve: true }).start().cycle();
    const file = disk.append(PATHS.history);
    if ('failed' in file) throw new Error(file.what);
    if (spoil === undefined) disk.truncate(PATHS.history, 9);
    else file.write(new TextEncoder().encode(spoil));
    const before = disk.read(PATHS.history);
    expect(() => writer.begin()).toThrow('somebody else');
    const stamp = { v: 1, seq: 9, at: '', mono: 1, run: 'r' } as const;
    writer.ledger.lastWords({ ...stamp, type: 'storage.failed', code: 'x', what: 'x' });
    expect(disk.read(PATHS.history)).toEqual(before);
  }
});

test('[G13] behind a sync that failed nothing more is written', () => {
  const disk = emptyDisk();
  const writer = new Writer(disk, { keepsReserve: true }).start();
  disk.start({ ...NO_FAULTS, syncFailsAt: 1 });
  expect(() => writer.put({ type: 'stop.seen', by: 'file', now: false })).toThrow();
  const bytes = disk.size(PATHS.history);
  const failed = { type: 'storage.failed', code: 'EIO', what: 'sync history.jsonl' } as const;
  writer.ledger.lastWords({ v: 1, seq: 9, at: '', mono: 1, run: 'run-1', ...failed });
  expect(() => writer.put({ type: 'rest.ended' })).toThrow();
  expect(disk.size(PATHS.history)).toBe(bytes);
});
