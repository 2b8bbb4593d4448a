// The pause after a cycle: why there is one, for how long, and by which clock it ends.

import { crc32Text } from '../crc32.ts';
import { formatDuration } from '../config/quantity.ts';
import type { Alarm } from '../cycle/decision.ts';
import type { Plan, RestRule } from '../plan/plan.ts';
import { isoTime } from '../time.ts';
import { unreachable } from '../unreachable.ts';
import type { CycleEnded, RestCause, RestStarted } from './event.ts';
import type { Now } from './now.ts';
import type { Progress, RestProgress, RunProgress } from './progress.ts';
import type { Request } from './request.ts';
import { turnName, verdictWord } from './words.ts';

/** Added to the instant at which a limit resets: clocks differ, and one call too early costs another wait. */
export const LIMIT_MARGIN_MS = 5_000;
/** However late a limit says that it resets: after so long it is asked again. */
export const LIMIT_WAIT_MS: number = 24 * 3_600_000;
/** Starts in a row that die without finishing a cycle; then there is a rest. */
export const MOST_RESTARTS = 20;
/** However far the wall clock is set back: a pause that ends by it lasts at most so much longer than it was meant to. */
export const LATEST_BY_WALL_MS: number = 3 * 3_600_000;
/** A calendar's pause looks at the wall clock at least so often, because that clock may be set. */
const WALL_LOOK_MS = 60_000;
const SPREAD = 0x1_0000_0000;

/** Undefined: the next cycle may begin at once. */
export function restAfterCycle(
  plan: Plan,
  request: Request,
  progress: Progress,
  now: Now,
): RestStarted | undefined {
  const { run } = progress;
  const last = run?.lastVerdict === undefined ? run?.limitedStart : progress.last;
  if (!run?.owesRest || !last || plan.loop.mode === 'once') return undefined;
  const jobs = jobsNow(plan.jobs, run);
  const fewer = jobs < plan.jobs ? `; the next one runs ${jobs} of ${plan.jobs} tasks at once` : '';
  const said = `${turnName(last.turn, last.cycle)} ${verdictText(last, run)}${fewer}`;
  return byRule(ruleFor(plan, last), { plan, request, run, last, now, said });
}

/** A loop whose starts die again and again is slowed down, never ended. */
export function restAfterRestarts(plan: Plan, { startsInARow }: Progress, now: Now): RestStarted | undefined {
  // This start is the last of them, and has not died.
  const died = startsInARow - 1;
  if (plan.loop.mode === 'once' || died < MOST_RESTARTS) return undefined;
  const why = `${died} starts in a row died without finishing a cycle`;
  return pause('restarts', plan.loop.backoff.maxMs, now, why);
}

/** A tripped breaker is given another try after a long pause. */
export function restHalfOpen(afterMs: number, rule: string, now: Now): RestStarted | undefined {
  return pause('half-open', afterMs, now, `${rule}; one more try after a pause`);
}

/** Whether the pause is over; if not, `alarm` remembers when to look again. */
export function isRestOver(rest: RestProgress, now: Now, alarm: Alarm): boolean {
  const meantMono = rest.fromMono + rest.leftMs;
  if (rest.by === 'mono') return alarm.isDue(meantMono, now.mono);
  const leftMs = Date.parse(rest.until) - now.wall;
  const looksMono = now.mono + Math.min(leftMs, WALL_LOOK_MS);
  return alarm.isDue(Math.min(looksMono, meantMono + LATEST_BY_WALL_MS), now.mono);
}

/** Tasks at once: halved with each out-of-memory cycle in a row from the second on, and back after one without. */
export function jobsNow(jobs: number, run: Pick<RunProgress, 'streaks'> | undefined): number {
  const oom = run?.streaks.oom ?? 0;
  return oom < 2 ? jobs : Math.max(1, Math.floor(jobs / 2 ** (oom - 1)));
}

interface Case {
  readonly plan: Plan;
  readonly request: Request;
  readonly run: RunProgress;
  readonly last: CycleEnded;
  readonly now: Now;
  readonly said: string;
}

/** What decided the cycle has its own rest, else its verdict has. */
function ruleFor({ loop: { rest } }: Plan, last: CycleEnded): RestRule {
  const cause = last.tasks.find((task) => task.id === last.cause);
  const named = (key: string | undefined) =>
    key !== undefined && Object.hasOwn(rest, key) ? rest[key] : undefined;
  return named(cause?.outcome) ?? named(last.verdict) ?? (last.verdict === 'passed' ? 'sleep' : 'backoff');
}

function byRule(rule: RestRule, at: Case): RestStarted | undefined {
  if (typeof rule === 'number') return pause('rule', rule, at.now, at.said);
  switch (rule) {
    case 'sleep':
      return sleep(at);
    case 'backoff':
      return backoff('backoff', at);
    case 'reset':
      return untilReset(at);
    default:
      return unreachable(rule);
  }
}

function sleep({ plan, request, now, said }: Case): RestStarted | undefined {
  const { cron, sleepMs } = plan.loop;
  if (!cron) return pause('sleep', sleepMs, now, said);
  const at = request.nextFire?.(now.wall);
  if (at === undefined) throw new Error('bug: a plan with a calendar and nobody to ask it');
  return until(
    'schedule',
    at,
    now,
    `${said}; the next one is due by \`${cron.expression}\` (${cron.timezone})`,
  );
}

function backoff(cause: 'backoff' | 'limit', { plan, run, last, now, said }: Case): RestStarted | undefined {
  const row = run.streaks.failures + run.streaks.limited;
  const fullMs = backoffMs(plan.loop.backoff, row);
  const share = crc32Text(`${run.id} ${last.cycle}`) / SPREAD;
  // Between half and all of it, so that loops that failed together do not come back together.
  const forMs = plan.loop.backoff.jitter ? Math.round((fullMs * (1 + share)) / 2) : fullMs;
  return pause(cause, forMs, now, cause === 'limit' ? `${said}${silenceText(last)}` : said);
}

/** Before jitter, milliseconds: `from × factor^(row − 1)`, at most `max`; `row` counts from 1. */
export function backoffMs({ fromMs, factor, maxMs }: Plan['loop']['backoff'], row: number): number {
  if (fromMs === 0) return 0;
  return Math.min(maxMs, Math.round(fromMs * factor ** (Math.max(1, row) - 1)));
}

function untilReset(at: Case): RestStarted | undefined {
  const { last, now, said, run } = at;
  if (last.retryAt === undefined) return backoff('limit', at);
  // Once it may have reset on the way here; a limit that says so again cannot be believed.
  if (Date.parse(last.retryAt) <= now.wall && run.streaks.limited > 1) return backoff('limit', at);
  const resets = Date.parse(last.retryAt) + LIMIT_MARGIN_MS;
  const latest = now.wall + LIMIT_WAIT_MS;
  if (resets <= latest) return until('limit', Math.max(resets, now.wall + LIMIT_MARGIN_MS), now, said);
  return until(
    'limit',
    latest,
    now,
    `${said} until ${last.retryAt}; asked again after ${formatDuration(LIMIT_WAIT_MS)}`,
  );
}

function silenceText({ retryAt }: CycleEnded): string {
  return retryAt === undefined
    ? ' and did not say when the limit resets'
    : ', which has reset by now, as it says';
}

function pause(cause: RestCause, forMs: number, now: Now, why: string): RestStarted | undefined {
  if (forMs <= 0) return undefined;
  const end = isoTime(now.wall + forMs);
  return { type: 'rest.started', cause, forMs, until: end, by: 'mono', why };
}

function until(cause: RestCause, wall: number, now: Now, why: string): RestStarted | undefined {
  const forMs = Math.round(wall - now.wall);
  if (forMs <= 0) return undefined;
  return { type: 'rest.started', cause, forMs, until: isoTime(wall), by: 'wall', why };
}

function verdictText({ verdict }: CycleEnded, { streaks }: RunProgress): string {
  const row = verdict === 'limited' ? streaks.limited : streaks.failures;
  return `${verdictWord(verdict)}${row > 1 && verdict !== 'passed' ? `, ${row} in a row` : ''}`;
}
