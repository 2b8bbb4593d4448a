// Logs that were not looked through for tokens when their attempts ended: long ones, which nobody was to wait for, and those that a
// dead run left. A list beside them names them until somebody has looked.

import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { realDisk } from './files.ts';
import { masking } from './mask.ts';
import { appendOwn } from './own-file.ts';

const LIST = 'uncovered';
/** What is being looked through; it stays until that is done. */
const TAKEN = 'uncovered.taken';
/** A folder of a cycle and a log in it, never a way out of the cycles' folder. */
const ENTRY = /^\d{6,15}(?:-[a-z]+)?\/[^/]+\.log$/;
const LISTED_BYTES = 1_048_576;
/** So much is looked through in one go: about a millisecond. */
const STEPS_AT_ONCE = 16;

/** A disk that takes no line more takes no run either; that is told elsewhere. */
export function noteUncovered(log: string): void {
  const folder = dirname(log);
  try {
    appendOwn(join(dirname(folder), LIST), `${basename(folder)}/${basename(log)}\n`, 0o600);
  } catch {
    // Nothing that reads a log shows what stands in it uncovered.
  }
}

/** Every log of the newest cycle: what was under way when a run died ended without being looked at. */
export function noteNewest(cycles: string): void {
  const folders = realDisk()
    .list(cycles)
    .filter((name) => /^\d{6,15}(?:-[a-z]+)?$/.test(name));
  const newest = folders.toSorted().at(-1)?.replace(/-.*$/, '');
  for (const folder of folders.filter((name) => name.replace(/-.*$/, '') === newest))
    for (const name of realDisk().list(join(cycles, folder)))
      if (name.endsWith('.log')) noteUncovered(join(cycles, folder, name));
}

export function hasUncovered(cycles: string): boolean {
  return [LIST, TAKEN].some((name) => existsSync(join(cycles, name)));
}

/** Looks them through, one after another, in small steps. Whoever holds the lock calls it. */
export async function coverNoted(cycles: string): Promise<void> {
  const taken = listed(cycles);
  const text = taken.map((entry) => `${entry}\n`).join('');
  const failed = realDisk().replace(join(cycles, TAKEN), new TextEncoder().encode(text), false);
  if (!failed) realDisk().remove(join(cycles, LIST));
  for (const entry of taken) await cover(join(cycles, entry));
  realDisk().remove(join(cycles, TAKEN));
}

/** The same beside a run, whose list stays as it is. */
export async function coverBeside(cycles: string): Promise<void> {
  for (const entry of listed(cycles)) await cover(join(cycles, entry));
}

function listed(cycles: string): readonly string[] {
  return [...new Set([TAKEN, LIST].flatMap((name) => linesOf(join(cycles, name))))];
}

async function cover(path: string): Promise<void> {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) return;
    let steps = 0;
    for (const _ of masking({ fd, path }, 0)) {
      steps += 1;
      if (steps % STEPS_AT_ONCE === 0) await pause();
    }
  } catch {
    // It is gone, or cannot be written: nobody can cover it then.
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function linesOf(list: string): readonly string[] {
  try {
    const fd = openSync(list, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const text = readFileSync(fd, 'utf8').slice(0, LISTED_BYTES);
      return text.split('\n').filter((line) => ENTRY.test(line));
    } finally {
      closeSync(fd);
    }
  } catch {
    return [];
  }
}
