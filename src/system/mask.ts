// Tokens out of a log that its command wrote itself: each is covered in place, so that no reader's offset moves. It knows shapes only;
// where values have to be hidden, a pump has done it before.

import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { ShapeMask } from '../core/judge/shape-mask.ts';
import { errorCode } from './files.ts';

/** A file that is open for reading. */
export interface OpenLog {
  readonly fd: number;
  readonly path: string;
}

/** One for all: whatever is read here is read in one go. */
const CHUNK = new Uint8Array(65_536);

/** What begins so far before a place reaches over it at most. */
export const TOKEN_BYTES = 20_480;

/** What reaches over a place, before a cut there would leave halves of it. Throws where the disk does. */
export function maskAcross(log: OpenLog, place: number): void {
  const steps = masking(log, Math.max(0, place - TOKEN_BYTES));
  // One goes further than any token.
  steps.next();
  steps.return(undefined);
}

/** From `from` to the end of the file. Throws where the disk does. */
export function maskFrom(log: OpenLog, from: number): void {
  for (const _ of masking(log, from));
}

/** The same in steps, for whoever has something else to do between them. */
export function* masking(log: OpenLog, from: number): Generator<void> {
  let writing: number | undefined;
  const mask = new ShapeMask((at, bytes) => {
    writing ??= writable(log);
    if (writing !== undefined) writeAt(writing, bytes, from + at);
  });
  try {
    for (let at = from; ;) {
      const read = readSync(log.fd, CHUNK, 0, CHUNK.length, at);
      if (read === 0) break;
      mask.push(CHUNK.subarray(0, read));
      at += read;
      yield;
    }
    mask.end();
  } finally {
    if (writing !== undefined) closeSync(writing);
  }
}

/**
 * The descriptor of a log appends wherever it is told to write, and its path may be another's by now: the same file is opened by either.
 * Undefined: it was taken away, and nobody finds it again.
 */
function writable({ fd, path }: OpenLog): number | undefined {
  const wanted = fstatSync(fd);
  for (const place of [`/proc/self/fd/${fd}`, path]) {
    const opened = openThere(place, place === path);
    if (opened === undefined) continue;
    const found = fstatSync(opened);
    if (found.ino === wanted.ino && found.dev === wanted.dev) return opened;
    closeSync(opened);
  }
  return undefined;
}

/** Nothing there, a link or a pipe without a reader: not the log. */
const NOT_IT: ReadonlySet<string> = new Set(['ENOENT', 'ELOOP', 'ENXIO', 'EISDIR']);

function openThere(place: string, isNoLink: boolean): number | undefined {
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    return openSync(place, isNoLink ? O_WRONLY | O_NOFOLLOW | O_NONBLOCK : O_WRONLY);
  } catch (error) {
    if (NOT_IT.has(errorCode(error))) return undefined;
    throw error;
  }
}

function writeAt(fd: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length;) {
    const taken = writeSync(fd, bytes, written, bytes.length - written, at + written);
    if (taken === 0) throw Object.assign(new Error('nothing was taken'), { code: 'EIO' });
    written += taken;
  }
}
