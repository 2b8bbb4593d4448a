// One run per state directory: the kernel's lock on `lock.db`, freed when its holder dies in whatever way, and `owner.json` for people.

import { accessSync, constants, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { Failure } from '../ports.ts';
import { failure, makeFolders, realDisk } from './files.ts';
import { kernelLock, type KernelLock } from './kernel-lock.ts';
import { bootId, isAlive, processFacts } from './proc.ts';

/** Who holds the lock, as `owner.json` says: information and an address, never proof. */
export interface Owner {
  readonly pid: number;
  /** When that process was started, in kernel ticks since boot: with `bootId` it tells a reused number. */
  readonly startTicks: number | undefined;
  readonly bootId: string | undefined;
  readonly host: string;
  /** The run under way: its own, or the one that it carries on. */
  readonly run: string;
  /** The start that holds the lock; it keeps this name also when it carries an older run on. */
  readonly start?: string;
  /** The start that it makes room for. */
  readonly givesWayTo?: string;
  readonly version: string;
  readonly startedAt: string;
  /** Where it looks for a stop, absolute; its config may have been changed since. */
  readonly stopFile?: string;
  /** The folder that it holds, without links: a copy of the folder is nobody's. */
  readonly stateDir?: string;
}

export interface LockWishes {
  readonly stateDir: string;
  /** The ledger, absolute: one that lies elsewhere may belong to other state directories too, and has a lock beside it. */
  readonly history?: string;
  readonly version?: string;
  /** Absolute. */
  readonly stopFile?: string;
}

export interface Lock {
  /** Unlike any other start's; it names the run that this start opens. */
  readonly run: string;
  /** Says for people that this start carries on another run. */
  carries(run: string): void;
  /** Says to that start that its wish was heard. */
  givesWay(to: string): void;
  release(): void;
}

export interface Held {
  /** Undefined when the holder has not written who it is. */
  readonly heldBy: Owner | undefined;
  /** How long this start has waited for it; absent: not at all. */
  readonly waitedMs?: number;
  /** Why this start did not get its place; absent: it did not ask. */
  readonly refused?: 'unanswered' | 'overtaken' | 'nameless';
}

/** Starters that ask in the same moment can refuse each other although nobody holds the lock; so long each asks again. */
const CONTEST_MS = 100;

export function takeLock(wishes: LockWishes): Lock | Held | Failure {
  const { stateDir } = wishes;
  try {
    makeFolders(stateDir);
    // A folder that cannot be written to would else be told in SQLite's words.
    accessSync(stateDir, constants.W_OK | constants.X_OK);
  } catch (error) {
    return failure(error, `lock ${stateDir}`);
  }
  const held = lockAll(lockFiles(wishes));
  if ('failed' in held) return held;
  const robbed = held.length === 0 ? readOwner(stateDir) : robbedHolder(stateDir);
  if (held.length > 0 && robbed === undefined) return keep(held, wishes);
  releaseAll(held);
  return { heldBy: robbed };
}

function lockFiles({ stateDir, history }: LockWishes): readonly string[] {
  const own = join(stateDir, 'lock.db');
  return history === undefined || history.startsWith(`${stateDir}/`) ? [own] : [own, `${history}.lock`];
}

/** All of them or none: empty when another connection holds one. */
function lockAll(files: readonly string[]): readonly KernelLock[] | Failure {
  const held: KernelLock[] = [];
  for (const file of files) {
    try {
      makeFolders(dirname(file));
      const lock = kernelLock(file, CONTEST_MS);
      if (lock !== 'held') held.push(lock);
      else {
        releaseAll(held);
        return [];
      }
    } catch (error) {
      releaseAll(held);
      return unlockable(error, file);
    }
  }
  return held;
}

function releaseAll(held: readonly KernelLock[]): void {
  for (const one of held) one.release();
}

/** A task can remove `lock.db` while its run holds it, and what it removed locks nobody out: that run goes on all the same. */
function robbedHolder(stateDir: string): Owner | undefined {
  if (realDisk().size(ownerFile(stateDir)) === undefined) return undefined;
  const owner = readOwner(stateDir);
  if (owner?.startTicks === undefined || owner.pid === process.pid) return undefined;
  const isHere = owner.host === hostname() && owner.stateDir === realPath(stateDir);
  const isNow = owner.bootId !== undefined && owner.bootId === bootId();
  return isHere && isNow && isAlive(owner.pid, owner.startTicks) === true ? owner : undefined;
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function keep(held: readonly KernelLock[], wishes: LockWishes): Lock {
  let isHeld = true;
  const run = newRun();
  const disk = realDisk();
  const file = ownerFile(wishes.stateDir);
  const startedAt = new Date().toISOString();
  let said: Said = { start: run, run, startedAt };
  const later = (): NodeJS.Immediate =>
    setImmediate(() => disk.replace(file, ownerText(said, wishes), false));
  // Beside the first child instead of before it: making a file takes longer than the lock, and it is for people only.
  let writing = later();
  const say = (news: Partial<Said>): void => {
    if (!isHeld) return;
    said = { ...said, ...news };
    clearImmediate(writing);
    writing = later();
  };
  const release = (): void => {
    if (!isHeld) return;
    isHeld = false;
    clearImmediate(writing);
    // Before the lock: behind it, the file may already be the next holder's.
    disk.remove(file);
    releaseAll(held);
  };
  const carries = (carried: string): void => say({ run: carried });
  const givesWay = (to: string): void => say({ givesWayTo: to });
  return { run, carries, givesWay, release };
}

export function readOwner(stateDir: string): Owner | undefined {
  // A pipe in its place would be waited for, and nobody could stop a run any more.
  const bytes = realDisk().read(ownerFile(stateDir));
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isOwner(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function ownerFile(stateDir: string): string {
  return join(stateDir, 'owner.json');
}

function unlockable(error: unknown, file: string): Failure {
  const why = error instanceof Error ? error.message : 'unknown';
  return { failed: 'ELOCK', what: `lock ${file}: ${why}` };
}

export function newRun(): string {
  const at = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  return `${at}-${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`;
}

/** What the owner file says beside who it is. */
type Said = Pick<Owner, 'run' | 'startedAt' | 'givesWayTo'> & { readonly start: string };

function ownerText(
  { run, start, startedAt, givesWayTo }: Said,
  { stateDir, version = '', stopFile }: LockWishes,
): Uint8Array {
  const owner: Owner = {
    pid: process.pid,
    startTicks: processFacts('self')?.startTicks,
    bootId: bootId(),
    host: hostname(),
    run,
    start,
    version,
    startedAt,
    ...(givesWayTo !== undefined && { givesWayTo }),
    ...(stopFile !== undefined && { stopFile }),
    stateDir: realPath(stateDir),
  };
  return new TextEncoder().encode(`${JSON.stringify(owner)}\n`);
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string' &&
    'run' in value &&
    typeof value.run === 'string' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string' &&
    (!('start' in value) || typeof value.start === 'string') &&
    (!('givesWayTo' in value) || typeof value.givesWayTo === 'string') &&
    (!('stopFile' in value) || typeof value.stopFile === 'string') &&
    (!('stateDir' in value) || typeof value.stateDir === 'string')
  );
}
