// Restoring and setting aside, cut off at each operation on the disk: the old ledger stands then, or the new one, or none, or it is told.

import { expect, test } from 'vitest';
import { readState } from '../../../src/engine/read.ts';
import { clearStaging, lostBy, stagingOf, takePlace } from '../../../src/engine/restore.ts';
import { setAside } from '../../../src/engine/set-aside.ts';
import { verify } from '../../../src/engine/verify.ts';
import { Crash, NO_FAULTS, type SimulatedDisk } from '../../../src/simulation/disk.ts';
import { emptyDisk, PATHS, Writer } from './ledger-rig.ts';

const PLACES = { ...PATHS, questions: '/state/questions.md', archives: '/state/archives' };
const STAGING = stagingOf(PLACES);

/** Five cycles here, and three of another ledger unpacked beside them; `segmentBytes`: so small that there are many segments. */
function prepared(segmentBytes: number): SimulatedDisk {
  const disk = emptyDisk();
  const staged = { history: STAGING.history, cycles: STAGING.cycles };
  disk.makeFolder(STAGING.rest);
  for (const [cycles, paths] of [
    [5, PATHS],
    [3, staged],
  ] as const) {
    const writer = new Writer(disk, { segmentBytes }, paths).start();
    for (let cycle = 0; cycle < cycles; cycle += 1) {
      writer.cycle(7);
      writer.between();
    }
    writer.ledger.close();
    for (const folder of [paths.cycles, paths.history.slice(0, paths.history.lastIndexOf('/'))])
      disk.syncFolder(folder);
  }
  disk.remove(`${STAGING.history}.unsettled`);
  return disk;
}

const foldOf = (disk: SimulatedDisk): string => {
  const found = verify(disk, PATHS);
  if ('failed' in found) throw new Error(found.what);
  if (found.damages.length > 0) return 'damaged';
  const state = readState(disk, PATHS);
  return 'progress' in state ? String(state.progress.cycle) : 'damaged';
};

/** What stands there after a crash at each operation. */
function afterCrashes(segmentBytes: number, deed: (disk: SimulatedDisk) => unknown): ReadonlySet<string> {
  const seen = new Set<string>();
  for (let at = 1; ; at += 1) {
    const disk = prepared(segmentBytes);
    disk.start({ ...NO_FAULTS, crashAt: at });
    try {
      deed(disk);
      return seen.add(`done ${foldOf(disk)}`);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    }
    disk.start(NO_FAULTS);
    seen.add(foldOf(disk));
    // Whoever does it again comes to the end.
    if (!(deed === restored && disk.size(STAGING.history) === undefined)) deed(disk);
  }
}

let tries = 0;
function restored(disk: SimulatedDisk): void {
  const aside = takePlace(disk, PLACES, STAGING, `try-${(tries += 1)}`);
  if (typeof aside === 'object') throw new Error(aside.what);
  clearStaging(disk, STAGING);
}

test('[G20] a restoring that is cut off leaves the old ledger or the new one', () => {
  expect(afterCrashes(1e9, restored)).toEqual(new Set(['5', '3', 'done 3']));
});

test('[G20] with many segments what is in between is told as damaged, and never taken for a state', () => {
  expect(afterCrashes(300, restored)).toEqual(new Set(['5', 'damaged', '3', 'done 3']));
});

test('setting aside that is cut off leaves the old ledger or none', () => {
  const clean = (disk: SimulatedDisk): void => {
    const aside = setAside(disk, PLACES, `try-${(tries += 1)}`);
    if (typeof aside === 'object') throw new Error(aside.what);
  };
  expect(afterCrashes(1e9, clean)).toEqual(new Set(['5', '0', 'done 0']));
  expect(afterCrashes(300, clean)).toEqual(new Set(['5', 'damaged', '0', 'done 0']));
});

test('[G20] what is here and not in the backup is told, the beginning of it is not', () => {
  const disk = prepared(1e9);
  const lost = lostBy(disk, PLACES, STAGING, 100);
  // Both began alike, so the first three cycles are the same lines.
  expect(lost).toMatchObject({ progress: { cycle: 5 } });
  expect(lostBy(emptyDisk(), PLACES, STAGING, 100)).toBeUndefined();
});
