// Writes to an output whose reader may be slow, asleep or gone. During a run nothing waits for somebody who reads:
// what cannot be written now is kept, up to a bound, and offered again; at the very end the reader gets a last chance.

import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { errorCode } from './files.ts';

/** More than this is not kept for a reader that takes nothing; what is left out is said when it reads on. */
const KEPT_LIMIT_BYTES = 16_777_216;
const OFFER_EVERY_MS = 50;
/** At the end, a reader that takes nothing for so long has gone. */
const LONGEST_BLOCK_MS = 5_000;
const LONGEST_NAP_MS = 16;

/** stdout and stderr may be one pipe: then their bytes stay in the order in which they were written. */
const PIPES = new Map<string, Pipe>();

export interface Writer {
  readonly write: (text: string) => void;
  /** Why something was lost: a full disk. A reader that has gone wanted no more, and loses nothing. */
  readonly failure: () => string | undefined;
  /** Nobody will read what is written from here on. */
  readonly isGone: () => boolean;
}

/** `mayWait`: for commands that only print, however much it is; the reader sets the pace. */
export function writerTo(fd: 1 | 2, mayWait: boolean): Writer {
  const name = nameOf(fd);
  const pipe = PIPES.get(name) ?? new Pipe(fd, mayWait);
  PIPES.set(name, pipe);
  return {
    write: (text) => pipe.write(Buffer.from(text)),
    failure: () => pipe.failure,
    isGone: () => pipe.isGone,
  };
}

class Pipe {
  failure: string | undefined;
  isGone = false;
  readonly #fd: number;
  readonly #mayWait: boolean;
  readonly #kept: Uint8Array[] = [];
  #bytes = 0;
  #leftOut = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #atEnd = (): void => this.#finish();

  constructor(fd: number, mayWait: boolean) {
    this.#fd = mayWait ? fd : withoutWaiting(fd);
    this.#mayWait = mayWait;
  }

  write(text: Uint8Array): void {
    if (this.#kept.length > 0 && this.#bytes + text.length > KEPT_LIMIT_BYTES) {
      this.#leftOut += text.length;
      return;
    }
    this.#keep(text);
    if (this.#timer !== undefined) return;
    this.#offer();
    if (this.#mayWait) this.#finish();
    else if (this.#kept.length > 0) this.#offerAgain();
  }

  #keep(text: Uint8Array): void {
    this.#kept.push(text);
    this.#bytes += text.length;
  }

  /** Whether anything was taken. */
  #offer(): boolean {
    const before = this.#bytes;
    for (let next = this.#kept[0]; next !== undefined; next = this.#kept[0]) {
      const taken = this.#take(next);
      this.#bytes -= taken;
      if (taken < next.length) {
        this.#kept[0] = next.subarray(taken);
        return this.#bytes < before;
      }
      this.#kept.shift();
      if (this.#kept.length === 0 && this.#leftOut > 0) this.#sayLeftOut();
    }
    return true;
  }

  /** Bytes that need not be offered again: of a reader that is gone, all. */
  #take(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EAGAIN') return 0;
      this.isGone = true;
      if (code !== 'EPIPE') this.failure ??= code;
      return bytes.length;
    }
  }

  #sayLeftOut(): void {
    this.#keep(
      Buffer.from(`\n[gate-run: ${this.#leftOut} bytes were left out here, because nobody read them]\n`),
    );
    this.#leftOut = 0;
  }

  #offerAgain(): void {
    process.on('beforeExit', this.#atEnd);
    this.#timer = setInterval(() => {
      this.#offer();
      if (this.#kept.length > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      process.off('beforeExit', this.#atEnd);
    }, OFFER_EVERY_MS);
    // A reader must not keep a run alive that is over; `beforeExit` comes then.
    this.#timer.unref();
  }

  #finish(): void {
    let napMs = 1;
    for (let blockedMs = 0; this.#kept.length > 0 && blockedMs < LONGEST_BLOCK_MS; blockedMs += napMs) {
      if (this.#offer()) [blockedMs, napMs] = [0, 1];
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, napMs);
      napMs = Math.min(LONGEST_NAP_MS, napMs * 2);
    }
  }
}

function nameOf(fd: number): string {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev} ${ino}`;
  } catch {
    return `closed ${fd}`;
  }
}

/**
 * A pipe is opened anew without waiting, because the flag of the inherited descriptor is shared with every sibling.
 * A socket cannot be opened anew; a file and a terminal need not be.
 */
function withoutWaiting(fd: number): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}
