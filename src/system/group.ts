// What is alive of an attempt: its process group, by signal and by /proc. Zombies are not life. Also ends what is left.

import { readdirSync } from 'node:fs';
import type { Clock } from '../ports.ts';
import { processFacts, type ProcessFacts } from './proc.ts';

/** What a leader's children get to end by themselves before they count as left behind. */
export const NATURAL_END_MS = 100;
/** After KILL; what is still there then sits in the kernel, and no signal reaches it. */
const REAP_MS = 2_000;
const LONGEST_PAUSE_MS = 25;

export interface Living extends ProcessFacts {
  readonly pid: number;
}

export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  tryKill(-group, signal);
  // A stopped process reacts to TERM only once it goes on.
  if (signal === 'SIGTERM') tryKill(-group, 'SIGCONT');
}

/** The cheap question: a no of the kernel is certain. */
export function isGone(group: number): boolean {
  return !tryKill(-group, 0);
}

/** Zombies that nobody reaps keep a group's number alive; so a yes of the kernel is looked at more closely. */
export function isEmpty(group: number): boolean {
  if (isGone(group)) return true;
  return living()?.every((one) => one.group !== group) ?? false;
}

/** All processes that are not dead; undefined where there is no /proc. */
export function living(): readonly Living[] | undefined {
  const pids = processIds();
  return pids && livingAmong(pids);
}

export function livingAmong(pids: readonly number[]): readonly Living[] {
  const found: Living[] = [];
  for (const pid of pids) {
    const one = processFacts(pid);
    if (one !== undefined && one.state !== 'Z' && one.state !== 'X') found.push({ pid, ...one });
  }
  return found;
}

export function processIds(): readonly number[] | undefined {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return undefined;
  }
}

/** How many processes of the group had to be ended, and how many could not be. */
export interface GroupEnd {
  readonly leftBehind: number;
  readonly unkillable: number;
}

/** Who is to be brought to an end, and how one finds out. */
export interface Ending {
  isEmpty(): boolean;
  count(): number;
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Brings a group whose leader has exited to its end: waits a moment, then TERM, `killAfterMs`, KILL. */
export function endGroup(group: number, killAfterMs: number, clock: Clock): Promise<GroupEnd> {
  const ending: Ending = {
    isEmpty: () => isEmpty(group),
    count: () => living()?.filter((one) => one.group === group).length ?? 1,
    signal: (signal) => signalGroup(group, signal),
  };
  return end(ending, killAfterMs, clock);
}

export async function end(ending: Ending, killAfterMs: number, clock: Clock): Promise<GroupEnd> {
  if (await emptyWithin(ending, NATURAL_END_MS, clock)) return { leftBehind: 0, unkillable: 0 };
  const leftBehind = ending.count();
  ending.signal('SIGTERM');
  if (await emptyWithin(ending, killAfterMs, clock)) return { leftBehind, unkillable: 0 };
  ending.signal('SIGKILL');
  const reaped = await emptyWithin(ending, REAP_MS, clock);
  return { leftBehind, unkillable: reaped ? 0 : ending.count() };
}

async function emptyWithin(ending: Ending, limitMs: number, clock: Clock): Promise<boolean> {
  const until = clock.now().mono + limitMs;
  let pauseMs = 1;
  while (!ending.isEmpty()) {
    if (clock.now().mono >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  return true;
}

/** Whether there was somebody to signal. */
export function tryKill(pid: number, signal: NodeJS.Signals | 0): boolean {
  // The stack of an expected error costs more than the call itself.
  const depth = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  } finally {
    Error.stackTraceLimit = depth;
  }
}
