// Folders of control groups, in whichever tree: whose they are by their name, who is in them, and their end.

import { readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode } from '../files.ts';
import { tryKill } from '../group.ts';
import { isAlive, processFacts } from '../proc.ts';

/** Namespace of its process ids, process id, when that was started, and which of its own: nobody else has this name in this boot. */
const OWN = /^gate-run\.(\d+)\.(\d+)\.(\d+)\.\d+$/;
/** A killed group empties within a few milliseconds; what has not after so many looks sits in the kernel. */
const EMPTY_LOOKS = 200;
const EMPTY_LOOK_MS = 5;
/** A task may have made groups of its own, so deep. */
const DEEPEST = 8;

let opened = 0;

/**
 * For a start that finds a run without an end: ends whatever is in its group, of this boot. A copy of a state directory names the group of the
 * original, which may be alive.
 */
export function endLeftUnit(folder: string): void {
  if (!isOfTheDead(basename(folder), pidNamespace())) return;
  killAll(folder);
  for (let looks = 0; looks < EMPTY_LOOKS && !remove(folder); looks++) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, EMPTY_LOOK_MS);
  }
}

/** What still runs in one is a matter of the next start of that state directory, whose ledger names the group. */
export function removeDeadIn(base: string): void {
  const here = pidNamespace();
  for (const name of readdirSync(base)) if (isOfTheDead(name, here)) remove(join(base, name));
}

/** Proved; what is of another namespace of process ids cannot be proved dead from here. */
function isOfTheDead(name: string, here: string): boolean {
  const [, namespace, pid, ticks] = OWN.exec(name) ?? [];
  return namespace === here && isAlive(Number(pid), Number(ticks)) === false;
}

/** Of a run's group, in whichever tree: it tells whose it is. */
export function ownName(): string {
  opened += 1;
  return `gate-run.${pidNamespace()}.${process.pid}.${processFacts('self')?.startTicks ?? 0}.${opened}`;
}

export function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
}

/** At once and all of them, also those that are being forked. */
export function killAll(folder: string): void {
  try {
    writeFileSync(join(folder, 'cgroup.kill'), '1');
  } catch {
    for (const pid of membersOf(folder)) tryKill(pid, 'SIGKILL');
  }
}

/** But gate-run itself. Those of other namespaces are told as 0, and cannot be named from here. */
export function membersOf(folder: string, depth = 0): readonly number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'latin1').split('\n').map(Number);
    return [
      ...own.filter((pid) => pid > 0 && pid !== process.pid),
      ...below(folder, depth).flatMap((name) => membersOf(name, depth + 1)),
    ];
  } catch {
    return [];
  }
}

/** From the deepest up; whether it is gone. */
export function remove(folder: string, depth = 0): boolean {
  for (const name of below(folder, depth)) remove(name, depth + 1);
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

function below(folder: string, depth: number): readonly string[] {
  if (depth >= DEEPEST) return [];
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}
