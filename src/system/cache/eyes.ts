// How a pass sees the disk. One door, so that a test can show it a disk that lies.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs';
import { errorCode } from '../files.ts';
import type { FileState, Looks } from './rows.ts';

export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
}

export interface Eyes {
  /** Wall clock, milliseconds. */
  now(): number;
  /** The last time of a file's own that is known, by the clock of the disk; that may be another machine's, and behind. */
  diskNow(): number;
  /** Follows links; what the system tells, as it tells it, for who looks at thousands. `mode`: with the type. */
  glance(path: string): Looks | undefined;
  /** Follows links. */
  look(path: string): (Looks & { readonly state: FileState }) | undefined;
  /** Of a link itself: equal only where it was not made anew. */
  linkStamp(path: string): string;
  /** In no order; a word of the system where it cannot be read, undefined where there is none. */
  entries(folder: string): readonly Entry[] | string | undefined;
  /** SHA-256 of the content, and how the file looked before it was read; undefined where it is gone or cannot be read. */
  read(path: string): Generator<void, { readonly looks: Looks; readonly hash: string } | undefined>;
}

const CHUNK_BYTES = 4_194_304;

/** `ledger`: a file that a run under way keeps writing to. Without it nobody knows the clock of the disk. */
export function realEyes(ledger?: string): Eyes {
  const diskNow = () => (ledger === undefined ? undefined : look(ledger)?.mtimeMs) ?? Infinity;
  return { now: Date.now, diskNow, glance, look, linkStamp, entries, read };
}

const OR_NOTHING = { throwIfNoEntry: false } as const;

function glance(path: string): Looks | undefined {
  try {
    return statSync(path, OR_NOTHING);
  } catch {
    // A link in a circle, a name that is too long: nothing that could be read.
    return undefined;
  }
}

function look(path: string): ReturnType<Eyes['look']> {
  const seen = glance(path);
  if (seen === undefined) return undefined;
  const { size, mtimeMs, ctimeMs, ino, mode } = seen;
  return { size, mtimeMs, ctimeMs, ino, mode: mode & 0o777, state: stateOf(mode) };
}

/** Of a `mode` with its type. */
export function isRegular(mode: number): boolean {
  return (mode & constants.S_IFMT) === constants.S_IFREG;
}

function linkStamp(path: string): string {
  try {
    const { ctimeMs, ino } = lstatSync(path);
    return `${ctimeMs} ${ino}`;
  } catch (error) {
    return errorCode(error);
  }
}

function stateOf(mode: number): FileState {
  if (isRegular(mode)) return 'file';
  return (mode & constants.S_IFMT) === constants.S_IFDIR ? 'folder' : 'other';
}

function entries(folder: string): readonly Entry[] | string | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      kind: entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'file',
    }));
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : code;
  }
}

function* read(path: string): ReturnType<Eyes['read']> {
  const { createHash, hash: hashOf } = process.getBuiltinModule('node:crypto');
  let file: number | undefined;
  try {
    // Without NONBLOCK the opening of a FIFO waits for a writer.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size, mtimeMs, ctimeMs, ino, mode } = fstatSync(file);
    const looks = { size, mtimeMs, ctimeMs, ino, mode: mode & 0o777 };
    const piece = Buffer.allocUnsafe(Math.min(size + 1, CHUNK_BYTES));
    const first = fill(file, piece);
    // Most files are one piece, and hashing that in one call costs half.
    if (first < piece.length) return { looks, hash: hashOf('sha256', piece.subarray(0, first), 'hex') };
    const hash = createHash('sha256');
    for (let taken = first; taken > 0; taken = fill(file, piece)) {
      hash.update(piece.subarray(0, taken));
      yield;
    }
    return { looks, hash: hash.digest('hex') };
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function fill(file: number, piece: Buffer): number {
  let filled = 0;
  while (filled < piece.length) {
    const taken = readSync(file, piece, filled, piece.length - filled, null);
    if (taken === 0) break;
    filled += taken;
  }
  return filled;
}
