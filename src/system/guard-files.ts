// What stands at a path, with the sum of its bytes. Every look reads all of them: times can be set back, bytes cannot.

import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { Seen } from '../core/protect/changes.ts';
import { errorCode } from './files.ts';

export interface Look {
  readonly isGrowing: boolean;
  /** Bytes that a growing file had. */
  readonly upTo: number | undefined;
  /** A file that is larger is not read. */
  readonly most: number;
}

const PIECE_BYTES = 1_048_576;
const LONGEST_HOLD_MS = 20;
const PERMISSIONS = 0o7777n;
/** A file that somebody is writing is read so often before it counts as not readable. */
const MOST_READS = 3;

/** `whole`: absolute; `path`: what it is called. */
export async function lookAt(whole: string, path: string, how: Look): Promise<Seen> {
  try {
    const own = lstatSync(whole, { bigint: true });
    const link = own.isSymbolicLink() ? readlinkSync(whole) : undefined;
    const target = link === undefined ? own : targetOf(whole);
    const base = { path, mode: Number(own.mode & PERMISSIONS), ...(link !== undefined && { link }) };
    if (target?.isFile() !== true) {
      const kind = link !== undefined ? 'link' : own.isDirectory() ? 'folder' : 'other';
      return { ...base, kind, bytes: 0, sum: '' };
    }
    if (target.size > how.most)
      return { ...base, kind: 'unreadable', bytes: Number(target.size), sum: 'too large' };
    if (how.isGrowing) return { ...base, kind: 'growing', ...(await read(whole, how.upTo)) };
    const still = await readStill(whole);
    if (!still) return { ...base, kind: 'unreadable', bytes: 0, sum: 'it changes while it is read' };
    return { ...base, kind: link === undefined ? 'file' : 'link', ...still };
  } catch (error) {
    const code = errorCode(error);
    const kind = code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable';
    return { path, kind, bytes: 0, sum: kind === 'missing' ? '' : code, mode: 0 };
  }
}

type Sums = Pick<Seen, 'bytes' | 'sum' | 'prefix'>;

/** Half of what somebody is writing is no content: it is read again. */
async function readStill(whole: string): Promise<Sums | undefined> {
  for (let nth = 0; nth < MOST_READS; nth += 1) {
    const before = statSync(whole, { bigint: true });
    const sums = await read(whole, undefined);
    const after = statSync(whole, { bigint: true });
    const isStill =
      before.ino === after.ino && before.ctimeNs === after.ctimeNs && before.mtimeNs === after.mtimeNs;
    if (isStill && BigInt(sums.bytes) === after.size) return sums;
  }
  return undefined;
}

/** Facts of running tasks and signals are heard between two pieces. */
async function read(whole: string, upTo: number | undefined): Promise<Sums> {
  // Without NONBLOCK the opening of a FIFO that took the file's place waits for a writer.
  const file = openSync(whole, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw Object.assign(new Error('no file'), { code: 'ENOENT' });
    const hash = createHash('sha256');
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let prefix = upTo === 0 ? sumSoFar(hash) : undefined;
    let since = performance.now();
    for (let bytes = 0; ;) {
      const wanted = upTo !== undefined && upTo > bytes ? upTo - bytes : PIECE_BYTES;
      const taken = readSync(file, piece, 0, Math.min(wanted, PIECE_BYTES), null);
      if (taken === 0) return { bytes, sum: hash.digest('hex'), ...(prefix !== undefined && { prefix }) };
      hash.update(piece.subarray(0, taken));
      bytes += taken;
      if (bytes === upTo) prefix = sumSoFar(hash);
      if (performance.now() - since < LONGEST_HOLD_MS) continue;
      await new Promise((resume) => setImmediate(resume));
      since = performance.now();
    }
  } finally {
    closeSync(file);
  }
}

function sumSoFar(hash: Hash): string {
  return hash.copy().digest('hex');
}

function targetOf(whole: string): BigIntStats | undefined {
  try {
    return statSync(whole, { bigint: true });
  } catch {
    // A link that leads nowhere.
    return undefined;
  }
}
