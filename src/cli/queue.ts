// `overlap: queue`: a start that waits until the run under way is over. It looks again and again; nobody has to call it.

import type { StopSeen } from '../core/loop/event.ts';
import { FactInbox } from '../engine/inbox.ts';
import type { Failure } from '../ports.ts';
import { realClock } from '../system/clock.ts';
import { takeLock, type Held, type Lock, type LockWishes } from '../system/lock.ts';
import { watchSignals } from '../system/signals.ts';
import { watchStopFile } from '../system/stop-file.ts';
import { sayWaiting } from './say.ts';
import type { Terminal } from './terminal.ts';

/** Short enough to take over within a second, and cheap: a look costs a tenth of a millisecond. */
const LOOK_EVERY_MS = 500;
/** Whoever waits so long behind a run that does not end is told so. */
const LONGEST_WAIT_MS = 24 * 3_600_000;

export type WaitWishes = LockWishes & { readonly stopFile: string };

export interface Waiting {
  /** Says for whom it waits, once for each holder. */
  readonly say: (held: Held) => void;
  /** What is done at each look while another one holds the lock; what comes back ends the wait. */
  readonly look?: (held: Held, mono: number) => Held | Failure | undefined;
}

/** The lock; who holds it after the longest wait; or the stop that ended the wait. */
export async function waitForLock(
  wishes: WaitWishes,
  terminal: Terminal,
  { say, look }: Waiting = { say: (held) => sayWaiting(terminal, held, LONGEST_WAIT_MS) },
): Promise<Lock | Held | Failure | StopSeen> {
  const clock = realClock();
  const inbox = new FactInbox(() => clock.wake());
  const unwatchSignals = watchSignals(inbox, clock);
  const stop = watchStopFile({ path: wishes.stopFile, isQuick: true }, inbox);
  const until = clock.now().mono + LONGEST_WAIT_MS;
  let behind: string | undefined;
  try {
    for (;;) {
      const lock = takeLock(wishes);
      const wish = inbox.take();
      if (wish?.type === 'stop.seen') {
        if ('release' in lock) lock.release();
        return wish;
      }
      const { mono } = clock.now();
      if (!('heldBy' in lock)) return lock;
      if (mono >= until) return { ...lock, waitedMs: LONGEST_WAIT_MS };
      if (behind !== (lock.heldBy?.run ?? '')) say(lock);
      behind = lock.heldBy?.run ?? '';
      const ended = look?.(lock, mono);
      if (ended) return ended;
      await clock.wait(Math.min(until, mono + LOOK_EVERY_MS));
    }
  } finally {
    unwatchSignals();
    stop.close();
  }
}
