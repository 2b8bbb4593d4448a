// A copy of a folder in which anything may be written: no file of it is a file of the original, by no hard link and by no other way.
// Installed tools are linked, folder by folder; what links to something in the folder leads to the copy of that.

import {
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  type Dirent,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { errorCode } from '../files.ts';
import { isFolder } from '../sizes.ts';
import { copyGit } from './git-copy.ts';

/** Larger folders are not copied for every gate. */
export const MOST_FILES = 100_000;
export const MOST_BYTES: number = 2 * 1024 ** 3;
/** Signals wait meanwhile. */
const LONGEST_HOLD_MS = 20;
/** Of the hidden entries of `node_modules` these are needed by what is installed; the others are caches, and each copy has its own. */
const KEPT_HIDDEN: ReadonlySet<string> = new Set([
  '.bin',
  '.pnpm',
  '.store',
  '.package-lock.json',
  '.modules.yaml',
]);

export interface Copying {
  /** Absolute, without links. */
  readonly from: string;
  /** Absolute; is made. */
  readonly to: string;
  /** Absolute paths that stay behind. */
  readonly without: ReadonlySet<string>;
  readonly isOver: () => boolean;
}

/** Undefined: done, or given up because it `isOver`. Else why not, as the end of a sentence. */
export async function copyFolder({ from, to, without, isOver }: Copying): Promise<string | undefined> {
  const left = { files: MOST_FILES, bytes: MOST_BYTES };
  const folders = [''];
  let since = performance.now();
  try {
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      mkdirSync(join(to, folder), { recursive: true });
      for (const entry of entriesOf(join(from, folder))) {
        const path = join(folder, entry.name);
        if (without.has(join(from, path))) continue;
        if (isPlainFolder(entry, join(from, path))) folders.push(path);
        else unlessGone(() => copyEntry(entry, { from, to, path, left }));
      }
      if (left.files < 0) return `it holds more than ${MOST_FILES} files`;
      if (left.bytes < 0) return `it holds more than ${MOST_BYTES / 1024 ** 3} GiB`;
      if (performance.now() - since < LONGEST_HOLD_MS) continue;
      await new Promise((resume) => setImmediate(resume));
      if (isOver()) return undefined;
      since = performance.now();
    }
    return undefined;
  } catch (error) {
    return `${errorCode(error)}${error instanceof Error && 'path' in error ? ` at ${String(error.path)}` : ''}`;
  }
}

/** Somebody may be at work in the folder: what is gone by now is not there. */
function unlessGone(copy: () => void): void {
  try {
    copy();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  let entries: readonly Dirent[] = [];
  unlessGone(() => (entries = readdirSync(folder, { withFileTypes: true })));
  return entries;
}

function isPlainFolder(entry: Dirent, path: string): boolean {
  if (!entry.isDirectory() || entry.name === 'node_modules' || entry.name === '.git') return false;
  return !existsSync(join(path, 'CACHEDIR.TAG')) && !existsSync(join(path, 'pyvenv.cfg'));
}

interface One {
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly left: { files: number; bytes: number };
}

function copyEntry(entry: Dirent, { from, to, path, left }: One): void {
  const [source, target] = [join(from, path), join(to, path)];
  if (entry.name === '.git' && copyGit(source, target)) return;
  if (entry.name === 'node_modules' && isFolder(source)) return linkModules(from, to, path);
  if (entry.isSymbolicLink()) return linkAgain(from, to, path);
  // A folder is here for one reason of two: a cache by its own word, which is left out, or an environment of Python.
  if (entry.isDirectory() && existsSync(join(source, 'pyvenv.cfg'))) return symlinkSync(source, target);
  if (!entry.isFile()) return;
  const { size, atime, mtime } = lstatSync(source);
  left.files -= 1;
  left.bytes -= size;
  if (left.files < 0 || left.bytes < 0) return;
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  utimesSync(target, atime, mtime);
}

/** A folder of its own, so that what tools write beside the packages stays in the copy; a package is a link. */
function linkModules(from: string, to: string, path: string): void {
  mkdirSync(join(to, path), { recursive: true });
  for (const entry of readdirSync(join(from, path), { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.name.startsWith('.') && !KEPT_HIDDEN.has(entry.name)) continue;
    if (entry.name.startsWith('@') && entry.isDirectory()) linkModules(from, to, inner);
    else if (entry.isSymbolicLink()) linkAgain(from, to, inner);
    else symlinkSync(join(from, inner), join(to, inner));
  }
}

/** What it leads to in the folder is the copy of that, and what is elsewhere is there still. */
function linkAgain(from: string, to: string, path: string): void {
  const place = dirname(join(from, path));
  const end = resolve(place, readlinkSync(join(from, path)));
  const inside = relative(from, end);
  const isInside = !inside.startsWith('..') && !isAbsolute(inside);
  symlinkSync(isInside ? relative(dirname(join(to, path)), join(to, inside)) || '.' : end, join(to, path));
}
