// What is in a file of a tree: read once, whole, while nobody writes to it; and remembered by how it looked, so that it is not read again.

import { hash as hashOf, createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { errorCode } from '../files.ts';
import { bytesOf, isSame, Rest, type Key, type Seen } from './tree.ts';

const PIECE_BYTES = 1_048_576;
/** A file that somebody is writing is read so often before it counts as not readable. */
const MOST_READS = 3;
const MOVING = 'it changes while it is read';

/** Takes what is read, piece by piece. */
export interface Taker {
  /** Of so many bytes in all; what was taken before of the same file is not valid. */
  begin(size: number): void;
  take(piece: Uint8Array): void;
}

export type Content = { readonly sum: string } | { readonly unread: string };

/** Undefined: it is gone. What the taker throws is thrown. */
export async function readContent(path: Key, taker?: Taker): Promise<Content | undefined> {
  const rest = new Rest();
  for (let nth = 0; nth < MOST_READS; nth += 1) {
    const file = opened(path);
    if (typeof file === 'string') return file === 'ENOENT' ? undefined : { unread: file };
    try {
      const sum = await readOpen(file, rest, taker);
      if (sum !== undefined) return { sum };
    } finally {
      closeSync(file);
    }
    await new Promise((resume) => setTimeout(resume, 1));
  }
  return { unread: MOVING };
}

/** A descriptor, or the system's word. */
function opened(path: Key): number | string {
  try {
    // Neither waits for the writer of a FIFO that took the file's place, nor follows a link that did.
    return openSync(bytesOf(path), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    const code = errorCode(error);
    return code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO' ? 'ENOENT' : code;
  }
}

/** Undefined: somebody wrote to it meanwhile. */
async function readOpen(file: number, rest: Rest, taker: Taker | undefined): Promise<string | undefined> {
  const before = fstatSync(file, { bigint: true });
  const size = Number(before.size);
  taker?.begin(size);
  const piece = Buffer.allocUnsafe(Math.min(size + 1, PIECE_BYTES));
  const first = filled(file, piece);
  taker?.take(piece.subarray(0, Math.min(first, size)));
  let sum: string;
  let bytes = first;
  if (first < piece.length) sum = hashOf('sha256', piece.subarray(0, first), 'hex');
  else {
    const hash = createHash('sha256').update(piece);
    for (let taken = filled(file, piece); taken > 0; taken = filled(file, piece)) {
      hash.update(piece.subarray(0, taken));
      taker?.take(piece.subarray(0, Math.max(0, Math.min(taken, size - bytes))));
      bytes += taken;
      await rest.ifDue();
    }
    sum = hash.digest('hex');
  }
  const after = fstatSync(file, { bigint: true });
  const isStill = before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs && bytes === size;
  return isStill ? sum : undefined;
}

function filled(file: number, piece: Buffer): number {
  let bytes = 0;
  while (bytes < piece.length) {
    const taken = readSync(file, piece, bytes, piece.length - bytes, null);
    if (taken === 0) break;
    bytes += taken;
  }
  return bytes;
}

/** Sums of files as they were when they were read; it lives as long as the run. */
export class Sums {
  readonly #known = new Map<Key, { readonly seen: Seen; readonly sum: string }>();

  of(path: Key, seen: Seen): string | undefined {
    const known = this.#known.get(path);
    return known && isSame(known.seen, seen) ? known.sum : undefined;
  }

  note(path: Key, seen: Seen, sum: string): void {
    this.#known.set(path, { seen, sum });
  }

  /** Of files that are not there any more. */
  forgetBut(paths: ReadonlyMap<Key, unknown>): void {
    for (const path of this.#known.keys()) if (!paths.has(path)) this.#known.delete(path);
  }
}
