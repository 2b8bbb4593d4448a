// A disk in memory that crashes, tears, runs full and lies about nothing: what was not synced can be lost.

import type { Appender, Disk, Entry, Failure } from '../ports.ts';
import { cutDropped, cutToWhatStays, dropPending, type File } from './disk-losses.ts';
import { folderOf, foldersOf, Names } from './disk-names.ts';
import type { Dice } from './random.ts';

/** The process is gone at this very operation; only the harness catches it. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

export interface DiskFaults {
  /** Crash at this operation, counted from 1 over the life of the process. */
  readonly crashAt: number | undefined;
  /** Crash while a line of this type is written. */
  readonly crashOn: string | undefined;
  /** And only while it holds this text as well. */
  readonly crashHolding?: string | undefined;
  readonly shortWrites: number;
  /** Bytes that fit; undefined: no end. */
  readonly capacity: number | undefined;
  /** The n-th sync fails with EIO. */
  readonly syncFailsAt: number | undefined;
  /** A failed sync gives up what it should have kept, as Linux does: no later one brings it back. */
  readonly syncDrops?: boolean;
}

export const NO_FAULTS: DiskFaults = {
  crashAt: undefined,
  crashOn: undefined,
  shortWrites: 0,
  capacity: undefined,
  syncFailsAt: undefined,
};

/** Far more than a life needs: a loop without end would else never be seen. */
const MOST_OPERATIONS = 50_000;
/** How many turns of the event loop a sync in the background takes at most. */
const LONGEST_SYNC_HOPS = 30;

export class SimulatedDisk implements Disk {
  readonly #files = new Map<string, File>();
  readonly #folders = new Set<string>();
  readonly #names: Names;
  readonly #dice: Dice;
  #faults: DiskFaults = NO_FAULTS;
  #operations = 0;
  #syncs = 0;
  #life = 0;
  #writing: Uint8Array | undefined;

  constructor(dice: Dice) {
    this.#dice = dice;
    this.#names = new Names(this.#files, this.#folders, dice);
  }

  /** Operations since the last start, for choosing a crash point in the next one. */
  get operations(): number {
    return this.#operations;
  }

  /** The bytes that were being written when the crash fell; undefined: it fell between two writes. */
  get writing(): Uint8Array | undefined {
    return this.#writing;
  }

  start(faults: DiskFaults): void {
    this.#life += 1;
    this.#writing = undefined;
    this.#faults = faults;
    this.#operations = 0;
    this.#syncs = 0;
  }

  /** What is left after the power went: of every file at least its durable bytes, and any number of the others. */
  cutPower(): void {
    this.#names.cutPower();
    for (const [path, file] of this.#files) {
      if (!file.isNamed && this.#dice.chance(0.5)) {
        this.#files.delete(path);
        continue;
      }
      cutToWhatStays(file, this.#dice);
    }
  }

  read(path: string): Uint8Array | undefined {
    const file = this.#files.get(path);
    return file?.bytes.slice(0, file.size);
  }

  readFrom(path: string, offset: number, length: number): Uint8Array | undefined {
    const file = this.#files.get(path);
    return file?.bytes.slice(Math.min(offset, file.size), Math.min(offset + length, file.size));
  }

  size(path: string): number | undefined {
    return this.#files.get(path)?.size;
  }

  list(folder: string): readonly string[] {
    const inside = [...this.#files.keys(), ...this.#folders].filter((path) => path.startsWith(`${folder}/`));
    return [...new Set(inside.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))].toSorted();
  }

  look(path: string): Entry | undefined {
    const file = this.#files.get(path);
    if (file) return { kind: file.isLink === true ? 'link' : 'file', bytes: file.size, changedMs: 0 };
    return this.#folders.has(path) ? { kind: 'folder', bytes: 0, changedMs: 0 } : undefined;
  }

  point(path: string, target: string): Failure | undefined {
    this.#operate();
    const before = this.look(path);
    if (before && before.kind !== 'link') return { failed: 'EEXIST', what: path };
    const failure = this.#names.misplaced(path);
    if (failure) return failure;
    const bytes = new TextEncoder().encode(target);
    this.#files.set(path, { bytes, size: bytes.length, durable: bytes.length, isNamed: false, isLink: true });
    return undefined;
  }

  makeFolder(path: string): Failure | undefined {
    this.#operate();
    const above = foldersOf(`${path}/`);
    if (above.some((one) => this.#files.has(one))) return { failed: 'ENOTDIR', what: path };
    for (const one of above) this.#folders.add(one);
    return undefined;
  }

  append(path: string): Appender | Failure {
    this.#operate();
    const failure = this.#names.misplaced(path);
    if (failure) return failure;
    const file = this.#files.get(path) ?? this.#create(path);
    return {
      path,
      write: (bytes) => this.#write(path, file, bytes),
      sync: () => this.#sync(path, file),
      syncLater: () => this.#syncLater(path, file),
      close: () => undefined,
    };
  }

  truncate(path: string, size: number): Failure | undefined {
    this.#operate();
    const file = this.#files.get(path);
    if (!file) return { failed: 'ENOENT', what: path };
    file.size = size;
    cutDropped(file, size);
    const failure = this.#fails(path);
    if (failure) {
      if (this.#faults.syncDrops) dropPending(file);
      return failure;
    }
    file.durable = size;
    return undefined;
  }

  replace(path: string, bytes: Uint8Array, durable: boolean): Failure | undefined {
    this.#operate();
    const failure = this.#names.misplaced(path);
    if (failure) return failure;
    if (this.#free() < bytes.length) return { failed: 'ENOSPC', what: path };
    const unsynced = durable ? this.#fails(path) : undefined;
    if (unsynced) return unsynced;
    const file: File = { bytes: bytes.slice(), size: bytes.length, durable: bytes.length, isNamed: durable };
    const before = this.#files.get(path);
    // Without a sync of the folder either the old or the new file is there after a power cut: whole in any case.
    this.#files.set(path, durable || this.#dice.chance(0.5) || !before ? file : { ...file, isNamed: true });
    return undefined;
  }

  rename(from: string, to: string): Failure | undefined {
    this.#operate();
    const renamed = this.#files.get(from);
    if (!renamed && !this.#folders.has(from)) return { failed: 'ENOENT', what: from };
    if (renamed) this.#names.renamed.push({ from, to, file: renamed });
    for (const [path, file] of this.#files) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.#files.delete(path);
      this.#files.set(to + path.slice(from.length), file);
    }
    for (const folder of this.#folders) {
      if (folder !== from && !folder.startsWith(`${from}/`)) continue;
      this.#folders.delete(folder);
      this.#folders.add(to + folder.slice(from.length));
    }
    return undefined;
  }

  remove(path: string): void {
    this.#operate();
    const file = this.#files.get(path);
    if (file?.isNamed)
      this.#names.removed.push({ folder: folderOf(path), folders: [], files: [[path, file]] });
    this.#files.delete(path);
  }

  syncFolder(path: string): Failure | undefined {
    this.#operate();
    const failure = this.#fails(path);
    if (failure) return failure;
    this.#names.sync(path);
    return undefined;
  }

  removeFolder(path: string): Failure | undefined {
    const inside = [...this.#files].filter(([file]) => file.startsWith(`${path}/`));
    const folders = [...this.#folders].filter((one) => one === path || one.startsWith(`${path}/`));
    const files = inside.filter(([, { isNamed }]) => isNamed);
    this.#names.removed.push({ folder: folderOf(path), folders, files });
    // A crash in the middle leaves any part.
    const falls = this.#operations + 1 === this.#faults.crashAt;
    for (const [file] of inside) if (!falls || this.#dice.chance(0.5)) this.#files.delete(file);
    this.#operate();
    for (const folder of folders) this.#folders.delete(folder);
    return undefined;
  }

  weigh(folder: string): number {
    let bytes = 0;
    for (const [path, file] of this.#files) if (path.startsWith(`${folder}/`)) bytes += file.size;
    return bytes;
  }

  #count(): void {
    this.#operations += 1;
    if (this.#operations > MOST_OPERATIONS) throw new Error('a life went on without end');
  }

  #operate(): void {
    this.#count();
    if (this.#operations === this.#faults.crashAt) throw new Crash();
  }

  #create(path: string): File {
    const file: File = { bytes: new Uint8Array(1024), size: 0, durable: 0, isNamed: false };
    this.#files.set(path, file);
    return file;
  }

  #free(): number {
    if (this.#faults.capacity === undefined) return Infinity;
    let used = 0;
    for (const file of this.#files.values()) used += file.size;
    return Math.max(0, this.#faults.capacity - used);
  }

  #write(path: string, file: File, bytes: Uint8Array): number | Failure {
    this.#count();
    if (this.#operations === this.#faults.crashAt || this.#isAwaited(bytes)) {
      this.#writing = bytes;
      this.#put(file, bytes.subarray(0, this.#dice.whole(0, bytes.length)));
      throw new Crash();
    }
    const free = this.#free();
    if (free === 0) return { failed: 'ENOSPC', what: path };
    const isShort = bytes.length > 1 && this.#dice.chance(this.#faults.shortWrites);
    const taken = Math.min(free, isShort ? this.#dice.whole(1, bytes.length - 1) : bytes.length);
    this.#put(file, bytes.subarray(0, taken));
    return taken;
  }

  #isAwaited(bytes: Uint8Array): boolean {
    const { crashOn, crashHolding = '' } = this.#faults;
    if (crashOn === undefined) return false;
    const line = new TextDecoder().decode(bytes);
    return line.includes(`"type":"${crashOn}"`) && line.includes(crashHolding);
  }

  #put(file: File, bytes: Uint8Array): void {
    const size = file.size + bytes.length;
    if (size > file.bytes.length) {
      const larger = new Uint8Array(Math.max(size, file.bytes.length * 2));
      larger.set(file.bytes.subarray(0, file.size));
      file.bytes = larger;
    }
    file.bytes.set(bytes, file.size);
    file.size = size;
  }

  /** Takes a while, in which the engine goes on: what it records meanwhile is not covered. */
  async #syncLater(path: string, file: File): Promise<Failure | undefined> {
    const covered = file.size;
    const life = this.#life;
    for (let hop = this.#dice.whole(0, LONGEST_SYNC_HOPS); hop > 0; hop -= 1) await Promise.resolve();
    const failure = this.#fails(path);
    // The process that asked is gone, and what it left may be cut by now.
    if (life !== this.#life) return failure;
    if (failure) {
      if (this.#faults.syncDrops) dropPending(file);
      return failure;
    }
    file.durable = Math.max(file.durable, covered);
    if (!file.isNamed) this.#names.sync(folderOf(path));
    return undefined;
  }

  /** No crash falls into it: its promise may have nobody to catch one. */
  #fails(path: string): Failure | undefined {
    this.#syncs += 1;
    return this.#syncs === this.#faults.syncFailsAt ? { failed: 'EIO', what: path } : undefined;
  }

  #sync(path: string, file: File): Failure | undefined {
    this.#operate();
    const failure = this.#fails(path);
    if (failure) {
      if (this.#faults.syncDrops) dropPending(file);
      return failure;
    }
    file.durable = file.size;
    if (!file.isNamed) this.#names.sync(folderOf(path));
    return undefined;
  }
}
