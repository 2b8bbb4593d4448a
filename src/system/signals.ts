// Turns the signals that ask gate-run to end into facts. It ends nothing itself.

import type { Clock, Inbox } from '../ports.ts';
import { isTerminal } from './output.ts';

const WATCHED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** One key press may arrive twice (from the terminal and from npm); so close together they are one wish. */
const SAME_WISH_MS = 150;

/**
 * The first signal asks for a graceful stop, the second for one at once; `isTask`: the first does so already, since whoever sends it to a
 * task waits no longer than the grace of that task. The returned function ends the watch.
 */
export function watchSignals(inbox: Inbox, clock: Clock, isTask = false): () => void {
  const watched = ignoresHangUps() ? WATCHED.filter((signal) => signal !== 'SIGHUP') : WATCHED;
  let first: { readonly signal: string; readonly mono: number } | undefined;
  const seen = (signal: NodeJS.Signals): void => {
    const { mono } = clock.now();
    if (first !== undefined && first.signal === signal && mono - first.mono < SAME_WISH_MS) return;
    inbox.put({ type: 'stop.seen', by: 'signal', signal, now: isTask || first !== undefined });
    first ??= { signal, mono };
  };
  for (const signal of watched) process.on(signal, seen);
  // Without a listener Node opens its debugger to everybody on this machine.
  if (!process.listeners('SIGUSR1').includes(ignore)) process.on('SIGUSR1', ignore);
  return () => {
    for (const signal of watched) process.off(signal, seen);
  };
}

/**
 * A terminal that closes concerns only who hangs on it. `nohup` takes every terminal from its command; that it has SIGHUP ignored as
 * well cannot be read back, because Node sets all signals to their defaults when it starts. Ignored for good: before, between and behind
 * the watches, too, a hang-up would else end the process.
 */
export function ignoresHangUps(): boolean {
  if ([0, 1, 2].some(isTerminal)) return false;
  if (!process.listeners('SIGHUP').includes(ignore)) process.on('SIGHUP', ignore);
  return true;
}

function ignore(): void {}
