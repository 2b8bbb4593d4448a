// The log that all simulations of a rung share: under a heading of its own each says what it said, one after the other, however they ran side by side.

import { cutAt } from '../../core/cut-text.ts';
import { errorCode } from '../files.ts';
import type { AttemptLog } from '../log.ts';
import { bytesOf, eachChunk, writeWhole, type Scratch } from './scratch.ts';

/** Of a simulation's output so much is kept at least, however many there are. */
const LEAST_SHARE_BYTES = 4096;

export class RungLog {
  readonly #log: AttemptLog;
  readonly #shareBytes: number;
  readonly #failed: (code: string) => void;
  readonly #redact: (text: string) => string;
  #isBroken = false;

  constructor(
    log: AttemptLog,
    wishes: {
      readonly limitBytes: number;
      readonly planned: number;
      readonly failed: (code: string) => void;
      readonly redact: (text: string) => string;
    },
  ) {
    this.#log = log;
    this.#shareBytes = Math.max(LEAST_SHARE_BYTES, Math.floor(wishes.limitBytes / wishes.planned));
    this.#failed = wishes.failed;
    this.#redact = wishes.redact;
  }

  /** `=== seed 7: exit 3, 12 ms`, the line that it `said`, without secrets already, and what it wrote from `from` on, beginning and end where it is much. */
  tell(
    heading: string,
    outputs: readonly { readonly scratch: Scratch; readonly from: number }[],
    said?: string,
  ): void {
    if (this.#isBroken) return;
    try {
      const line = said === undefined ? '' : `${cutAt(said, this.#shareBytes)}\n`;
      this.#write(Buffer.from(`=== ${this.#redact(heading)}\n${line}`));
      for (const { scratch, from } of outputs) this.#copy(scratch, from);
    } catch (error) {
      // The simulations go on into their own files, so that none hangs; the attempt ends by this.
      this.#isBroken = true;
      this.#failed(errorCode(error));
    }
  }

  #copy(scratch: Scratch, from: number): void {
    const bytes = bytesOf(scratch) - from;
    if (bytes <= 0) return;
    const half = Math.floor(this.#shareBytes / 2);
    const isLong = bytes > this.#shareBytes;
    let last: Uint8Array = new Uint8Array(0);
    let left = isLong ? half : bytes;
    const take = (chunk: Uint8Array): void => {
      if (left <= 0) return;
      last = chunk.subarray(0, left);
      left -= last.length;
      this.#write(last);
    };
    // A long one is read no further than it is kept.
    eachChunk(scratch, from, take, () => left > 0);
    if (isLong) {
      this.#write(Buffer.from(`\n… ${bytes - 2 * half} bytes are left out …\n`));
      left = half;
      eachChunk(scratch, from + bytes - half, take, () => left > 0);
    }
    if (last.at(-1) !== NEWLINE) this.#write(Buffer.from('\n'));
  }

  #write(bytes: Uint8Array): void {
    writeWhole(this.#log.fd, bytes);
  }
}

const NEWLINE = 10;
