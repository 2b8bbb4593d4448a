// Restoring and setting aside, cut off at each operation on the disk: the old state stands then, or the new one, or what stands there
// says of itself that it is neither.

import { describe, expect, test } from 'vitest';
import { readState } from '../../../src/engine/read.ts';
import { bringBack, clearLeft, lostBy, markRestored, stagingOf } from '../../../src/engine/restore.ts';
import { setAside } from '../../../src/engine/set-aside.ts';
import { verify } from '../../../src/engine/verify.ts';
import type { Disk } from '../../../src/ports.ts';
import { Crash, NO_FAULTS, type SimulatedDisk } from '../../../src/simulation/disk.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

const PLACES = { ...PATHS, questions: '/state/questions.md', archives: '/state/archives' };
const STAGING = stagingOf(PLACES, '20260210-063000-abcdef');

/** As many cycles; `segmentBytes`: so small that there are many segments. */
function write(disk: SimulatedDisk, cycles: number, segmentBytes: number, at: typeof STAGING | typeof PATHS) {
  const paths = { history: at.history, cycles: at.cycles };
  const writer = new Writer(disk, { segmentBytes }, paths).start();
  for (let cycle = 0; cycle < cycles; cycle += 1) {
    writer.cycle(7);
    writer.between();
  }
  writer.ledger.close();
  const home = at.history.slice(0, at.history.lastIndexOf('/'));
  const turns = disk.list(at.cycles).map((name) => `${at.cycles}/${name}`);
  for (const folder of [home, ...turns])
    for (const name of disk.list(folder).filter((one) => one.endsWith('.jsonl'))) {
      const file = disk.append(`${folder}/${name}`);
      if (!('failed' in file)) file.sync();
    }
  for (const folder of [at.cycles, home, ...turns]) disk.syncFolder(folder);
}

function stage(disk: SimulatedDisk, segmentBytes: number): void {
  for (const folder of STAGING.folders) {
    disk.removeFolder(folder);
    disk.makeFolder(folder);
  }
  write(disk, 3, segmentBytes, STAGING);
  disk.remove(`${STAGING.history}.unsettled`);
}

/** Five cycles here, and three of another ledger unpacked beside them. */
function prepared(segmentBytes: number): SimulatedDisk {
  const disk = emptyDisk();
  write(disk, 5, segmentBytes, PATHS);
  stage(disk, segmentBytes);
  return disk;
}

/** The cycles of a state that is whole with all its folders, or why it is none. */
function found(disk: SimulatedDisk, stateDir: string = PATHS.stateDir): string {
  const paths = { history: `${stateDir}/history.jsonl`, cycles: `${stateDir}/cycles` };
  const verified = verify(disk, paths);
  if ('failed' in verified) throw new Error(verified.what);
  const [damage] = verified.damages;
  if (damage) return damage.why;
  const state = readState(disk, paths);
  if (!('progress' in state)) return 'unreadable';
  return `${state.progress.cycle}${verified.pruned > 0 ? ' without their folders' : ''}`;
}

/** What stands there after a crash at each operation; whoever does it again comes to the end. */
function afterCrashes(
  segmentBytes: number,
  deed: (disk: SimulatedDisk) => void,
  again: (disk: SimulatedDisk) => void,
  isPowerCut = false,
): ReadonlySet<string> {
  const seen = new Set<string>();
  for (let at = 1; ; at += 1) {
    const disk = prepared(segmentBytes);
    disk.start({ ...NO_FAULTS, crashAt: at });
    try {
      deed(disk);
      return seen.add(`done ${found(disk)}`);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    if (isPowerCut) disk.cutPower();
    disk.start(NO_FAULTS);
    const state = found(disk);
    seen.add(state);
    again(disk);
    if (state === '5' || state === 'restoring') expect(oldOnes(disk), `operation ${at}`).toEqual(['5']);
  }
}

/** Of the folders that states were set aside to, those that hold all of the old one; a half restored state may lie beside it. */
const oldOnes = (disk: SimulatedDisk): readonly string[] =>
  disk
    .list(PATHS.stateDir)
    .filter((name) => name.startsWith('aside-'))
    .map((name) => found(disk, `${PATHS.stateDir}/${name}`))
    .filter((cycles) => cycles.startsWith('5'));

let tries = 0;
function restored(disk: SimulatedDisk): void {
  const placed = bringBack(disk, PLACES, STAGING, { backup: '/kept.tar.gz', old: `try-${(tries += 1)}` });
  if ('failure' in placed) throw new Error(placed.failure.what);
}

describe.each([
  ['one segment', 1e9],
  ['many segments', 300],
])('with %s', (_, segmentBytes) => {
  test('[G20] a restoring that is cut off leaves the old state, the new one, or one that asks for another', () => {
    const again = (disk: SimulatedDisk): void => {
      stage(disk, segmentBytes);
      restored(disk);
      expect(found(disk)).toBe('3');
    };
    const expected = new Set(['5', 'restoring', '3', 'done 3']);
    expect(afterCrashes(segmentBytes, restored, again)).toEqual(expected);
    expect(afterCrashes(segmentBytes, restored, again, true)).toEqual(expected);
  });

  test('[G20] cut off again and again it still comes to the end, and the old state is whole in one place', () => {
    const disk = prepared(segmentBytes);
    for (const crashAt of [2, 5, 3, 7, 4, 6]) {
      disk.start({ ...NO_FAULTS, crashAt });
      expect(() => restored(disk)).toThrow(Crash);
      disk.start(NO_FAULTS);
      stage(disk, segmentBytes);
      expect(found(disk)).toBe('restoring');
    }
    restored(disk);
    expect([found(disk), oldOnes(disk)]).toEqual(['3', ['5']]);
  });

  test('[G20] one name that cannot be moved leaves all as it was, and no mark', () => {
    for (const stuck of ['/state/cycles/000003', '/state/history.jsonl']) {
      const disk = prepared(segmentBytes);
      const wanted = { backup: '/kept.tar.gz', old: 'try' };
      const placed = bringBack(refusing(disk, stuck), PLACES, STAGING, wanted);
      expect(placed).toMatchObject({ failure: { failed: 'EPERM' }, isAsBefore: true });
      expect(found(disk), stuck).toBe('5');
    }
  });

  test('a state that is set aside is given up or kept in one piece, also where a name cannot be moved', () => {
    const disk = prepared(segmentBytes);
    expect(setAside(refusing(disk, '/state/history.jsonl'), PLACES, 'try')).toMatchObject({
      failed: 'EPERM',
    });
    expect(found(disk)).toBe('5');
  });
});

function refusing(disk: SimulatedDisk, stuck: string): Disk {
  return new Proxy<Disk>(disk, {
    get: (target, name) => {
      if (name === 'rename')
        return (from: string, to: string) =>
          from === stuck ? { failed: 'EPERM', what: from } : target.rename(from, to);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('setting aside that is cut off leaves the old ledger or none', () => {
  const clean = (disk: SimulatedDisk): void => {
    const aside = setAside(disk, PLACES, `try-${(tries += 1)}`);
    if (typeof aside === 'object') throw new Error(aside.what);
  };
  const ledgers = (segmentBytes: number): ReadonlySet<string> => {
    const seen = new Set<string>();
    for (let at = 1; ; at += 1) {
      const disk = prepared(segmentBytes);
      disk.start({ ...NO_FAULTS, crashAt: at });
      try {
        clean(disk);
        return seen.add(`done ${found(disk)}`);
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      disk.start(NO_FAULTS);
      seen.add(
        found(disk)
          .replace(' without their folders', '')
          .replace(/^[a-z]+$/, 'damaged'),
      );
      clean(disk);
    }
  };
  expect(ledgers(1e9)).toEqual(new Set(['5', '0', 'done 0']));
  expect(ledgers(300)).toEqual(new Set(['5', 'damaged', '0', 'done 0']));
});

test('setting aside takes the mark of a restoring that was cut off with it', () => {
  const disk = prepared(1e9);
  disk.start({ ...NO_FAULTS, crashAt: 9 });
  expect(() => restored(disk)).toThrow(Crash);
  disk.start(NO_FAULTS);
  expect(found(disk)).toBe('restoring');
  setAside(disk, PLACES, 'clean');
  expect(found(disk)).toBe('0');
});

describe('[G20] what is here and not in the backup', () => {
  test('is told; the beginning of it is not', () => {
    const disk = prepared(1e9);
    const lost = lostBy(disk, PLACES, STAGING, 100);
    // Both began alike, so the first three cycles are the same lines.
    expect(lost).toMatchObject({ progress: { cycle: 5 } });
    expect(lostBy(emptyDisk(), PLACES, STAGING, 100)).toBeUndefined();
  });

  test('is not the line that says that it was restored, so that the same backup can be restored again', () => {
    const disk = prepared(1e9);
    const state = readState(disk, { history: STAGING.history, cycles: STAGING.cycles });
    const seq = 'progress' in state ? state.progress.seq : 0;
    const stamp = { v: 1, at: '', mono: 1, run: 'r', takenAt: '' } as const;
    markRestored(disk, STAGING.history, { ...stamp, seq: seq + 1, type: 'ledger.restored' });
    restored(disk);
    stage(disk, 1e9);
    expect(lostBy(disk, PLACES, STAGING, seq)).toBeUndefined();
    new Writer(disk).cycle().ledger.close();
    expect(lostBy(disk, PLACES, STAGING, seq)).toMatchObject({ progress: { cycle: 4 } });
  });

  test('was given up already where a restoring was cut off', () => {
    const disk = prepared(1e9);
    disk.start({ ...NO_FAULTS, crashAt: 9 });
    expect(() => restored(disk)).toThrow(Crash);
    disk.start(NO_FAULTS);
    stage(disk, 1e9);
    expect(lostBy(disk, PLACES, STAGING, 1)).toBeUndefined();
  });
});

test('[G20] only folders that a restoring has named are cleared away', () => {
  const disk = prepared(1e9);
  const theirs = ['restoring/a', '.gate-run-restoring-mine/a', 'cycles/restoring/a'];
  for (const name of theirs) {
    disk.makeFolder(`/state/${name.slice(0, -2)}`);
    disk.replace(`/state/${name}`, new Uint8Array(1), true);
  }
  clearLeft(disk, PLACES);
  expect(theirs.map((name) => disk.size(`/state/${name}`))).toEqual([1, 1, 1]);
  expect(STAGING.folders.flatMap((folder) => disk.list(folder))).toEqual([]);
});
