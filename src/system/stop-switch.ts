// The hand on the kill switch: puts the stop file there, and takes it away. Whether a run sees it is for others to find out.

import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';
import type { Failure } from '../ports.ts';
import { errorCode, failure, makeFolders } from './files.ts';
import { standInOf } from './stand-in.ts';

/** Where no byte can be written any more, a name often still can; and an empty file is a stop too. */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** Whole or not at all, with the folders above it. A link that stands there is replaced itself, never followed. */
export function putStop(path: string, text: string): Failure | undefined {
  const temporary = standInOf(path);
  try {
    makeFolders(dirname(path));
    rmSync(temporary, { force: true });
    write(temporary, text);
    renameSync(temporary, path);
    return undefined;
  } catch (error) {
    removeQuietly(temporary);
    return NO_ROOM.has(errorCode(error)) ? putEmpty(path) : failure(error, `write ${path}`);
  }
}

function write(path: string, text: string): void {
  const fd = openSync(path, 'wx', 0o644);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function putEmpty(path: string): Failure | undefined {
  try {
    closeSync(openSync(path, 'wx', 0o644));
    return undefined;
  } catch (error) {
    return errorCode(error) === 'EEXIST' ? undefined : failure(error, `write ${path}`);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What could not be made cannot be removed either.
  }
}

/** `full`: a folder stands there, and things are in it that are nobody's to remove. */
export function takeStop(path: string): 'taken' | 'nothing' | 'full' | Failure {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return 'nothing';
    if (stat.isDirectory()) rmdirSync(path);
    else unlinkSync(path);
    return 'taken';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return 'nothing';
    return code === 'ENOTEMPTY' || code === 'EEXIST' ? 'full' : failure(error, `remove ${path}`);
  }
}

/** For whoever finds the file in the morning. */
export function whoAsks(): string {
  return `${userName()} on ${hostname()}, process ${process.pid}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
