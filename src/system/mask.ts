// Tokens out of a log that its command wrote itself: each is covered in place, so that no reader's offset moves. It knows shapes only;
// where values have to be hidden, a pump has done it before.

import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { ShapeMask } from '../core/judge/shape-mask.ts';

/** A file that is open for reading. */
export interface OpenLog {
  readonly fd: number;
  readonly path: string;
}

/** One for all: whatever is read here is read in one go. */
const CHUNK = new Uint8Array(65_536);

/** From `from` to the end of the file. Throws where the disk does. */
export function maskFrom(log: OpenLog, from: number): void {
  for (const _ of masking(log, from));
}

/** The same in steps, for whoever has something else to do between them. */
export function* masking(log: OpenLog, from: number): Generator<void> {
  let writing: number | undefined;
  const mask = new ShapeMask((at, bytes) => {
    writing ??= writable(log);
    writeAt(writing, bytes, from + at);
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

/** The descriptor of a log appends wherever it is told to write. The same file is opened by it, since its path may be another's by now. */
function writable({ fd, path }: OpenLog): number {
  if (process.platform === 'linux') return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY);
  const opened = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const [wanted, found] = [fstatSync(fd), fstatSync(opened)];
  if (wanted.ino === found.ino && wanted.dev === found.dev) return opened;
  closeSync(opened);
  throw Object.assign(new Error('the log is not at its place any more'), { code: 'ESTALE' });
}

function writeAt(fd: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length;) {
    const taken = writeSync(fd, bytes, written, bytes.length - written, at + written);
    if (taken === 0) throw Object.assign(new Error('nothing was taken'), { code: 'EIO' });
    written += taken;
  }
}
