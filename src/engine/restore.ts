// A state out of a backup takes the place of the one that is there. Before the first file is moved a mark says so beside the history, and
// while it stands there nothing is believed of what is there. So each moment leaves the old state, the new one, or one that asks for
// another restoring.

import type { LedgerRestored, Recorded } from '../core/loop/event.ts';
import { HISTORY, HOMES, QUESTIONS } from '../core/backup/manifest.ts';
import { isMap } from '../core/is-map.ts';
import { encodeLine } from '../core/loop/line.ts';
import { cycleOfFolder, folderOfArchive } from '../core/loop/retention.ts';
import type { Disk, Failure } from '../ports.ts';
import { isThere } from './checkpoint.ts';
import { markSettled } from './doubt.ts';
import { LineFile } from './line-file.ts';
import { walkLines, type Line } from './lines.ts';
import { lastLineOf, readState, type Damage, type LedgerState } from './read.ts';
import { folderOf, restoringFile, segmentFile, segmentsAside, segmentsOf } from './segments.ts';
import { asideFolder, moveAside, moveBack, synced, type Places } from './set-aside.ts';

/** Where a backup is unpacked: each part beside its place, so that a rename brings it there. `name`: of this restoring alone. */
export function stagingOf(places: Places, name: string): Staging {
  const [home, cycles, archives, rest] = homesOf(places).map((folder) => `${folder}/${STAGING}${name}`);
  if (home === undefined || cycles === undefined || archives === undefined || rest === undefined)
    throw new Error('bug: a part of a state without a place');
  return {
    history: `${home}/${HISTORY}`,
    cycles,
    archives,
    rest,
    folders: [home, cycles, archives, rest],
  };
}

/** These folders may be people's too, so it is a name that nobody else gives. */
const STAGING = '.gate-run-restoring-';
const OF_A_START = /^\d{8}-\d{6}-\w{6}$/;

function homesOf({ stateDir, history, cycles, archives }: Places): readonly string[] {
  return [folderOf(history), cycles, archives, stateDir];
}

export interface Staging {
  readonly history: string;
  readonly cycles: string;
  readonly archives: string;
  /** The folder of everything else. */
  readonly rest: string;
  /** All of them, some of them one inside the other. */
  readonly folders: readonly string[];
}

export function clearStaging(disk: Disk, { folders }: Staging): void {
  for (const folder of folders) disk.removeFolder(folder);
}

/** What restorings that were killed have left. */
export function clearLeft(disk: Disk, places: Places): void {
  for (const home of homesOf(places))
    for (const name of disk.list(home))
      if (name.startsWith(STAGING) && OF_A_START.test(name.slice(STAGING.length)))
        disk.removeFolder(`${home}/${name}`);
}

/**
 * What would be set aside and is in no backup of this kind; undefined: the backup holds all of it, or nothing is there, or it was given
 * up already to a restoring that was cut off.
 */
export function lostBy(
  disk: Disk,
  places: Places,
  staging: Staging,
  seq: number,
): LedgerState | Damage | Failure | undefined {
  if (isRestoring(disk, places.history)) return undefined;
  const old = readState(disk, places);
  if (!('progress' in old) || old.progress.seq === 0) return 'progress' in old ? undefined : old;
  const segments = segmentsOf(disk, staging.history);
  const own = ownEnd(disk, places.history, old);
  const isBefore = own.last !== undefined && !('damaged' in segments) && isThere(disk, segments, own.last);
  return isBefore && own.seq <= seq ? undefined : old;
}

/** Without the line that only says that it was restored: nothing is lost with that one. */
function ownEnd(
  disk: Disk,
  history: string,
  { progress: { seq }, end }: LedgerState,
): { readonly seq: number; readonly last: LedgerState['end']['last'] } {
  let lines: readonly Line[] = [];
  walkLines(disk, history, 0, (line) => {
    lines = [...lines.slice(-1), line];
    return undefined;
  });
  const [before, last] = lines;
  const isOnlyMarked = last?.event.type === 'ledger.restored' && last.event.seq === seq;
  if (!isOnlyMarked || before === undefined) return { seq, last: end.last };
  return { seq: seq - 1, last: lastLineOf(end.segment, before) };
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

/** What the mark says of a restoring that is under way, or was cut off. */
export interface Restoring {
  /** The file that is brought back. */
  readonly backup: string;
  /** The name that the old state is set aside under. */
  readonly old: string;
  /** `home`: the old state is aside, whole, and what stands in its place comes out of a backup. */
  readonly step: 'aside' | 'home';
}

function isRestoring(disk: Disk, history: string): boolean {
  return disk.size(restoringFile(history)) !== undefined;
}

/** Undefined: there is none, or it cannot be read. */
export function restoringOf(disk: Disk, file: string): Restoring | undefined {
  const bytes = disk.read(file);
  try {
    const said: unknown =
      bytes instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(bytes)) : undefined;
    return isSaid(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

function isSaid(said: unknown): said is Restoring {
  if (!isMap(said)) return false;
  const { backup, old, step } = said;
  return typeof backup === 'string' && typeof old === 'string' && (step === 'aside' || step === 'home');
}

function mark(disk: Disk, history: string, said: Restoring): Failure | undefined {
  return disk.replace(restoringFile(history), new TextEncoder().encode(`${JSON.stringify(said)}\n`), true);
}

function unmark(disk: Disk, history: string): Failure | undefined {
  const file = restoringFile(history);
  disk.remove(file);
  return disk.size(file) === undefined
    ? disk.syncFolder(folderOf(history))
    : { failed: 'EIO', what: `remove ${file}` };
}

/** Where the old state went; undefined: there was none. */
export interface Placed {
  readonly aside: string | undefined;
}

export interface NotPlaced {
  readonly failure: Failure;
  /** Of the old state: everything stands where it stood. */
  readonly isAsBefore: boolean;
}

/** `wanted.old`: a name of this restoring. One that was cut off while it set aside goes on under its own, so that the old state stays together. */
export function bringBack(
  disk: Disk,
  places: Places,
  staging: Staging,
  wanted: Pick<Restoring, 'backup' | 'old'>,
): Placed | NotPlaced {
  const { history } = places;
  const wasCutOff = isRestoring(disk, history);
  const left = restoringOf(disk, restoringFile(history));
  const said: Restoring = { ...wanted, step: wasCutOff ? 'home' : 'aside', ...left, backup: wanted.backup };
  const asBefore = (failure: Failure): NotPlaced => ({
    failure,
    isAsBefore: !wasCutOff && unmark(disk, history) === undefined,
  });
  const unmarked = mark(disk, history, said);
  if (unmarked) return asBefore(unmarked);
  const moved = moveAside(disk, places, said.step === 'home' ? wanted.old : said.old);
  if ('failed' in moved) return moved.isUndone ? asBefore(moved) : { failure: moved, isAsBefore: false };
  const begun = mark(disk, history, { ...said, step: 'home' });
  if (begun) return moveBack(disk, moved) ? asBefore(begun) : { failure: begun, isAsBefore: false };
  const failure = bringAll(disk, places, staging) ?? unmark(disk, history);
  if (failure) return { failure, isAsBefore: false };
  clearStaging(disk, staging);
  return { aside: wasCutOff || moved.length > 0 ? asideFolder(places, said.old) : undefined };
}

/** Durable when it returns: what the mark has kept from being believed is all there. */
function bringAll(disk: Disk, places: Places, staging: Staging): Failure | undefined {
  const { history, cycles, archives } = places;
  const moves = [
    ...segmentsAside(disk, staging.history).map((from, at) => ({ from, to: segmentFile(history, at + 1) })),
    { from: staging.history, to: history },
    ...inFolder(disk, staging.cycles, cycles, (name) => cycleOfFolder(name) !== undefined),
    ...inFolder(disk, staging.archives, archives, (name) => folderOfArchive(name) !== undefined),
  ];
  for (const { from, to } of moves) {
    const failure = disk.rename(from, to);
    if (failure) return failure;
  }
  const failure = bringConfig(disk, places, staging) ?? bringQuestions(disk, places, staging);
  if (failure) return failure;
  markSettled(disk, history);
  return synced(disk, moves);
}

/** The config that the backup was made with, where it is not the one that is here: that is a person's, and stays. */
export function configHome({ stateDir }: Pick<Places, 'stateDir'>): string {
  return `${stateDir}/config-of-backup`;
}

function bringConfig(disk: Disk, { stateDir }: Places, { rest }: Staging): Failure | undefined {
  const home = configHome({ stateDir });
  const from = `${rest}/${HOMES.config.slice(0, -1)}`;
  const failure = disk.removeFolder(home);
  return failure ?? (disk.list(from).length === 0 ? undefined : disk.rename(from, home));
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

/** A file that lies elsewhere is what people write in. */
function bringQuestions(disk: Disk, { stateDir, questions }: Places, { rest }: Staging): Failure | undefined {
  if (!questions.startsWith(`${stateDir}/`) && disk.size(questions) !== undefined) return undefined;
  const bytes = disk.read(`${rest}/${QUESTIONS}`);
  if (bytes === undefined) return undefined;
  return 'failed' in bytes
    ? bytes
    : (disk.makeFolder(folderOf(questions)) ?? disk.replace(questions, bytes, true));
}
