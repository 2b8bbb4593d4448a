// Turns the signals that ask gate-run to end into facts. It ends nothing itself.

import type { Clock, Inbox } from '../ports.ts';

const WATCHED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** One key press may arrive twice (from the terminal and from npm); so close together they are one wish. */
const SAME_WISH_MS = 150;

/** The first signal asks for a graceful stop, the second for one at once. The returned function ends the watch. */
export function watchSignals(inbox: Inbox, clock: Clock): () => void {
  let first: { readonly signal: string; readonly mono: number } | undefined;
  const seen = (signal: NodeJS.Signals): void => {
    const { mono } = clock.now();
    if (first !== undefined && first.signal === signal && mono - first.mono < SAME_WISH_MS) return;
    inbox.put({ type: 'stop.seen', by: 'signal', signal, now: first !== undefined });
    first ??= { signal, mono };
  };
  for (const signal of WATCHED) process.on(signal, seen);
  return () => {
    for (const signal of WATCHED) process.off(signal, seen);
  };
}
