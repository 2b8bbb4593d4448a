// What `changed` compares: one sum over names and contents of all files that match. It keeps nothing; the ledger does.

import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { filesOf } from './walk.ts';

/** All files of one condition together; reading more would take longer than most tasks do. */
const COMPARED_LIMIT_BYTES = 1_073_741_824;
const CHUNK_BYTES = 1_048_576;
const LONGEST_HOLD_MS = 20;

/**
 * Undefined where nothing can be compared, so that the task runs: no file matches, they are too many or too large, or one of
 * them is no regular file or cannot be read. `before` is the sum of an earlier condition of the same task.
 */
export async function inputsOf(
  folder: string,
  globs: readonly string[],
  before: string | undefined,
): Promise<string | undefined> {
  const files = await filesOf(folder, globs);
  if ('unlisted' in files || files.length === 0) return undefined;
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  const sum = crc32(`${globs.join('\0')}\0${before ?? ''}`);
  const summed = { sum, left: COMPARED_LIMIT_BYTES, since: performance.now() };
  for (const path of files) {
    summed.sum = crc32(`\0${path}\0`, summed.sum);
    if (!(await addFile(resolve(folder, path), summed, buffer))) return undefined;
  }
  return `${files.length}-${summed.sum.toString(16).padStart(8, '0')}`;
}

interface Summed {
  sum: number;
  /** Bytes that may still be read. */
  left: number;
  /** When others were last heard. */
  since: number;
}

async function addFile(path: string, summed: Summed, buffer: Buffer): Promise<boolean> {
  let fd: number | undefined;
  try {
    // Without NONBLOCK the opening of a FIFO waits for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > summed.left) return false;
    for (;;) {
      const taken = readSync(fd, buffer, 0, buffer.length, null);
      if (taken === 0) return true;
      summed.left -= taken;
      if (summed.left < 0) return false;
      summed.sum = crc32(buffer.subarray(0, taken), summed.sum);
      await breathe(summed);
    }
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Facts of running tasks and signals are heard between two pieces, also of many small files. */
async function breathe(summed: Summed): Promise<void> {
  if (performance.now() - summed.since < LONGEST_HOLD_MS) return;
  await new Promise((resume) => setImmediate(resume));
  summed.since = performance.now();
}
