// The disk of a rehearsed night: the simulated one, which on a word runs full, or lets a crash fall into the next write.

import type { Appender, Disk, Entry, Failure } from '../ports.ts';
import { Crash, type SimulatedDisk } from './disk.ts';

export class RehearsalDisk implements Disk {
  readonly #disk: SimulatedDisk;
  /** Bytes that still fit; undefined: no end. */
  #room: number | undefined;
  #tears = false;

  constructor(disk: SimulatedDisk) {
    this.#disk = disk;
  }

  /** Nothing fits any more, but for what is removed. */
  fill(): void {
    this.#room = 0;
  }

  makeRoom(): void {
    this.#room = undefined;
    this.#tears = false;
  }

  /** The process is gone in the middle of the next write. */
  tearNext(): void {
    this.#tears = true;
  }

  append(path: string): Appender | Failure {
    const file = this.#disk.append(path);
    return 'failed' in file ? file : { ...file, write: (bytes) => this.#write(file, bytes) };
  }

  replace(path: string, bytes: Uint8Array, durable: boolean): Failure | undefined {
    const growth = bytes.length - (this.#disk.size(path) ?? 0);
    if (this.#room !== undefined && growth > this.#room) return { failed: 'ENOSPC', what: path };
    this.#take(growth);
    return this.#disk.replace(path, bytes, durable);
  }

  remove(path: string): void {
    this.#take(-(this.#disk.size(path) ?? 0));
    this.#disk.remove(path);
  }

  read(path: string): Uint8Array | undefined | Failure {
    return this.#disk.read(path);
  }

  readFrom(path: string, offset: number, length: number): Uint8Array | undefined | Failure {
    return this.#disk.readFrom(path, offset, length);
  }

  size(path: string): number | undefined {
    return this.#disk.size(path);
  }

  list(folder: string): readonly string[] {
    return this.#disk.list(folder);
  }

  look(path: string): Entry | undefined {
    return this.#disk.look(path);
  }

  point(path: string, target: string): Failure | undefined {
    return this.#disk.point(path, target);
  }

  makeFolder(path: string): Failure | undefined {
    return this.#disk.makeFolder(path);
  }

  truncate(path: string, size: number): Failure | undefined {
    return this.#disk.truncate(path, size);
  }

  rename(from: string, to: string): Failure | undefined {
    return this.#disk.rename(from, to);
  }

  syncFolder(path: string): Failure | undefined {
    return this.#disk.syncFolder(path);
  }

  removeFolder(path: string): Failure | undefined {
    return this.#disk.removeFolder(path);
  }

  weigh(folder: string): number {
    return this.#disk.weigh(folder);
  }

  #write(file: Appender, bytes: Uint8Array): number | Failure {
    if (this.#tears) {
      this.#tears = false;
      file.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
      throw new Crash();
    }
    if (this.#room === 0) return { failed: 'ENOSPC', what: file.path };
    const taken = file.write(this.#room === undefined ? bytes : bytes.subarray(0, this.#room));
    if (typeof taken === 'number') this.#take(taken);
    return taken;
  }

  #take(bytes: number): void {
    if (this.#room !== undefined) this.#room = Math.max(0, this.#room - bytes);
  }
}
