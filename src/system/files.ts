// The real disk, for everything that has to survive: synchronous, short writes told as they are, failures as values.
// It repeats nothing and mends nothing; that is for the caller, who knows what a byte is worth.

import {
  closeSync,
  existsSync,
  fchmodSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Appender, Disk, Entry, Failure } from '../ports.ts';
import { isFolder, size, weigh } from './sizes.ts';
import { behindLink, standInOf } from './stand-in.ts';

export function realDisk(): Disk {
  return {
    read,
    readFrom,
    size,
    list,
    look,
    makeFolder,
    append,
    truncate,
    replace,
    rename,
    remove,
    syncFolder,
    removeFolder,
    point,
    weigh,
  };
}

/** Stands where the system has no word: then it was not the system. */
export const UNKNOWN_CODE = 'EUNKNOWN';

/** A failure on its way up through code that throws; whoever catches it knows no better what failed. */
export class Failed extends Error {
  readonly code: string;
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.what);
    this.code = failure.failed;
    this.failure = failure;
  }
}

/** The system's word for what was thrown. */
export function failure(error: unknown, what: string): Failure {
  return error instanceof Failed ? error.failure : { failed: errorCode(error), what };
}

export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : UNKNOWN_CODE;
}

function read(path: string): Uint8Array | undefined | Failure {
  try {
    return irregular(path) ?? readFileSync(path);
  } catch (error) {
    return isMissing(error) ? undefined : failure(error, `read ${path}`);
  }
}

function readFrom(path: string, offset: number, length: number): Uint8Array | undefined | Failure {
  let fd: number | undefined;
  try {
    const wrong = irregular(path);
    if (wrong) return wrong;
    fd = openSync(path, 'r');
    // No more room than there are bytes: the whole of a small file is asked for in large pieces.
    const room = Math.max(0, Math.min(length, fstatSync(fd).size - offset));
    const bytes = new Uint8Array(room);
    let filled = 0;
    while (filled < room) {
      const taken = readSync(fd, bytes, filled, room - filled, offset + filled);
      if (taken === 0) break;
      filled += taken;
    }
    return bytes.subarray(0, filled);
  } catch (error) {
    return isMissing(error) ? undefined : failure(error, `read ${path}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function look(path: string): Entry | undefined {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return undefined;
    const kind = found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'folder'
        : found.isSymbolicLink()
          ? 'link'
          : 'other';
    return { kind, bytes: found.size, changedMs: found.mtimeMs };
  } catch {
    return undefined;
  }
}

/** By a rename, so that there is always one; what is no link was put there by somebody. */
function point(path: string, target: string): Failure | undefined {
  const before = look(path);
  if (before && before.kind !== 'link') return { failed: 'EEXIST', what: `${path} is no link` };
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  return attempt(`link ${path}`, () => {
    rmSync(temporary, { force: true });
    symlinkSync(target, temporary);
    renameSync(temporary, path);
  });
}

function makeFolder(path: string): Failure | undefined {
  return attempt(`make folder ${path}`, () => makeFolders(path));
}

/** With all above it; throws. Node's own way goes round for ever where a folder that is there answers ENOENT, as /proc does. */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolders(above);
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else may have made it in between.
    if (!isFolder(path)) throw error;
  }
}

interface Suffered {
  readonly mayBeLink?: boolean;
  readonly mayBeDevice?: boolean;
}

/** A pipe would block for ever, a device be replaced, a link lead anywhere; a folder is told by the system itself. */
function irregular(
  path: string,
  { mayBeLink = true, mayBeDevice = false }: Suffered = {},
): Failure | undefined {
  const stat = (mayBeLink ? statSync : lstatSync)(path, { throwIfNoEntry: false });
  if (!stat || stat.isFile() || stat.isDirectory()) return undefined;
  if (mayBeDevice && stat.isCharacterDevice()) return undefined;
  return { failed: 'EINVAL', what: `${path}: something that is no regular file stands there` };
}

function append(path: string, mayBeLink = true): Appender | Failure {
  try {
    const wrong = irregular(path, { mayBeLink, mayBeDevice: true });
    if (wrong) return wrong;
    const isNew = !existsSync(path);
    return appender(path, openSync(path, 'a', 0o644), isNew);
  } catch (error) {
    return failure(error, `open ${path}`);
  }
}

function appender(path: string, fd: number, isNew: boolean): Appender {
  // A new file is durable only when its folder is; that is asked for once, with the first sync.
  let folderPending = isNew;
  let open = true;
  const folderSynced = (): Failure | undefined => {
    const failed = folderPending ? syncFolder(dirname(path)) : undefined;
    folderPending = failed !== undefined;
    return failed;
  };
  /** A file that a task removed takes bytes and syncs them, and keeps none. */
  const missing = (): Failure | undefined => {
    if (fstatSync(fd).nlink > 0) return undefined;
    return { failed: 'ESTALE', what: `sync ${path}: it was removed while it was in use` };
  };
  const sync = (): Failure | undefined =>
    attempt(`sync ${path}`, () => fdatasyncSync(fd)) ?? missing() ?? folderSynced();
  return {
    path,
    write: (bytes) => {
      try {
        const taken = writeSync(fd, bytes);
        return taken === 0 && bytes.length > 0
          ? { failed: 'EIO', what: `write ${path}: took no byte` }
          : taken;
      } catch (error) {
        return failure(error, `write ${path}`);
      }
    },
    sync,
    // In this thread, once the first child is started: the asynchronous call would start a pool of four threads
    // before it, which costs more than the sync. One that is closed by then has nothing to tell.
    syncLater: () => new Promise((resolve) => setImmediate(() => resolve(open ? sync() : undefined))),
    close: () => {
      if (!open) return;
      open = false;
      attempt(`close ${path}`, () => closeSync(fd));
    },
  };
}

function truncate(path: string, bytes: number): Failure | undefined {
  return withFile(path, 'r+', `cut ${path}`, (fd) => {
    ftruncateSync(fd, bytes);
    fsyncSync(fd);
  });
}

function replace(path: string, bytes: Uint8Array, durable: boolean): Failure | undefined {
  const target = behindLink(path);
  const wrong = irregular(target);
  if (wrong) return wrong;
  const temporary = standInOf(target);
  const failed =
    withFile(temporary, 'w', `write ${target}`, (fd) => {
      keepMode(target, fd);
      writeAll(fd, bytes);
      if (durable) fsyncSync(fd);
    }) ?? rename(temporary, target);
  if (failed !== undefined) {
    attempt('', () => rmSync(temporary, { force: true }));
    return failed;
  }
  return durable ? syncFolder(dirname(target)) : undefined;
}

function rename(from: string, to: string): Failure | undefined {
  return attempt(`rename ${from} to ${to}`, () => renameSync(from, to));
}

function remove(path: string): void {
  // A file, never a folder: where a folder stands instead, somebody put it there.
  attempt('', () => rmSync(path, { force: true }));
}

function removeFolder(path: string): Failure | undefined {
  return attempt(`remove folder ${path}`, () => rmSync(path, { recursive: true, force: true }));
}

function keepMode(path: string, fd: number): void {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined) fchmodSync(fd, before.mode);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    const taken = writeSync(fd, bytes, written);
    if (taken === 0) throw Object.assign(new Error('took no byte'), { code: 'EIO' });
    written += taken;
  }
}

function syncFolder(path: string): Failure | undefined {
  return withFile(path, 'r', `sync folder ${path}`, (fd) => fsyncSync(fd));
}

function withFile(path: string, flags: string, what: string, use: (fd: number) => void): Failure | undefined {
  return attempt(what, () => {
    const fd = openSync(path, flags, 0o644);
    try {
      use(fd);
    } finally {
      closeSync(fd);
    }
  });
}

function attempt(what: string, deed: () => unknown): Failure | undefined {
  try {
    deed();
    return undefined;
  } catch (error) {
    return failure(error, what);
  }
}

function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}
