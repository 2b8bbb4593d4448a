// What files and folders hold, told without a failure: what cannot be looked at is nothing.

import { readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';

export function size(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size;
  } catch {
    return undefined;
  }
}

/** Also by a link; what cannot be looked at is none. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}

/** More files than anybody keeps in a cycle's folder; what is beyond them is not counted. */
const MOST_WEIGHED = 100_000;

export function weigh(folder: string): number {
  return weighUpTo([folder], MOST_WEIGHED).bytes;
}

/** Bytes of files and of all files in folders and below; `isWhole` is false when there are more than `most` names. */
export function weighUpTo(
  paths: readonly string[],
  most: number,
): { readonly bytes: number; readonly isWhole: boolean } {
  const folders = paths.filter((path) => isFolder(path));
  let bytes = paths.reduce((sum, path) => sum + (isFolder(path) ? 0 : (size(path) ?? 0)), 0);
  let seen = 0;
  // The last one found first, so that where it is cut short it has gone to the bottom of some.
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      if (seen === most) return { bytes, isWhole: false };
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else bytes += entry.isFile() ? (size(path) ?? 0) : 0;
      seen += 1;
    }
  }
  return { bytes, isWhole: true };
}

/** Size of a file and when its bytes last changed, epoch milliseconds; undefined: there is none. */
export function lastChange(path: string): { readonly bytes: number; readonly at: number } | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() === true ? { bytes: found.size, at: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
