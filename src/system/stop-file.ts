// The kill switch: whether something stands at a path, told as a fact, and how a person puts it there or takes it away.
// It ends nothing itself, and nothing here ever removes a stop by its own will.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  watch,
  type FSWatcher,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Inbox } from '../ports.ts';
import { errorCode } from './files.ts';

/** The guarantee is 250 ms; the rest is for the carousel, which hears facts at least every 50 ms. */
const LOOK_EVERY_MS = 200;
/** More of the file is never read: its first word is all that counts. */
const READ_BYTES = 64;
/** So often watching may fail, where the system has no watch left, before looking alone has to do. */
const MOST_WATCH_FAILURES = 10;

export interface Stop {
  /** The file's first word is `now`. */
  readonly now: boolean;
  /** What stands there when it is no plain file, in words for people; or why nobody can tell. */
  readonly oddity?: string;
  /** Nobody can tell whether anything stands there. */
  readonly isBlind?: true;
}

export interface StopWatch {
  /** At once, and cheap while nothing is there. */
  look(): void;
  close(): void;
}

export interface StopWishes {
  readonly path: string;
  /** Hears of a change at once too; what is looked at every 200 ms stays the guarantee. */
  readonly isQuick: boolean;
}

/** Puts one fact when something stands at the path, and another one if it says `now`, then or later. */
export function watchStopFile({ path, isQuick }: StopWishes, inbox: Inbox): StopWatch {
  let told: 'nothing' | 'stop' | 'now' = 'nothing';
  const quick = isQuick ? quickWatch(path, () => look()) : undefined;
  const look = (): void => {
    if (told === 'now') return;
    const stop = stopAt(path);
    if (!stop || (told === 'stop' && !stop.now)) return;
    told = stop.now ? 'now' : 'stop';
    inbox.put({ type: 'stop.seen', by: 'file', path, now: stop.now });
  };
  const timer = setInterval(() => {
    look();
    quick?.renew();
  }, LOOK_EVERY_MS);
  timer.unref();
  quick?.renew();
  return {
    look,
    close: () => {
      clearInterval(timer);
      quick?.close();
    },
  };
}

/** Anything at the path is a stop, a dangling link too; and a switch that nobody can look at must not be run past. */
export function stopAt(path: string): Stop | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return undefined;
    if (stat.isDirectory()) return { now: false, oddity: 'a folder' };
    if (stat.isSymbolicLink() && !isThere(path)) return { now: false, oddity: 'a link that leads nowhere' };
    return { now: firstWord(path) === 'now' };
  } catch (error) {
    const code = errorCode(error);
    // Below a file there can be nothing.
    if (code === 'ENOTDIR') return undefined;
    return { now: false, oddity: `something that cannot be looked at (${code})`, isBlind: true };
  }
}

/** A file with words of its own in it may be anything; what `gate-run stop` made, and what is empty, is a stop file and no more. */
export function isForeign(path: string): boolean {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size === 0) return false;
  } catch {
    return false;
  }
  const word = firstWord(path);
  return word !== 'stop' && word !== 'now';
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Undefined where it cannot be read; a pipe or a device is not waited for. */
function firstWord(path: string): string | undefined {
  let fd: number | undefined;
  try {
    if (!statSync(path).isFile()) return undefined;
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return undefined;
    const bytes = new Uint8Array(READ_BYTES);
    const length = readSync(fd, bytes);
    return new TextDecoder().decode(bytes.subarray(0, length)).trim().split(/\s/)[0]?.toLowerCase();
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

interface QuickWatch {
  /** Begins to watch where it does not, or where another folder stands in the old one's place by now. */
  renew(): void;
  close(): void;
}

/** On the folder: a watch on a file that is not there yet cannot be had, and one on a folder that was replaced is silent for ever. */
function quickWatch(path: string, changed: () => void): QuickWatch {
  const folder = dirname(path);
  const name = basename(path);
  let watcher: FSWatcher | undefined;
  let watched: string | undefined;
  let failures = 0;
  const close = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const begin = (): void => {
    try {
      watcher = watch(folder, { persistent: false }, (_, file) => {
        if (file === null || file === name) changed();
      });
      watcher.on('error', () => {
        failures += 1;
        close();
      });
    } catch {
      failures += 1;
    }
  };
  const renew = (): void => {
    if (failures >= MOST_WATCH_FAILURES) return;
    const there = folderId(folder);
    if (watcher !== undefined && there === watched) return;
    close();
    watched = there;
    if (there === undefined) return;
    begin();
    // What came between the last look and this watch is seen by nobody else.
    changed();
  };
  return { renew, close };
}

/** With its birth: the number of a folder that was removed is given to the next one at once. */
function folderId(folder: string): string | undefined {
  try {
    const stat = statSync(folder, { throwIfNoEntry: false });
    return stat?.isDirectory() === true ? `${stat.ino} ${stat.birthtimeMs}` : undefined;
  } catch {
    return undefined;
  }
}
