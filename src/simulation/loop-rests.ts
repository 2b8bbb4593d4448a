// Which pause is due, worked out anew from LANGUAGE's words: the core's own rests are held to it, so it calls none of them.

import { crc32Text } from '../core/crc32.ts';
import type { CycleEnded, RestStarted } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import type { Tally } from './loop-measures.ts';

const MARGIN_MS = 5000;
const DAY_MS = 24 * 3_600_000;

export type DueRest = Pick<RestStarted, 'cause' | 'by'> & {
  readonly forMs: number;
};

export interface RestCase {
  readonly plan: Plan;
  readonly run: string;
  readonly tally: Tally;
  /** The cycle that is rested after. */
  readonly last: CycleEnded;
  readonly wall: number;
  /** Undefined: nobody knows the calendar here. */
  readonly nextFire: ((wall: number) => number) | undefined;
}

/** Undefined: the next cycle begins at once. `unknown`: a calendar decides that is not known here. */
export function dueRest(at: RestCase): DueRest | 'unknown' | undefined {
  const due = ruled(at);
  return due !== undefined && due !== 'unknown' && due.forMs <= 0 ? undefined : due;
}

function ruled(at: RestCase): DueRest | 'unknown' {
  const { plan, last, wall, nextFire } = at;
  const { rest, cron, sleepMs } = plan.loop;
  const outcome = last.tasks.find(({ id }) => id === last.cause)?.outcome;
  const usual = last.verdict === 'passed' ? 'sleep' : 'backoff';
  const rule = (outcome === undefined ? undefined : rest[outcome]) ?? rest[last.verdict] ?? usual;
  if (typeof rule === 'number') return { cause: 'rule', by: 'mono', forMs: rule };
  if (rule === 'sleep') {
    if (!cron) return { cause: 'sleep', by: 'mono', forMs: sleepMs };
    return nextFire ? { cause: 'schedule', by: 'wall', forMs: nextFire(wall) - wall } : 'unknown';
  }
  if (rule === 'backoff') return { cause: 'backoff', by: 'mono', forMs: backoff(at) };
  const isOver = last.retryAt !== undefined && Date.parse(last.retryAt) <= wall && at.tally.limited > 1;
  if (last.retryAt === undefined || isOver) return { cause: 'limit', by: 'mono', forMs: backoff(at) };
  const asked = Date.parse(last.retryAt) + MARGIN_MS;
  const until = Math.min(Math.max(asked, wall + MARGIN_MS), wall + DAY_MS);
  return { cause: 'limit', by: 'wall', forMs: until - wall };
}

/** `from`, then `factor` times as long each time, never above `max`; jitter takes up to half, the same for the same cycle. */
function backoff({ plan, run, tally, last }: RestCase): number {
  const { fromMs, factor, maxMs, jitter } = plan.loop.backoff;
  let wait = Math.min(fromMs, maxMs);
  for (let row = tally.failures + tally.limited; row > 1 && wait < maxMs; row -= 1) wait *= factor;
  const whole = Math.min(Math.round(wait), maxMs);
  if (!jitter) return whole;
  const share = crc32Text(`${run} ${last.cycle}`) / 2 ** 32;
  return Math.round((whole + whole * share) / 2);
}
