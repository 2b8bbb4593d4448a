// A state out of a backup takes the place of the one that is there. At each moment the old ledger stands whole, or the new one, or
// what stands there is told as damaged: nothing half is ever taken for a state.

import type { LedgerRestored, Recorded } from '../core/loop/event.ts';
import { cycleOfFolder, folderOfArchive } from '../core/loop/retention.ts';
import type { Disk, Failure } from '../ports.ts';
import { isThere } from './checkpoint.ts';
import { markSettled } from './doubt.ts';
import { LineFile } from './line-file.ts';
import { encodeLine } from '../core/loop/line.ts';
import { readState, type Damage, type LedgerState } from './read.ts';
import { folderOf, segmentFile, segmentsAside, segmentsOf } from './segments.ts';
import { asideFolder, barFile, setOthersAside, type Places } from './set-aside.ts';

/** Where a backup is unpacked: each part beside its place, so that a rename brings it there. */
export function stagingOf({ stateDir, history, cycles, archives }: Places): Staging {
  const home = `${folderOf(history)}/${STAGING}`;
  return {
    history: `${home}/history.jsonl`,
    cycles: `${cycles}/${STAGING}`,
    archives: `${archives}/${STAGING}`,
    rest: `${stateDir}/${STAGING}`,
    folders: [home, `${cycles}/${STAGING}`, `${archives}/${STAGING}`, `${stateDir}/${STAGING}`],
  };
}

const STAGING = 'restoring';

export interface Staging {
  readonly history: string;
  readonly cycles: string;
  readonly archives: string;
  /** The folder of everything else. */
  readonly rest: string;
  /** All of them, some of them one inside the other. */
  readonly folders: readonly string[];
}

/** Also what a restoring that was killed has left. */
export function clearStaging(disk: Disk, { folders }: Staging): void {
  for (const folder of folders) disk.removeFolder(folder);
}

/** What would be set aside and is in no backup of this kind; undefined: the backup holds all of it, or nothing is there. */
export function lostBy(
  disk: Disk,
  places: Places,
  staging: Staging,
  seq: number,
): LedgerState | Damage | Failure | undefined {
  const old = readState(disk, places);
  if (!('progress' in old) || old.progress.seq === 0) return 'progress' in old ? undefined : old;
  const segments = segmentsOf(disk, staging.history);
  const { last } = old.end;
  const isBefore = last !== undefined && !('damaged' in segments) && isThere(disk, segments, last);
  return isBefore && old.progress.seq <= seq ? undefined : old;
}

/** Says in the ledger where it comes from, so that nobody takes its next lines for those of the ledger that the backup was taken of. */
export function markRestored(
  disk: Disk,
  history: string,
  event: Recorded<LedgerRestored>,
): Failure | undefined {
  const file = LineFile.open(disk, history);
  if ('failed' in file) return file;
  const failure = file.append(encodeLine(event)) ?? file.sync();
  file.close();
  return failure;
}

/** Where the old state went; undefined: there was none. */
export function takePlace(
  disk: Disk,
  places: Places,
  staging: Staging,
  name: string,
): string | undefined | Failure {
  const barred = bar(disk, places.history, staging.history);
  if (barred) return barred;
  const moved = setOthersAside(disk, places, name);
  if (moved && typeof moved !== 'string') return moved;
  const aside = asideFolder(places, name);
  const old = disk.read(places.history);
  const failure =
    (old && keepCopy(disk, old, `${aside}/${places.history.slice(folderOf(places.history).length + 1)}`)) ??
    bringHistory(disk, places.history, staging.history) ??
    bringOthers(disk, places, staging);
  if (failure) return failure;
  clearStaging(disk, staging);
  return old === undefined ? moved : aside;
}

/** Several segments cannot change places in one step, so none of them is believed until all have. */
function bar(disk: Disk, history: string, staged: string): Failure | undefined {
  const count = segmentsAside(disk, history).length + segmentsAside(disk, staged).length;
  return count === 0 ? undefined : disk.replace(barFile(history), new Uint8Array(), true);
}

/** A copy, because the old one stays in its place until the new one takes it. */
function keepCopy(disk: Disk, old: Uint8Array | Failure, to: string): Failure | undefined {
  if ('failed' in old) return old;
  return disk.makeFolder(folderOf(to)) ?? disk.replace(to, old, true);
}

/** The newest segment last, over the old one. */
function bringHistory(disk: Disk, history: string, staged: string): Failure | undefined {
  for (const [at, from] of segmentsAside(disk, staged).entries()) {
    const failure = disk.rename(from, segmentFile(history, at + 1));
    if (failure) return failure;
  }
  const failure =
    disk.syncFolder(folderOf(history)) ?? disk.rename(staged, history) ?? disk.syncFolder(folderOf(history));
  if (failure) return failure;
  markSettled(disk, history);
  disk.remove(barFile(history));
  return disk.syncFolder(folderOf(history));
}

function bringOthers(
  disk: Disk,
  { stateDir, cycles, archives, questions }: Places,
  staging: Staging,
): Failure | undefined {
  const isPeoples = !questions.startsWith(`${stateDir}/`) && disk.size(questions) !== undefined;
  const moves = [
    ...inFolder(disk, staging.cycles, cycles, (name) => cycleOfFolder(name) !== undefined),
    ...inFolder(disk, staging.archives, archives, (name) => folderOfArchive(name) !== undefined),
  ];
  for (const { from, to } of moves) {
    const failure = disk.rename(from, to);
    if (failure) return failure;
  }
  const config = bringConfig(disk, stateDir, staging);
  if (config) return config;
  return isPeoples ? undefined : bringText(disk, `${staging.rest}/questions.md`, questions);
}

/** The config that the backup was made with, where it is not the one that is here: that is a person's, and stays. */
export function configHome({ stateDir }: Pick<Places, 'stateDir'>): string {
  return `${stateDir}/config-of-backup`;
}

function bringConfig(disk: Disk, stateDir: string, { rest }: Staging): Failure | undefined {
  const home = configHome({ stateDir });
  const failure = disk.removeFolder(home);
  if (failure || disk.list(`${rest}/config`).length === 0) return failure;
  return disk.rename(`${rest}/config`, home);
}

function inFolder(
  disk: Disk,
  folder: string,
  to: string,
  isOurs: (name: string) => boolean,
): readonly { readonly from: string; readonly to: string }[] {
  const names = disk.list(folder).filter(isOurs);
  return names.map((name) => ({ from: `${folder}/${name}`, to: `${to}/${name}` }));
}

function bringText(disk: Disk, from: string, to: string): Failure | undefined {
  const bytes = disk.read(from);
  if (bytes === undefined) return undefined;
  return 'failed' in bytes ? bytes : (disk.makeFolder(folderOf(to)) ?? disk.replace(to, bytes, true));
}
