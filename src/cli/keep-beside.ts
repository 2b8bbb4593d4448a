// What a run keeps of itself along the way: packed cycles and snapshots, where its plan asks for them.

import { join } from 'node:path';
import { MANIFEST, manifestText } from '../core/backup/manifest.ts';
import type { Progress } from '../core/loop/progress.ts';
import { isoTime } from '../core/time.ts';
import type { RunParts } from '../engine/run.ts';
import { segmentsOf } from '../engine/segments.ts';
import type { Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { failure, realDisk } from '../system/files.ts';
import { below } from '../system/folder.ts';
import { pack, sweep, type Packed } from '../system/tar.ts';
import { contentsOf, pinLedger } from './contents.ts';
import { archivesOf, nameOfTime, partsOf } from './keeping.ts';
import { configOf, type Loop } from './load.ts';
import type { Terminal } from './terminal.ts';

type Beside = Pick<RunParts, 'archive' | 'snapshots'>;

const ENDING = '.tar.gz';

export function keepBeside(loop: Loop, terminal: Terminal): Beside {
  const { plan, folder } = loop;
  const archives = archivesOf(plan, folder);
  const archive = plan.archive && archives !== undefined && archiveIn(archives, plan.archive.afterMs);
  const snapshots = plan.snapshots && {
    every: plan.snapshots.every,
    take: (progress: Progress) => take({ loop, terminal, keep: plan.snapshots?.keep ?? 1 }, progress),
  };
  return { archive: archive === false ? undefined : archive, snapshots };
}

function archiveIn(archives: string, afterMs: number | 'never'): Beside['archive'] {
  // This start holds the lock, so whatever is half made there was left by one that is gone.
  sweep(archives, () => true, 0);
  return { archives, afterMs, pack: packFolder };
}

/** The folder goes afterwards, so one file less than there were is no archive. */
async function packFolder(folder: string, file: string, endedAt: number): Promise<Failure | undefined> {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  try {
    const { files } = below(folder);
    const parts = files.map((one) => ({ name: `${name}/${one}`, path: `${folder}/${one}` }));
    const made = realDisk().makeFolder(file.slice(0, file.lastIndexOf('/')));
    const packed = made ?? (await pack({ to: file, groups: parts.map((part) => [part]), time: endedAt }));
    if ('failed' in packed) return packed;
    if (packed.length === files.length) return undefined;
    realDisk().remove(file);
    return { failed: 'ENOENT', what: `pack ${folder}: files went away meanwhile` };
  } catch (error) {
    return failure(error, `pack ${folder}`);
  }
}

interface Taking {
  readonly loop: Loop;
  readonly terminal: Terminal;
  readonly keep: number;
}

/** What is pinned before the first wait stays what it is, however the run goes on. */
async function take({ loop, terminal, keep }: Taking, progress: Progress): Promise<Failure | undefined> {
  const { plan, folder, paths } = loop;
  const disk = realDisk();
  const home = join(paths.stateDir, 'snapshots');
  const now = realClock().now().wall;
  try {
    const segments = segmentsOf(disk, paths.history);
    if ('damaged' in segments) return { failed: 'ENOENT', what: `${segments.damaged} is gone` };
    const ledger = pinLedger(segments, disk.size(paths.history) ?? 0);
    const parts = partsOf({ plan, file: configOf(loop), folder, paths });
    const { cycle, seq, run } = progress;
    const said = {
      version: terminal.version,
      takenAt: isoTime(now),
      name: plan.name,
      run: run?.id ?? null,
      cycle,
      seq,
    };
    const last = (files: readonly Packed[]) => ({ name: MANIFEST, text: manifestText({ ...said, files }) });
    const made = disk.makeFolder(home);
    if (made) return made;
    sweep(home, () => true, 0);
    const to = join(home, `${nameOfTime(now)}-${String(cycle).padStart(6, '0')}${ENDING}`);
    const packed = await pack({ to, groups: contentsOf(disk, parts, ledger).groups, last, time: now });
    if ('failed' in packed) return packed;
    const old = disk.list(home).filter((name) => name.endsWith(ENDING) && !name.startsWith('.'));
    for (const name of old.slice(0, Math.max(0, old.length - keep))) disk.remove(join(home, name));
    return undefined;
  } catch (error) {
    return failure(error, 'take a snapshot');
  }
}
