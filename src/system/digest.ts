// The SHA-256 of a file, read in pieces, so that a large one costs no memory.

import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1_048_576;

/** Hexadecimal; undefined where there is no file, or it cannot be read. */
export function digestOf(path: string): string | undefined {
  let file: number;
  try {
    // Without NONBLOCK the opening of a FIFO waits for a writer, and everything else with it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    return fstatSync(file).isFile() ? sumOf(file) : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function sumOf(file: number): string {
  const hash = createHash('sha256');
  const piece = new Uint8Array(PIECE_BYTES);
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece))
    hash.update(piece.subarray(0, read));
  return hash.digest('hex');
}

/** Of what is in memory already: `sha256:…`. */
export function sumOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
