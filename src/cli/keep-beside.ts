// What a run keeps of itself along the way: packed cycles and snapshots, where its plan asks for them.

import { join } from 'node:path';
import type { Progress } from '../core/loop/progress.ts';
import { folderOfArchive } from '../core/loop/retention.ts';
import type { PackTerms } from '../engine/archivist.ts';
import type { RunParts } from '../engine/run.ts';
import { segmentsOf } from '../engine/segments.ts';
import type { Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { failure, realDisk } from '../system/files.ts';
import { below } from '../system/folder.ts';
import { pack, sweep } from '../system/tar.ts';
import { contentsOf, manifestOf, pinLedger, saidOf } from './contents.ts';
import { archivesOf, nameOfTime, partsOf } from './keeping.ts';
import { configOf, type Loop } from './load.ts';

type Beside = Pick<RunParts, 'archive' | 'snapshots'>;

const ENDING = '.tar.gz';

export function keepBeside(loop: Loop): Beside {
  const { plan, folder } = loop;
  const archives = archivesOf(plan, folder);
  const archive = plan.archive && archives !== undefined && archiveIn(archives, plan.archive.afterMs);
  const snapshots = plan.snapshots && {
    every: plan.snapshots.every,
    take: (progress: Progress, over: AbortSignal) =>
      take({ loop, keep: plan.snapshots?.keep ?? 1, over }, progress),
  };
  return { archive: archive === false ? undefined : archive, snapshots };
}

function archiveIn(archives: string, afterMs: number | 'never'): Beside['archive'] {
  // This start holds the lock, so whatever is half made there was left by one that is gone.
  sweep(archives, (name) => folderOfArchive(name) !== undefined, 0);
  return { afterMs, pack: packFolder };
}

/** The folder goes afterwards, so one in which anything would be lost, or is still being changed, is no archive. */
async function packFolder(
  folder: string,
  file: string,
  { endedAt, over }: PackTerms,
): Promise<Failure | undefined> {
  const disk = realDisk();
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const pathOf = (one: string) => folder.slice(0, -name.length) + one;
  try {
    const { files, others } = below(folder);
    if (others > 0) return { failed: 'ENOTSUP', what: `pack ${folder}: ${UNPACKED}` };
    const parts = files.map((one) => ({ name: `${name}/${one}`, path: `${folder}/${one}` }));
    const made = disk.makeFolder(file.slice(0, file.lastIndexOf('/')));
    const groups = parts.map((part) => ({ parts: [part] }));
    const packed = made ?? (await pack({ to: file, groups, time: endedAt, over }));
    if ('failed' in packed) return packed;
    const now = below(folder);
    const isSame =
      packed.length === now.files.length + now.others &&
      packed.every((one) => disk.size(pathOf(one.name)) === one.bytes);
    if (isSame) return undefined;
    disk.remove(file);
    return { failed: 'EBUSY', what: `pack ${folder}: its files were changed meanwhile` };
  } catch (error) {
    return failure(error, `pack ${folder}`);
  }
}

const UNPACKED = 'it holds links, pipes, devices or names that are not UTF-8, which no archive keeps';

interface Taking {
  readonly loop: Loop;
  readonly keep: number;
  readonly over: AbortSignal;
}

/** What is pinned before the first wait stays what it is, however the run goes on. */
async function take({ loop, keep, over }: Taking, progress: Progress): Promise<Failure | undefined> {
  const { plan, folder, paths } = loop;
  const disk = realDisk();
  const home = join(paths.stateDir, 'snapshots');
  const now = realClock().now().wall;
  try {
    const made = disk.makeFolder(home);
    if (made) return made;
    sweep(home, isSnapshot, 0);
    const segments = segmentsOf(disk, paths.history);
    if ('damaged' in segments) return { failed: 'ENOENT', what: `${segments.damaged} is gone` };
    const ledger = pinLedger(segments, disk.size(paths.history) ?? 0);
    const parts = partsOf({ plan, file: configOf(loop), folder, paths });
    const { groups } = contentsOf(disk, parts, ledger);
    const { cycle, seq, run } = progress;
    const last = manifestOf(saidOf({ run: run?.id, cycle, seq }, plan.name, now));
    const name = `${nameOfTime(now)}-${String(cycle).padStart(6, '0')}${ENDING}`;
    const packed = await pack({ to: join(home, name), groups, last, time: now, over });
    if ('failed' in packed) return packed;
    // By their names, and not this one: the clock may have been set back.
    const old = disk.list(home).filter((one) => isSnapshot(one) && one !== name);
    for (const one of old.slice(0, Math.max(0, old.length + 1 - keep))) disk.remove(join(home, one));
    return undefined;
  } catch (error) {
    return failure(error, 'take a snapshot');
  }
}

/** Named so by a run; whatever else lies beside them is a person's. */
function isSnapshot(name: string): boolean {
  return /^\d{8}-\d{6}-\d{6,15}\.tar\.gz$/.test(name);
}
