// Moves the files of a state out of the way, by their names alone: nothing is read, nothing is lost, and nothing of anybody else is
// touched. The history goes last, so that a crash in between leaves the old ledger, or none.

import { cycleOfFolder, folderOfArchive } from '../core/loop/retention.ts';
import type { Disk, Failure } from '../ports.ts';
import { checkpointFile } from './checkpoint.ts';
import { PRUNED } from './cycle-folders.ts';
import { markSettled } from './doubt.ts';
import { folderOf, restoringFile, segmentsAside } from './segments.ts';

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
  const moved = moveAside(disk, places, name);
  if ('failed' in moved) return moved;
  markSettled(disk, places.history);
  disk.remove(restoringFile(places.history));
  return moved.length === 0 ? undefined : asideFolder(places, name);
}

export interface Moved {
  readonly from: string;
  readonly to: string;
}

/** What went where. One that cannot be moved takes back all that were: `isUndone`, if that could be done. */
export function moveAside(
  disk: Disk,
  places: Places,
  name: string,
): readonly Moved[] | (Failure & { readonly isUndone: boolean }) {
  const aside = asideFolder(places, name);
  const moved: Moved[] = [];
  for (const { from, below } of movesOf(disk, places)) {
    const one = move(disk, { from, aside, below });
    if ('failed' in one) return { ...one, isUndone: moveBack(disk, moved) };
    moved.push(one);
  }
  const failure = synced(disk, moved);
  return failure ? { ...failure, isUndone: moveBack(disk, moved) } : moved;
}

/** A power cut takes back none of them. The history's folder goes last: until then it may be the old one that stands there. */
export function synced(disk: Disk, moved: readonly Moved[]): Failure | undefined {
  const folders = new Set(moved.flatMap(({ from, to }) => [folderOf(to), folderOf(from)]));
  for (const folder of folders) {
    const failure = disk.syncFolder(folder);
    if (failure) return failure;
  }
  return undefined;
}

/** Whether everything stands again where it stood. */
export function moveBack(disk: Disk, moved: readonly Moved[]): boolean {
  const left = moved.toReversed().filter(({ from, to }) => disk.rename(to, from) !== undefined);
  return left.length === 0;
}

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
    ...segmentsAside(disk, history).map((from) => ({ from, below: '' })),
    ...isThere(history),
  ];
}

/** On another disk than the state directory it goes aside where it is. */
function move(disk: Disk, { from, aside, below }: Move & { readonly aside: string }): Moved | Failure {
  const folder = folderOf(from);
  const base = from.slice(folder.length);
  const into = below === '' ? aside : `${aside}/${below}`;
  const to = `${into}${base}`;
  const failure = disk.makeFolder(into) ?? disk.rename(from, to);
  if (failure?.failed !== 'EXDEV') return failure ?? { from, to };
  const here = `${folder}/${aside.slice(folderOf(aside).length + 1)}`;
  return disk.makeFolder(here) ?? disk.rename(from, `${here}${base}`) ?? { from, to: `${here}${base}` };
}
