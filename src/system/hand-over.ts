// How a start asks the run under way to give way: a small file beside the lock that names both. It reaches a holder on another host
// or in another pid namespace too, and one left behind names a start that is gone, so it stops nobody. It ends nothing itself.

import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Failure, Inbox } from '../ports.ts';
import { realDisk } from './files.ts';
import { bootId, isAlive, processFacts } from './proc.ts';

/** As for the stop file: the rest of the 250 ms is for the carousel. */
const LOOK_EVERY_MS = 200;
/** A wish is a few hundred bytes; whatever else somebody put there is not read. */
const MOST_BYTES = 4096;

export interface Wish {
  /** The start that holds the lock and is asked. */
  readonly to: string;
  /** The start that asks; the last one to ask is the one that counts. */
  readonly by: string;
  readonly pid: number;
  readonly host: string;
  /** With the number it tells one process from a later one; absent where this system does not tell. */
  readonly startTicks?: number;
  /** The boot and the namespace in which `pid` means something. */
  readonly space?: string;
}

export function ask(stateDir: string, wish: Pick<Wish, 'to' | 'by'>): Failure | undefined {
  const { startTicks } = processFacts('self') ?? {};
  const space = ownSpace();
  const whole: Wish = {
    ...wish,
    pid: process.pid,
    host: hostname(),
    ...(startTicks !== undefined && { startTicks }),
    ...(space !== undefined && { space }),
  };
  return realDisk().replace(
    wishFile(stateDir),
    new TextEncoder().encode(`${JSON.stringify(whole)}\n`),
    false,
  );
}

export function readWish(stateDir: string): Wish | undefined {
  const disk = realDisk();
  const file = wishFile(stateDir);
  if ((disk.size(file) ?? Infinity) > MOST_BYTES) return undefined;
  const bytes = disk.read(file);
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isWish(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Only by who holds the lock, or by who wrote it: anybody else's wish is not ours to drop. */
export function dropWish(stateDir: string): void {
  realDisk().remove(wishFile(stateDir));
}

export interface Asked {
  readonly stateDir: string;
  /** Of the holder. */
  readonly start: string;
  /** Lets the one who asks know that it was heard. */
  readonly givesWay: (to: string) => void;
}

export interface WishWatch {
  /** At once, and cheap while nobody asks. */
  look(): void;
  close(): void;
}

/** Puts one stop into the inbox when somebody asks; who asks later takes the place of who asked before. */
export function watchWishes({ stateDir, start, givesWay }: Asked, inbox: Inbox): WishWatch {
  let heard: string | undefined;
  const look = (): void => {
    const wish = readWish(stateDir);
    if (wish?.to !== start || wish.by === heard || isFromTheDead(wish)) return;
    if (heard === undefined) inbox.put({ type: 'stop.seen', by: 'replace', who: nameOf(wish), now: false });
    heard = wish.by;
    givesWay(heard);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return { look, close: () => clearInterval(timer) };
}

/** Nobody would take the place. Of a start on another host, or in another namespace, nothing is known from here. */
function isFromTheDead({ pid, host, startTicks, space }: Wish): boolean {
  const isHere = host === hostname() && space !== undefined && space === ownSpace();
  return isHere && isAlive(pid, startTicks) === false;
}

function ownSpace(): string | undefined {
  try {
    const boot = bootId();
    return boot === undefined ? undefined : `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** What stands in a file that anybody can write goes on screens as plain words only. */
export function nameOf({ pid, host }: Pick<Wish, 'pid' | 'host'>): string {
  return `process ${pid} on ${/^[\w.-]{1,253}$/.test(host) ? host : 'a host without a proper name'}`;
}

function wishFile(stateDir: string): string {
  return join(stateDir, 'replace.json');
}

function isWish(value: unknown): value is Wish {
  return (
    typeof value === 'object' &&
    value !== null &&
    'to' in value &&
    typeof value.to === 'string' &&
    'by' in value &&
    typeof value.by === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'host' in value &&
    typeof value.host === 'string' &&
    (!('startTicks' in value) || typeof value.startTicks === 'number') &&
    (!('space' in value) || typeof value.space === 'string')
  );
}
