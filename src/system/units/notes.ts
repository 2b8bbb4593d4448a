// What those who start commands inside of something note down about it: one file without a name for a whole run, read from where the
// last reading ended.

import { closeSync, constants, ftruncateSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of one start. */
export interface Note {
  /** It came as far as the command. */
  isStarted: boolean;
  left: number;
}

const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
const CHUNK_BYTES = 4_096;

let count = 0;

export class Notes {
  readonly fd: number;
  readonly #live: Map<number, Note> = new Map<number, Note>();
  readonly #chunk: Buffer = Buffer.alloc(CHUNK_BYTES);
  #number = 0;
  #seen = 0;
  #rest = '';

  /** Throws what the system says. */
  constructor() {
    const path = join(tmpdir(), `gate-run-notes.${process.pid}.${Date.now()}.${(count += 1)}`);
    this.fd = openSync(path, OPEN_FLAGS, 0o600);
    unlinkSync(path);
  }

  /** The number that a start notes down about itself under. */
  begin(): number {
    this.#number += 1;
    this.#live.set(this.#number, { isStarted: false, left: 0 });
    return this.#number;
  }

  /** Once nobody notes anything about it any more. */
  end(number: number): Note {
    this.#read();
    const note = this.#live.get(number);
    this.#live.delete(number);
    if (this.#live.size === 0) this.#forget();
    return note ?? { isStarted: false, left: 0 };
  }

  close(): void {
    closeSync(this.fd);
  }

  #read(): void {
    for (;;) {
      const taken = readSync(this.fd, this.#chunk, 0, CHUNK_BYTES, this.#seen);
      if (taken === 0) return;
      this.#seen += taken;
      const lines = `${this.#rest}${this.#chunk.toString('latin1', 0, taken)}`.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    const [number, word, amount] = line.split(' ');
    const note = this.#live.get(Number(number));
    if (!note) return;
    if (word === 'started') note.isStarted = true;
    if (word === 'left') note.left = Number(amount);
  }

  /** Nobody writes. */
  #forget(): void {
    if (this.#seen < CHUNK_BYTES) return;
    ftruncateSync(this.fd);
    this.#seen = 0;
    this.#rest = '';
  }
}
