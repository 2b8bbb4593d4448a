// The names on a simulated disk: which files and folders there may be, and which names a power cut brings back.

import type { Failure } from '../ports.ts';
import type { File } from './disk-losses.ts';
import type { Dice } from './random.ts';

/** A new name that a power cut may take back, until its folder is synced. */
interface Renamed {
  readonly from: string;
  readonly to: string;
  readonly file: File;
}

/** What was removed and comes back with a power cut, until the folder that held it is synced. */
interface Removed {
  readonly folder: string;
  readonly folders: readonly string[];
  readonly files: readonly (readonly [string, File])[];
}

export class Names {
  renamed: Renamed[] = [];
  removed: Removed[] = [];
  readonly #files: Map<string, File>;
  readonly #folders: Set<string>;
  readonly #dice: Dice;

  constructor(files: Map<string, File>, folders: Set<string>, dice: Dice) {
    this.#files = files;
    this.#folders = folders;
    this.#dice = dice;
  }

  /** A file needs a folder above it and must not be one. */
  misplaced(path: string): Failure | undefined {
    if (this.#folders.has(path)) return { failed: 'EISDIR', what: path };
    const above = foldersOf(path);
    if (above.some((one) => this.#files.has(one))) return { failed: 'ENOTDIR', what: path };
    return above.every((one) => this.#folders.has(one)) ? undefined : { failed: 'ENOENT', what: path };
  }

  sync(folder: string): void {
    this.removed = this.removed.filter((one) => one.folder !== folder);
    this.renamed = this.renamed.filter(({ to }) => folderOf(to) !== folder);
    for (const [path, file] of this.#files) if (folderOf(path) === folder) file.isNamed = true;
  }

  cutPower(): void {
    for (const renamed of this.renamed.toReversed()) this.#takeBack(renamed);
    this.renamed = [];
    for (const removed of this.removed.toReversed()) this.#bringBack(removed);
    this.removed = [];
  }

  /** The old name comes back, and what has taken it since then may win: then the renamed file is gone. */
  #takeBack({ from, to, file }: Renamed): void {
    if (this.#files.get(to) !== file || this.#dice.chance(0.5)) return;
    this.#files.delete(to);
    if (!this.#files.has(from) || this.#dice.chance(0.5)) this.#files.set(from, file);
  }

  /** Any part of it, in folders that come back with it; never over what has taken the name since. */
  #bringBack({ folder, folders, files }: Removed): void {
    if (!this.#folders.has(folder) || !this.#dice.chance(0.5)) return;
    for (const one of folders) if (!this.#files.has(one)) this.#folders.add(one);
    for (const [path, file] of files)
      if (!this.misplaced(path) && !this.#files.has(path) && this.#dice.chance(0.5))
        this.#files.set(path, file);
  }
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** Every folder above a path, the root left out. */
export function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(2).map((_, at) => parts.slice(0, at + 2).join('/'));
}
