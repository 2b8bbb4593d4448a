// Plants in a copy. A file is never written into: it is taken away and made anew. No way through a link leads out of the copy.

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { isGlob } from '../../core/glob.ts';
import type { Planting } from '../../core/prove/planting.ts';
import { errorCode } from '../files.ts';
import { filesOf } from '../walk.ts';

/** Larger ones are no text that anybody plants in. */
const LARGEST_BYTES = 16 * 1024 ** 2;

/** No wildcard of `append` means these: a tool whose settings are damaged judges nothing, and proves nothing. */
const SETTINGS = ['!**/.*', '!**/*.config.*'];

/** How many files were touched; or why it could not be planted, as the end of a sentence. `tree`: without links. */
export async function plant(
  tree: string,
  planting: Planting,
): Promise<number | { readonly unplanted: string }> {
  try {
    return await planted(tree, planting);
  } catch (error) {
    const why = error instanceof Unplanted ? error.message : `it could not be planted (${errorCode(error)})`;
    return { unplanted: why };
  }
}

class Unplanted extends Error {}

async function planted(tree: string, { remove, empty, append, write }: Planting): Promise<number> {
  let count = 0;
  for (const path of await toTakeAway(tree, remove)) count += takeAway(tree, path);
  for (const path of await filesMeant(tree, empty)) count += renew(tree, path, () => '');
  for (const [glob, text] of Object.entries(append)) {
    const paths = await filesMeant(tree, isGlob(glob) ? [glob, ...SETTINGS] : [glob]);
    for (const path of paths)
      count += renew(tree, path, (before) => Buffer.concat([before, Buffer.from(text)]));
  }
  const [meant] = await filesMeant(tree, [...empty, ...Object.keys(append)]);
  if (count === 0 && meant !== undefined && !isSmall(join(tree, meant)))
    throw new Unplanted(
      `\`${meant}\` is larger than ${LARGEST_BYTES / 1024 ** 2} MiB, and nothing else is there`,
    );
  for (const [path, text] of Object.entries(write)) {
    takeAway(tree, path);
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text, { flag: 'wx' });
    count += 1;
  }
  return count;
}

/** A name without wildcards also where it is a folder, or a link that leads nowhere. */
async function toTakeAway(tree: string, names: readonly string[]): Promise<readonly string[]> {
  const plain = names.filter((name) => !isGlob(name));
  return [...new Set([...plain, ...(await filesMeant(tree, names.filter(isGlob)))])];
}

async function filesMeant(tree: string, globs: readonly string[]): Promise<readonly string[]> {
  if (globs.length === 0) return [];
  const files = await filesOf(tree, globs);
  if ('unlisted' in files) throw new Unplanted(`\`${globs.join(' ')}\` ${files.unlisted}`);
  return files;
}

function takeAway(tree: string, name: string): number {
  const path = join(tree, name);
  holdInside(tree, path);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return 0;
  rmSync(path, { recursive: true, force: true });
  return 1;
}

function renew(tree: string, name: string, bytesFrom: (before: Buffer) => Buffer | string): number {
  const path = join(tree, name);
  holdInside(tree, path);
  const { mode } = statSync(path);
  if (!isSmall(path)) return 0;
  const bytes = bytesFrom(readFileSync(path));
  rmSync(path);
  writeFileSync(path, bytes, { flag: 'wx' });
  chmodSync(path, mode);
  return 1;
}

function isSmall(path: string): boolean {
  return statSync(path).size <= LARGEST_BYTES;
}

/** What installed tools are, and what links lead to elsewhere, is the original itself. */
function holdInside(tree: string, path: string): void {
  let folder = dirname(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  const real = realpathSync(folder);
  if (path.startsWith(`${tree}${sep}`) && (real === tree || real.startsWith(`${tree}${sep}`))) return;
  throw new Unplanted(`\`${path.slice(tree.length + 1)}\` is reached by a link that leads out of the copy`);
}
