// Moves the files of a state out of the way, by their names alone: nothing is read, nothing is lost, and nothing of anybody else is
// touched. The history goes last, so that a crash in between leaves the old ledger, or none.

import { cycleOfFolder, folderOfArchive } from '../core/loop/retention.ts';
import type { Disk, Failure } from '../ports.ts';
import { checkpointFile } from './checkpoint.ts';
import { PRUNED } from './cycle-folders.ts';
import { markSettled } from './doubt.ts';
import { folderOf, segmentFile, segmentsAside } from './segments.ts';

/** Absolute, all of them; they may lie anywhere, also among files of others. */
export interface Places {
  readonly stateDir: string;
  readonly history: string;
  readonly cycles: string;
  readonly questions: string;
  readonly archives: string;
}

/** Where it went; undefined: there was nothing. */
export function setAside(disk: Disk, places: Places, name: string): string | undefined | Failure {
  const hasHistory = disk.size(places.history) !== undefined;
  const moved = setOthersAside(disk, places, name);
  if (moved && typeof moved !== 'string') return moved;
  if (!hasHistory) return moved;
  const aside = asideFolder(places, name);
  const failure =
    move(disk, { from: places.history, aside, below: '' }) ?? disk.syncFolder(folderOf(places.history));
  if (failure) return failure;
  markSettled(disk, places.history);
  disk.remove(barFile(places.history));
  return aside;
}

/** All but the newest segment of the history. */
export function setOthersAside(disk: Disk, places: Places, name: string): string | undefined | Failure {
  const aside = asideFolder(places, name);
  const moves = movesOf(disk, places);
  for (const { from, below } of moves) {
    const failure = move(disk, { from, aside, below });
    if (failure) return failure;
  }
  return moves.length === 0 ? undefined : aside;
}

/** A segment that follows on none: while it stands there, the ledger is told as damaged, whatever else of it is there. */
export function barFile(history: string): string {
  return segmentFile(history, BAR);
}

/** More than a state directory ever has. */
const BAR = 999_999;

export function asideFolder({ stateDir }: Places, name: string): string {
  return `${stateDir}/aside-${name}`;
}

interface Move {
  readonly from: string;
  /** Folder inside the one that it goes to; empty: itself. */
  readonly below: string;
}

function movesOf(disk: Disk, { stateDir, history, cycles, questions, archives }: Places): readonly Move[] {
  const inFolder = (folder: string, below: string, isOurs: (name: string) => boolean): readonly Move[] =>
    disk
      .list(folder)
      .filter(isOurs)
      .map((name) => ({ from: `${folder}/${name}`, below }));
  const isThere = (path: string | undefined): readonly Move[] =>
    path !== undefined && disk.size(path) !== undefined ? [{ from: path, below: '' }] : [];
  const torn = `${history.slice(folderOf(history).length + 1)}.torn-`;
  return [
    ...isThere(checkpointFile({ history, cycles, stateDir })),
    ...inFolder(archives, 'archives', (name) => folderOfArchive(name) !== undefined),
    ...inFolder(cycles, 'cycles', (name) => cycleOfFolder(name.replace(PRUNED, '')) !== undefined),
    // What people write to elsewhere stays theirs.
    ...(questions.startsWith(`${stateDir}/`) ? isThere(questions) : []),
    ...inFolder(folderOf(history), '', (name) => name.startsWith(torn)),
    ...segmentsAside(disk, history)
      .filter((from) => from !== barFile(history))
      .map((from) => ({ from, below: '' })),
  ];
}

/** On another disk than the state directory it goes aside where it is. */
function move(disk: Disk, { from, aside, below }: Move & { readonly aside: string }): Failure | undefined {
  const folder = folderOf(from);
  const base = from.slice(folder.length);
  const into = below === '' ? aside : `${aside}/${below}`;
  const failure = disk.makeFolder(into) ?? disk.rename(from, `${into}${base}`);
  if (failure?.failed !== 'EXDEV') return failure;
  const here = `${folder}/${aside.slice(folderOf(aside).length + 1)}`;
  return disk.makeFolder(here) ?? disk.rename(from, `${here}${base}`);
}
