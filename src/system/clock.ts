// The real clock, and the watch over it that notices when the machine slept. Limits lean on `mono` alone; `wall` is a label.

import { uptime } from 'node:os';
import type { Now } from '../core/loop/now.ts';
import type { Clock } from '../ports.ts';

/** Longest single timer; longer waits are made of several, because a timer of over 2^31 ms fires at once. */
const MAX_TIMER_MS = 3_600_000;
const TICK_MS = 1_000;
/** A gap of this size between two ticks means that the machine, or this process, stood still. */
const SUSPEND_GAP_MS = 5_000;

export function realClock(): Clock {
  let resume: (() => void) | undefined;
  let woken = false;
  return {
    now: realNow,
    wait: (until) =>
      new Promise<void>((resolve) => {
        if (woken) {
          woken = false;
          resolve();
          return;
        }
        const disarm = armUntil(until, () => resume?.());
        resume = () => {
          resume = undefined;
          disarm();
          resolve();
        };
      }),
    // A call between two waits is remembered: the next wait must not sleep over a fact that is already there.
    wake: () => {
      if (resume === undefined) woken = true;
      else resume();
    },
    yield: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

/** Calls `slept` with the length of every standstill, until the returned function is called. Keeps no process alive. */
export function watchSuspend(clock: Clock, slept: (gapMs: number) => void): () => void {
  const look = (): Look => ({ ...clock.now(), boot: uptime() * 1_000, busy: busyMs() });
  let before = look();
  const timer = setInterval(() => {
    const now = look();
    const gapMs = suspendGap(before, now);
    before = now;
    if (gapMs !== undefined) slept(gapMs);
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export interface Look extends Now {
  /** Milliseconds since the machine was started, its sleep included. */
  readonly boot?: number;
  /** Milliseconds for which this process has had a processor. */
  readonly busy?: number;
}

/** The standstill between two ticks; undefined when there was none, or when only the wall clock was set. */
export function suspendGap(before: Look, now: Look): number | undefined {
  const mono = now.mono - before.mono - TICK_MS;
  const wall = now.wall - before.wall - TICK_MS;
  // Whoever folds a long ledger looks late at the clock, and did not stand still.
  const busy = (now.busy ?? 0) - (before.busy ?? 0);
  const stood = Math.min(mono, wall) - busy;
  if (stood > SUSPEND_GAP_MS) return Math.round(mono);
  if (now.boot === undefined || before.boot === undefined) return undefined;
  // While the machine sleeps the monotonic clock stands still too; what it missed, the time since boot has.
  const missed = now.boot - before.boot - (now.mono - before.mono);
  return missed > SUSPEND_GAP_MS ? Math.round(missed) : undefined;
}

function busyMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

// `process.hrtime` is there from the start, while the global `performance` costs 1.9 ms to load.
function realNow(): Now {
  const [seconds, nanoseconds] = process.hrtime();
  return { wall: Date.now(), mono: seconds * 1_000 + Math.round(nanoseconds / 1_000) / 1_000 };
}

function armUntil(until: number | undefined, fire: () => void): () => void {
  if (until === undefined || until === Infinity) return () => undefined;
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = until - realNow().mono;
    timer = setTimeout(() => (realNow().mono < until ? arm() : fire()), clampMs(leftMs));
  };
  arm();
  return () => clearTimeout(timer);
}

function clampMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), MAX_TIMER_MS);
}
