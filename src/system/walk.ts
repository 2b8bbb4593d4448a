// The files that match globs, in order, below a folder or from a root. It follows no link to a folder, and enters what is
// never meant only by name.

import { readdirSync, statSync } from 'node:fs';
import { join, parse, relative, resolve } from 'node:path';
import { compileGlob, fixedFolder, isGlob, unfold } from '../core/glob.ts';
import { errorCode } from './files.ts';
import { isFolder } from './sizes.ts';

/** More files than this are no list that anybody wants compared before each start. */
export const FILE_LIMIT = 200_000;
/** So many entries are looked at for one glob, whether they match or not. */
const ENTRY_LIMIT = 2_000_000;
/** Everything else waits meanwhile: facts of running tasks, signals. */
const LONGEST_HOLD_MS = 20;
/** Entered only where a glob names them. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/** Why there is no list, as the end of a sentence. */
export interface Unlisted {
  readonly unlisted: string;
}

/** Paths as the globs name them, from `folder` or from a root. A plain path stands for itself, a folder for all below it. */
export async function filesOf(
  folder: string,
  globs: readonly string[],
): Promise<readonly string[] | Unlisted> {
  const found = new Set<string>();
  const isUnwanted = unwantedOf(folder, globs);
  for (const glob of globs.filter((glob) => !glob.startsWith('!')).flatMap(unfold)) {
    const place = placeOf(folder, glob);
    const wanted = widened(place);
    const test = compileGlob(wanted);
    try {
      for await (const path of isGlob(wanted) ? walk(place.base, wanted) : [wanted]) {
        const isFile = !path.endsWith('/') && test(path) && !isUnwanted(join(place.base, path));
        if (isFile && isThere(join(place.base, path))) found.add(named(place, path));
        if (found.size > FILE_LIMIT) return { unlisted: `matches more than ${FILE_LIMIT} files` };
      }
    } catch (error) {
      return unlisted(error);
    }
  }
  return [...found].toSorted();
}

/** Whether a path is there, or a glob matches at least one file or folder. */
export async function hasMatch(folder: string, glob: string): Promise<boolean | Unlisted> {
  for (const one of unfold(glob)) {
    const place = placeOf(folder, one);
    if (!isGlob(one)) {
      if (isThere(place.whole)) return true;
      continue;
    }
    const test = compileGlob(place.glob);
    try {
      for await (const path of walk(place.base, place.glob)) if (test(path.replace(/\/$/, ''))) return true;
    } catch (error) {
      return unlisted(error);
    }
  }
  return false;
}

/** A walk begins at a folder and goes down, so a glob with a root begins at that root. */
interface Place {
  readonly base: string;
  readonly glob: string;
  readonly isRooted: boolean;
  readonly whole: string;
}

function placeOf(folder: string, glob: string): Place {
  const { root } = parse(glob);
  const base = root === '' ? folder : root;
  const whole = resolve(folder, glob);
  const slash = glob.endsWith('/') ? '/' : '';
  return { base, glob: `${relative(base, whole)}${slash}`, isRooted: root !== '', whole };
}

function named({ base, isRooted }: Place, path: string): string {
  return isRooted ? join(base, path) : path;
}

function unwantedOf(folder: string, globs: readonly string[]): (path: string) => boolean {
  const places = globs.filter((glob) => glob.startsWith('!')).map((glob) => placeOf(folder, glob.slice(1)));
  const tests = places.map(({ base, glob }) => ({ base, test: compileGlob(glob) }));
  return (path) => tests.some(({ base, test }) => test(relative(base, path)));
}

function widened({ glob, whole }: Place): string {
  if (isGlob(glob) || !isFolder(whole)) return glob;
  const above = glob.replace(/\/+$/, '');
  return above === '' ? '**' : `${above}/**`;
}

/** Folders end in `/`. Throws where a folder that is there cannot be read: what is in it cannot be known. */
async function* walk(base: string, glob: string): AsyncGenerator<string> {
  const folders = [fixedFolder(glob)];
  let left = ENTRY_LIMIT;
  let since = performance.now();
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(join(base, folder))) {
      if ((left -= 1) < 0) throw new TooMuch();
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      yield entry.isDirectory() ? `${path}/` : path;
      if (!entry.isDirectory()) continue;
      if (!PASSED_OVER.has(entry.name) || glob.includes(entry.name)) folders.push(path);
    }
    if (performance.now() - since < LONGEST_HOLD_MS) continue;
    await new Promise((resume) => setImmediate(resume));
    since = performance.now();
  }
}

class TooMuch extends Error {}

function unlisted(error: unknown): Unlisted {
  if (error instanceof TooMuch) return { unlisted: `means a look at more than ${ENTRY_LIMIT} files` };
  const path = error instanceof Error && 'path' in error ? String(error.path) : 'a folder';
  return { unlisted: `means a look into ${path}, which cannot be read (${errorCode(error)})` };
}

function entriesOf(folder: string): { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // It was never there, or was removed while it was looked for.
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return [];
    throw error;
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
