// One attempt's log on disk: opened with its header line, written by the child, measured and bounded at the end.
// A file that stayed silent is handed to the next attempt by rename, because creating one costs ninety times as much.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  readSync,
  renameSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Failure } from '../ports.ts';
import { errorCode, failure } from './files.ts';
import { openAnew } from './own-file.ts';
import { removeFile } from './temporary.ts';

export interface AttemptLog {
  readonly path: string;
  /** Append-only for the child, readable for the end. */
  readonly fd: number;
  readonly header: Uint8Array;
}

export interface LogShelf {
  /** `mayReuse`: no evidence is read from this output, so a stray writer of an earlier attempt could forge none. */
  open(path: string, header: string, mayReuse: boolean): AttemptLog | Failure;
  /** Only for a log that holds nothing but its header. */
  shelve(log: AttemptLog): void;
  /** Removes what is on the shelf: silent logs leave no file. */
  clear(): void;
}

/** More silent files than this are removed at once; about as many are wanted as attempts run side by side. */
const SHELF_LIMIT = 64;
const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND;

export function logShelf(): LogShelf {
  const spare: AttemptLog[] = [];
  let isHooked = false;
  const clear = (): void => {
    process.off('exit', clear);
    isHooked = false;
    for (const log of spare.splice(0)) removeLog(log);
  };
  return {
    clear,
    open: (path, header, mayReuse) => {
      const bytes = Buffer.from(`${header}\n`);
      try {
        const found = mayReuse ? reuse(spare.pop(), path) : undefined;
        const log = { path, fd: found ?? create(path), header: bytes };
        return writeHeader(log);
      } catch (error) {
        return failure(error, `open log ${path}`);
      }
    },
    shelve: (log) => {
      if (spare.length >= SHELF_LIMIT) {
        removeLog(log);
        return;
      }
      spare.push(log);
      if (!isHooked) process.once('exit', clear);
      isHooked = true;
    },
  };
}

/** Where stderr goes when a task reads it apart: beside the log. */
export function stderrLog(path: string): string {
  return path.replace(/(?:\.log)?$/, '.stderr.log');
}

/** What a log holds at the end. */
export interface Measure {
  /** Without the header. */
  readonly bytes: number;
  /** The header is gone: the task truncated its own log. */
  readonly emptied: boolean;
  /** The file is gone, though its bytes can still be read here: the task removed it. */
  readonly removed: boolean;
}

export function measure(log: AttemptLog): Measure {
  const { size, nlink } = fstatSync(log.fd);
  const head = Buffer.allocUnsafe(log.header.length);
  const read = size < head.length ? 0 : readSync(log.fd, head, 0, head.length, 0);
  const emptied = read < head.length || !head.equals(log.header);
  return { bytes: emptied ? size : size - head.length, emptied, removed: nlink === 0 };
}

/** Asked while the attempt runs, so a disk that fails here must not end anything; its end will tell. */
export function sizeOf(log: AttemptLog): number {
  try {
    return fstatSync(log.fd).size;
  } catch {
    return 0;
  }
}

/** The last `limit` bytes of output, never the header. */
export function tailOf(log: AttemptLog, { bytes, emptied }: Measure, limit: number): Buffer {
  const length = Math.min(bytes, limit);
  const buffer = Buffer.allocUnsafe(length);
  const start = (emptied ? 0 : log.header.length) + bytes - length;
  let filled = 0;
  while (filled < length) {
    const read = readSync(log.fd, buffer, filled, length - filled, start + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}

export function closeLog(log: AttemptLog): void {
  closeSync(log.fd);
}

export function removeLog(log: AttemptLog): void {
  closeSync(log.fd);
  removeFile(log.path);
}

/** Bytes free on the log's disk, and its size. */
export function freeSpace(path: string): { readonly free: number; readonly total: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(dirname(path));
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined;
  }
}

function create(path: string): number {
  try {
    return openAnew(path, OPEN_FLAGS);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(path), { recursive: true });
    return openAnew(path, OPEN_FLAGS);
  }
}

function reuse(spare: AttemptLog | undefined, path: string): number | undefined {
  if (spare === undefined) return undefined;
  try {
    renameIntoPlace(spare.path, path);
    ftruncateSync(spare.fd, 0);
    return spare.fd;
  } catch {
    removeLog(spare);
    return undefined;
  }
}

function renameIntoPlace(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
}

/** A short count means a full disk: no attempt begins whose log cannot even name it. */
function writeHeader(log: AttemptLog): AttemptLog | Failure {
  try {
    const taken = writeSync(log.fd, log.header);
    if (taken === log.header.length) return log;
  } catch (error) {
    removeLog(log);
    return failure(error, `write log ${log.path}`);
  }
  removeLog(log);
  return { failed: 'ENOSPC', what: `write log ${log.path}` };
}
