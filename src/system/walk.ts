// The files of a folder that match globs, in order. It follows no link to a folder, and enters what is never meant only by name.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compileGlob, compileGlobs, fixedFolder, isGlob, unfold } from '../core/glob.ts';

/** More files than this are no list that anybody wants compared before each start. */
export const FILE_LIMIT = 200_000;
/** Entered only where a glob names them. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** Paths relative to `root`; undefined when there are too many. A plain path stands for itself, a folder for all below it. */
export function filesOf(root: string, globs: readonly string[]): readonly string[] | undefined {
  const found = new Set<string>();
  const unwanted = globs.filter((glob) => glob.startsWith('!'));
  for (const glob of globs.filter((glob) => !glob.startsWith('!')).flatMap(unfold)) {
    const test = compileGlobs([...widened(root, glob), ...unwanted]);
    const start = isGlob(glob) ? fixedFolder(glob) : '';
    const isEntered = (name: string): boolean => !PASSED_OVER.has(name) || glob.includes(name);
    const walked = isGlob(glob) || isFolder(join(root, glob)) ? walk(root, start, isEntered) : [glob];
    for (const path of walked) {
      if (path.endsWith('/')) continue;
      if (test(path) && isThere(join(root, path))) found.add(path);
      if (found.size > FILE_LIMIT) return undefined;
    }
  }
  return [...found].toSorted();
}

/** Whether a path is there, or a glob matches at least one file or folder. */
export function hasMatch(root: string, glob: string): boolean {
  if (!isGlob(glob)) return isThere(join(root, glob));
  return unfold(glob).some((one) => {
    if (!isGlob(one)) return isThere(join(root, one));
    const test = compileGlob(one);
    const isEntered = (name: string): boolean => !PASSED_OVER.has(name) || one.includes(name);
    for (const path of walk(root, fixedFolder(one), isEntered))
      if (test(path.replace(/\/$/, ''))) return true;
    return false;
  });
}

function widened(root: string, glob: string): readonly string[] {
  if (isGlob(glob) || !isFolder(join(root, glob))) return [glob];
  return [`${glob.replace(/\/+$/, '')}/**`];
}

/** Folders end in `/`. */
function* walk(root: string, start: string, isEntered: (name: string) => boolean): Generator<string> {
  const folders = [start];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      yield entry.isDirectory() ? `${path}/` : path;
      if (entry.isDirectory() && isEntered(entry.name)) folders.push(path);
    }
  }
}

function entriesOf(folder: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
