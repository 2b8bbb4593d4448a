// How a tree stands: every name below a folder with what the system tells of it. No file is opened, no link followed, no mount entered.

import { chmodSync, lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { errorCode } from '../files.ts';

/** A path from the folder as bytes, one character each: names need not be UTF-8. */
export type Key = string;

export interface Seen {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permissions, without the kind. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly names: number;
  /** Of a device, which one; of any other that is neither file nor folder nor link, which kind. */
  readonly device: string | undefined;
  /** Of a link: where it leads, as bytes. */
  readonly target: string | undefined;
  /** Of a folder: what is in it is not known. */
  readonly shut: string | undefined;
}

/** Folders stand before what is in them. */
export type Tree = Map<Key, Seen>;

/** More names than this below one folder are not looked at before and behind each task. */
export const MOST_PATHS = 200_000;
const LONGEST_HOLD_MS = 20;
const PERMISSIONS = 0o7777;
export const OWNER = 0o700;
/** Of git itself: the index is written by a mere `git status`, and a commit changes no file of the work. */
const GIT = '.git';

export interface Look {
  /** Absolute, as bytes. */
  readonly folder: Key;
  /** What is no part of it; a folder goes with all that is in it. */
  readonly isLeftOut: (path: Key, isFolder: boolean) => boolean;
  /** Whether a folder that cannot be read may be made readable; what was done for that is told to `opened`. */
  readonly mayOpen?: (path: Key) => boolean;
  readonly opened?: Map<Key, number>;
}

/** It cannot be looked at, or not be kept; the words are the end of a sentence. */
export class Unlooked extends Error {}

export async function lookAt(look: Look): Promise<Tree> {
  const { folder, isLeftOut } = look;
  const tree: Tree = new Map();
  const { dev } = statOf(folder) ?? {};
  const rest = new Rest();
  const folders: Key[] = [''];
  for (let above = folders.pop(); above !== undefined; above = folders.pop()) {
    const names = namesOf(look, above);
    if (typeof names === 'string') {
      if (above === '') throw new Unlooked(`the folder of the config cannot be read (${names})`);
      const seen = tree.get(above);
      if (seen) tree.set(above, { ...seen, shut: names });
      continue;
    }
    for (const name of names) {
      const path = above === '' ? name : `${above}/${name}`;
      const stat = name === GIT ? undefined : statOf(whole(folder, path));
      if (!stat || isLeftOut(path, stat.isDirectory())) continue;
      // What is mounted there is another tree.
      if (stat.dev !== dev && stat.isDirectory()) continue;
      tree.set(path, seenIn(stat, whole(folder, path)));
      if (stat.isDirectory()) folders.push(path);
    }
    if (tree.size > MOST_PATHS) throw new Unlooked(`it holds more than ${MOST_PATHS} files and folders`);
    await rest.ifDue();
  }
  return tree;
}

/** Facts of running tasks and signals are heard in between. */
export class Rest {
  #since = performance.now();

  async ifDue(): Promise<void> {
    if (performance.now() - this.#since < LONGEST_HOLD_MS) return;
    await new Promise((resume) => setImmediate(resume));
    this.#since = performance.now();
  }
}

/** What stands there now; undefined: nothing. Throws what the system says. */
export function lookAtOne(folder: Key, path: Key): Seen | undefined {
  const stat = statNow(whole(folder, path));
  return stat && seenIn(stat, whole(folder, path));
}

/** A path as the system takes it. */
export function bytesOf(path: Key): Buffer {
  return Buffer.from(path, 'latin1');
}

export function keyOf(path: string): Key {
  return Buffer.from(path, 'utf8').toString('latin1');
}

/** For people and for globs: what is no UTF-8, and what would move a terminal's cursor, stands as U+FFFD. */
export function shownPath(path: Key): string {
  return bytesOf(path)
    .toString('utf8')
    .replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD');
}

export function whole(folder: Key, path: Key): Key {
  return path === '' ? folder : `${folder}/${path}`;
}

/** Equal: by all that the system tells, nobody wrote to it since. */
export function isSame(one: Seen, other: Seen): boolean {
  return (
    one.kind === other.kind &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs
  );
}

function seenIn(stat: BigIntStats, path: Key): Seen {
  const kind = stat.isFile()
    ? 'file'
    : stat.isDirectory()
      ? 'folder'
      : stat.isSymbolicLink()
        ? 'link'
        : 'other';
  return {
    kind,
    mode: Number(stat.mode) & PERMISSIONS,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    ino: stat.ino,
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    names: Number(stat.nlink),
    device: kind === 'other' ? `${Number(stat.mode) >> 12} ${stat.rdev}` : undefined,
    target: kind === 'link' ? targetOf(path) : undefined,
    shut: undefined,
  };
}

function targetOf(path: Key): string | undefined {
  try {
    return readlinkSync(bytesOf(path), { encoding: 'buffer' }).toString('latin1');
  } catch {
    // It went meanwhile; what is there now is found by the next look.
    return undefined;
  }
}

const OR_NOTHING = { bigint: true, throwIfNoEntry: false } as const;

function statOf(path: Key): BigIntStats | undefined {
  try {
    return statNow(path);
  } catch (error) {
    throw new Unlooked(`${shownPath(path)} cannot be looked at (${errorCode(error)})`);
  }
}

function statNow(path: Key): BigIntStats | undefined {
  try {
    return lstatSync(bytesOf(path), OR_NOTHING);
  } catch (error) {
    if (GONE.has(errorCode(error))) return undefined;
    throw error;
  }
}

/** A folder above it went meanwhile, or became something else. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function namesOf({ folder, mayOpen, opened }: Look, path: Key): readonly Key[] | string {
  const at = whole(folder, path);
  const names = namesIn(at);
  if (names !== 'EACCES' || mayOpen?.(path) !== true) return names;
  const stat = statOf(at);
  if (!stat) return names;
  const mode = Number(stat.mode) & PERMISSIONS;
  try {
    chmodSync(bytesOf(at), mode | OWNER);
  } catch {
    return names;
  }
  opened?.set(path, mode);
  return namesIn(at);
}

/** The system's word where it cannot be read, or nothing in it can be looked at. */
function namesIn(folder: Key): readonly Key[] | string {
  try {
    lstatSync(bytesOf(`${folder}/.`));
    return readdirSync(bytesOf(folder), { encoding: 'buffer' }).map((name) => name.toString('latin1'));
  } catch (error) {
    const code = errorCode(error);
    return GONE.has(code) ? [] : code;
  }
}
