// The files that a champion is made of: found where the plan says, read once, and nothing outside is followed.

import { compileGlob, fixedFolder, isGlob } from '../core/glob.ts';
import { TREE } from '../core/loop/champion-record.ts';
import type { KeptPath } from '../core/plan/champion-plan.ts';
import type { Disk } from '../ports.ts';

/** A champion is a handful of files; what is larger belongs into an archive of its own. */
export const MOST_FILES = 1000;
export const MOST_BYTES: number = 64 * 1_048_576;
/** Names looked at for one glob. */
const MOST_SEEN = 20_000;
const DEEPEST = 40;
/** A clock of the file system and the one of the wall need not agree to the second. */
const CHANGED_SLACK_MS = 10_000;

export interface SourcePlaces {
  /** Absolute: the folder of the cycle, and that of the config. */
  readonly cycle: string;
  readonly tree: string;
  /** Folders of gate-run itself, in which nothing of a work tree lies. */
  readonly own: readonly string[];
  /** When the cycle ended, epoch milliseconds. */
  readonly judgedAt: number;
}

export interface Source {
  /** In the champion's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The first thing that is in the way, for people. */
export interface Refused {
  readonly refused: string;
}

export function sourcesOf(
  disk: Disk,
  keep: readonly KeptPath[],
  places: SourcePlaces,
): readonly Source[] | Refused {
  const found = new Map<string, Source>();
  let bytes = 0;
  for (const kept of keep) {
    const base = kept.from === 'cycle' ? places.cycle : places.tree;
    const files = isGlob(kept.path)
      ? matching(disk, base, kept.path, places)
      : standing(disk, base, kept.path);
    if ('refused' in files) return files;
    for (const file of files) {
      const path = kept.from === 'cycle' ? file : `${TREE}/${file}`;
      if (found.has(path)) continue;
      const read = taken(disk, `${base}/${file}`, {
        shown: shownPath(kept.from, file),
        judgedAt: places.judgedAt,
      });
      if ('refused' in read) return read;
      bytes += read.length;
      if (bytes > MOST_BYTES) return { refused: `more than ${MOST_BYTES / 1_048_576} MiB would be kept` };
      if (found.size === MOST_FILES) return { refused: `more than ${MOST_FILES} files would be kept` };
      found.set(path, { path, bytes: read });
    }
  }
  return [...found.values()];
}

/** As people wrote it. */
function shownPath(from: KeptPath['from'], file: string): string {
  return from === 'cycle' ? `{{cycle.dir}}/${file}` : file;
}

/** One file, or all files of a folder. */
function standing(disk: Disk, base: string, path: string): readonly string[] | Refused {
  const above = linkIn(disk, base, path.split('/').slice(0, -1));
  if (above !== undefined) return linkRefused(above);
  const here = disk.look(`${base}/${path}`);
  if (!here) return { refused: `${path} is not there` };
  if (here.kind === 'file') return [path];
  if (here.kind === 'link') return linkRefused(path);
  if (here.kind === 'other') return { refused: `${path} is no regular file` };
  const files = below(disk, base, path, () => true);
  if (!('refused' in files) && files.length === 0) return { refused: `${path} is an empty folder` };
  return files;
}

function matching(
  disk: Disk,
  base: string,
  glob: string,
  { own }: SourcePlaces,
): readonly string[] | Refused {
  const test = compileGlob(glob);
  const from = fixedFolder(glob);
  const link = from === '' ? undefined : linkIn(disk, base, from.split('/'));
  if (link !== undefined) return linkRefused(link);
  const isOwn = (path: string) => own.some((one) => `${base}/${path}` === one);
  const files = below(disk, base, from, test, isOwn);
  if (!('refused' in files) && files.length === 0) return { refused: `${glob} matches no file` };
  return files;
}

/** In order of their names, so that two looks find the same. */
function below(
  disk: Disk,
  base: string,
  from: string,
  isWanted: (path: string) => boolean,
  isOwn: (path: string) => boolean = () => false,
): readonly string[] | Refused {
  const files: string[] = [];
  const folders = [from];
  let seen = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of disk.list(folder === '' ? base : `${base}/${folder}`)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      seen += 1;
      if (seen > MOST_SEEN)
        return { refused: `there are more than ${MOST_SEEN} names below ${from || 'the work tree'}` };
      const kind = disk.look(`${base}/${path}`)?.kind;
      if (kind === 'folder' && !isOwn(path) && path.split('/').length < DEEPEST) folders.push(path);
      if (kind === 'folder' || !isWanted(path)) continue;
      if (kind === 'link') return linkRefused(path);
      if (kind === 'file') files.push(path);
    }
  }
  return files.toSorted();
}

interface Taking {
  readonly shown: string;
  readonly judgedAt: number;
}

function taken(disk: Disk, path: string, { shown, judgedAt }: Taking): Uint8Array | Refused {
  const here = disk.look(path);
  if (!here) return { refused: `${shown} is not there any more` };
  if (here.bytes > MOST_BYTES) return { refused: `${shown} is larger than ${MOST_BYTES / 1_048_576} MiB` };
  if (here.changedMs > judgedAt + CHANGED_SLACK_MS)
    return { refused: `${shown} was changed after its cycle had been judged` };
  const read = disk.read(path);
  if (read === undefined) return { refused: `${shown} is not there any more` };
  if ('failed' in read) return { refused: `${shown} cannot be read (${read.failed})` };
  // What a process writes meanwhile would be kept in half.
  const after = disk.look(path);
  const isStill = after?.changedMs === here.changedMs && after.bytes === here.bytes;
  return isStill && read.length === here.bytes
    ? read
    : { refused: `${shown} was changed while it was copied` };
}

/** The first of these folders that is one: what lies below it may lie anywhere. */
function linkIn(disk: Disk, base: string, parts: readonly string[]): string | undefined {
  const paths = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  return paths.find((path) => disk.look(`${base}/${path}`)?.kind === 'link');
}

function linkRefused(path: string): Refused {
  return { refused: `${path} is a link, and links are not followed` };
}
