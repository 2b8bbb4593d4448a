// Named locks of one user on one machine: a file for each name, locked by the kernel, and beside it who has it, for people.

import { lstatSync, mkdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LockHolder } from '../core/cycle/event.ts';
import { isMap } from '../core/is-map.ts';
import type { Inbox, Locks, LockWish } from '../ports.ts';
import { errorCode, realDisk } from './files.ts';
import { kernelLock, type KernelLock } from './kernel-lock.ts';
import { bootId, isAlive, processFacts } from './proc.ts';

export interface NamedLocksOptions {
  readonly inbox: Inbox;
  /** Of the config, for people who meet the lock. */
  readonly folder: string;
  /** Of this process: a gate-run that a task has started finds there whose it is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the files are; absent: `lockFolder()`. */
  readonly home?: string;
}

export interface RealLocks extends Locks {
  /** Gives everything back. */
  close(): void;
}

/** A lock that is not free is asked for again after so long: nothing tells when the kernel frees one. */
const POLL_MS = 100;
/** A lock that goes from hand to hand is told of no more often than that. */
const TELL_EVERY_MS = 10_000;

/**
 * One folder for a user, whatever the surroundings are: a cron job has no XDG_RUNTIME_DIR and a shell may have another TMPDIR, and both
 * must meet the same locks.
 */
export function lockFolder(): string {
  const user = process.getuid?.();
  return user === undefined ? join(tmpdir(), 'gate-run', 'locks') : `/tmp/gate-run-${user}/locks`;
}

export function namedLocks(options: NamedLocksOptions): RealLocks {
  const takings = new Map<string, Taking>();
  const release = (task: string): void => {
    takings.get(task)?.giveUp();
    takings.delete(task);
  };
  return {
    take: (wish) => {
      release(wish.task);
      const taking = new Taking(options, wish);
      takings.set(wish.task, taking);
      taking.goOn();
    },
    release,
    close: () => {
      for (const task of takings.keys()) release(task);
    },
  };
}

interface HeldLock {
  readonly lock: KernelLock;
  readonly holderFile: string;
}

/** The locks of one task, taken in the order of their names: so no two tasks can have what the other one waits for. */
class Taking {
  readonly #options: NamedLocksOptions;
  readonly #wish: LockWish;
  readonly #home: string;
  readonly #held: HeldLock[] = [];
  #timer: NodeJS.Timeout | undefined;
  #told: string | undefined;
  #toldMs = 0;

  constructor(options: NamedLocksOptions, wish: LockWish) {
    this.#options = options;
    this.#wish = wish;
    this.#home = options.home ?? lockFolder();
  }

  goOn(): void {
    const { task, names } = this.#wish;
    const { inbox } = this.#options;
    try {
      for (const name of names.slice(this.#held.length)) {
        const held = this.#tryOne(name);
        if (!('waitsFor' in held)) {
          this.#held.push(held);
          continue;
        }
        const why = this.#ownWait(held.waitsFor);
        if (why !== undefined)
          return inbox.put({ type: 'task.locked', task, failed: `the lock \`${name}\` ${why}` });
        this.#tell(name, held.waitsFor);
        this.#timer = setTimeout(() => this.goOn(), POLL_MS);
        return undefined;
      }
      inbox.put({ type: 'task.locked', task });
    } catch (error) {
      const why = error instanceof Unsafe ? error.message : `cannot be taken: ${wordsOf(error)}`;
      inbox.put({ type: 'task.locked', task, failed: `its locks in ${this.#home}: ${why}` });
    }
    return undefined;
  }

  giveUp(): void {
    clearTimeout(this.#timer);
    for (const { lock, holderFile } of this.#held.splice(0)) {
      // Before the lock: behind it, the file may already be the next holder's.
      realDisk().remove(holderFile);
      lock.release();
    }
  }

  #tryOne(name: string): HeldLock | { readonly waitsFor: Holder | undefined } {
    if (this.#held.length === 0) makeSafe(this.#home);
    const file = join(this.#home, `${name}.lock`);
    const holderFile = join(this.#home, `${name}.json`);
    const lock = kernelLock(file, 0);
    const holder = readHolder(holderFile);
    if (lock === 'held') return { waitsFor: holder };
    // Somebody may have removed the file while it was held: then this is another file, and the holder goes on.
    if (holder && holder.pid !== process.pid && isHere(holder)) {
      lock.release();
      return { waitsFor: holder };
    }
    if (!freshen(file)) {
      lock.release();
      return { waitsFor: undefined };
    }
    realDisk().replace(holderFile, holderText(this.#wish, this.#options), false);
    return { lock, holderFile };
  }

  /** A task that waits for what the task has that it was started by would wait for itself. */
  #ownWait(holder: Holder | undefined): string | undefined {
    const { env } = this.#options;
    const isParent =
      holder?.run !== undefined && holder.run === env['GATE_RUN'] && holder.task === env['GATE_TASK'];
    return isParent ? `is held by task ${holder.task}, which started this gate-run` : undefined;
  }

  #tell(lock: string, holder: Holder | undefined): void {
    const said = JSON.stringify([lock, holder]);
    const now = performance.now();
    const isSoon = this.#told !== undefined && now - this.#toldMs < TELL_EVERY_MS;
    if (this.#told === said || isSoon) return;
    this.#told = said;
    this.#toldMs = now;
    const { task } = this.#wish;
    this.#options.inbox.put({ type: 'task.waiting', task, lock, ...(holder && { holder: told(holder) }) });
  }
}

interface Holder extends LockHolder {
  readonly startTicks?: number;
  readonly bootId?: string;
}

function told({ run, task, pid, folder }: Holder): LockHolder {
  return {
    ...(run !== undefined && { run }),
    ...(task !== undefined && { task }),
    ...(pid !== undefined && { pid }),
    ...(folder !== undefined && { folder }),
  };
}

function holderText({ run, task }: LockWish, { folder }: NamedLocksOptions): Uint8Array {
  const startTicks = processFacts('self')?.startTicks;
  const holder = { run, task, pid: process.pid, folder, startTicks, bootId: bootId() };
  return new TextEncoder().encode(`${JSON.stringify(holder)}\n`);
}

function readHolder(file: string): Holder | undefined {
  const bytes = realDisk().read(file);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isMap(read) ? holderIn(read) : undefined;
  } catch {
    return undefined;
  }
}

function holderIn(read: Readonly<Record<string, unknown>>): Holder {
  const texts = Object.fromEntries(
    ['run', 'task', 'folder', 'bootId'].flatMap((key) =>
      typeof read[key] === 'string' ? [[key, read[key]]] : [],
    ),
  );
  const numbers = Object.fromEntries(
    ['pid', 'startTicks'].flatMap((key) => (typeof read[key] === 'number' ? [[key, read[key]]] : [])),
  );
  return { ...texts, ...numbers };
}

/** Whether that very process lives on, as far as can be seen from here. */
function isHere({ pid, startTicks, bootId: boot }: Holder): boolean {
  if (pid === undefined || startTicks === undefined || boot === undefined) return false;
  return boot === bootId() && isAlive(pid, startTicks) === true;
}

/** What sweeps old files out of /tmp goes by their age, and nothing is ever written to this one. False: it was just swept. */
function freshen(file: string): boolean {
  try {
    utimesSync(file, new Date(), new Date());
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

class Unsafe extends Error {}

/** Others must not be able to take our locks away, or to lead them elsewhere. */
function makeSafe(home: string): void {
  for (const folder of [join(home, '..'), home]) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const found = lstatSync(folder);
    const user = process.getuid?.();
    if (!found.isDirectory()) throw new Unsafe(`${folder} is no folder`);
    if (user === undefined) continue;
    if (found.uid !== user) throw new Unsafe(`${folder} belongs to another user`);
    if ((found.mode & OTHERS_WRITE) !== 0) throw new Unsafe(`others may write to ${folder}`);
  }
}

const OTHERS_WRITE = 0o022;

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
