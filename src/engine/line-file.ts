// One open file of lines, and up to where it is whole. After a sync that failed it says so for ever, and is not written on.

import type { Appender, Disk, Failure } from '../ports.ts';
import { writeWhole } from './write-whole.ts';

export class LineFile {
  readonly #file: Appender;
  #bytes: number;
  #spoilt: Failure | undefined;

  constructor(file: Appender, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  static open(disk: Disk, path: string): LineFile | Failure {
    const file = disk.append(path);
    return 'failed' in file ? file : new LineFile(file, disk.size(path) ?? 0);
  }

  /** Bytes of whole lines. */
  get bytes(): number {
    return this.#bytes;
  }

  append(line: Uint8Array): Failure | undefined {
    const failure = this.#spoilt ?? writeWhole(this.#file, line);
    if (!failure) this.#bytes += line.length;
    return failure;
  }

  /** As `append`, but not behind what a task or another program wrote or cut: the lines of both would be no ledger. */
  appendAlone(disk: Disk, line: Uint8Array): Failure | undefined {
    const size = disk.size(this.#file.path);
    // One that is gone is told by the next sync.
    if (size !== undefined && size !== this.#bytes)
      this.#spoilt ??= {
        failed: 'ESTALE',
        what: `write ${this.#file.path}: somebody else wrote to it or cut it`,
      };
    return this.append(line);
  }

  sync(): Failure | undefined {
    this.#spoilt ??= this.#file.sync();
    return this.#spoilt;
  }

  async syncLater(): Promise<Failure | undefined> {
    const failure = await this.#file.syncLater();
    this.#spoilt ??= failure;
    return this.#spoilt;
  }

  /** Cuts off what a write that failed has left, a piece of a line that was never acknowledged; whether lines may follow. */
  mend(disk: Disk): boolean {
    if (this.#spoilt) return false;
    const size = disk.size(this.#file.path);
    return size === this.#bytes || disk.truncate(this.#file.path, this.#bytes) === undefined;
  }

  close(): void {
    this.#file.close();
  }
}
