// A part of a file that may be large or still growing: its end, or what came since. Missing and unreadable are values.

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

export interface Part {
  readonly bytes: Uint8Array;
  /** Offset of the first of them. */
  readonly from: number;
  /** Size of the file when it was read. */
  readonly size: number;
}

/** The last `limit` bytes. */
export function readEnd(path: string, limit: number): Part | undefined {
  return open(path, (size) => Math.max(0, size - limit), limit);
}

/** Up to `limit` bytes from `offset`; nothing when the file is shorter by now. */
export function readFrom(path: string, offset: number, limit: number): Part | undefined {
  return open(path, (size) => Math.min(offset, size), limit);
}

function open(path: string, start: (size: number) => number, limit: number): Part | undefined {
  let fd: number | undefined;
  try {
    // A pipe in a log's place would be waited for.
    if (!statSync(path).isFile()) return undefined;
    fd = openSync(path, 'r');
    const { size } = fstatSync(fd);
    const from = start(size);
    const buffer = Buffer.allocUnsafe(Math.min(limit, size - from));
    let filled = 0;
    while (filled < buffer.length) {
      const read = readSync(fd, buffer, filled, buffer.length - filled, from + filled);
      if (read === 0) break;
      filled += read;
    }
    return { bytes: buffer.subarray(0, filled), from, size };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
