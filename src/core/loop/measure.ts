// What a condition measures, as the fold knows it now. Unknown is undefined, and satisfies nothing.

import { isHeld } from '../judge/threshold.ts';
import type { Condition, Measure } from '../plan/ends-plan.ts';
import { unreachable } from '../unreachable.ts';
import type { Spent } from './event.ts';
import type { Progress, RunProgress } from './progress.ts';

/** How many values a standard deviation or a mean looks back over when the condition does not say. */
export const USUAL_SPAN = 10;
const HOUR_MS = 3_600_000;

export interface Measured {
  readonly value: number | undefined;
  /** Of tokens and cost: whether every attempt said what it used, or some did not. */
  readonly basis?: 'actual' | 'estimated' | 'unknown';
}

/** Whether `condition` holds now; `mono` is the monotonic time, for what grows while nothing happens. */
export function holds(condition: Condition, progress: Progress, mono: number): boolean {
  const { value } = measured(condition, progress, mono);
  return value !== undefined && compares(value, condition);
}

export function measured(
  condition: Pick<Condition, 'measure' | 'over'>,
  progress: Progress,
  mono: number,
): Measured {
  const { run } = progress;
  if (!run) return { value: undefined };
  if (condition.measure.kind === 'tokens' || condition.measure.kind === 'cost')
    return spentOf(run[condition.measure.kind]);
  return { value: valueOf(condition.measure, condition.over, run, { progress, mono }) };
}

export function compares(value: number, { operator, value: limit }: Condition): boolean {
  return isHeld(operator, value, limit);
}

/** How long the run has been under way, milliseconds; its clock stands still between its lives. */
export function runtimeOf(run: RunProgress, mono: number): number {
  return run.earlierMs + Math.max(0, mono - run.bornMono);
}

interface Instant {
  readonly progress: Progress;
  readonly mono: number;
}

type Plain = Exclude<Measure, { kind: 'tokens' | 'cost' }>;

function valueOf(
  measure: Measure,
  over: number | undefined,
  run: RunProgress,
  { progress, mono }: Instant,
): number | undefined {
  switch (measure.kind) {
    case 'metric':
      return metricValue(measure, over, run, progress);
    case 'distinct':
      return run.distinct.get(measure.label)?.size ?? 0;
    case 'cycles':
      return run.cycles;
    case 'runtime':
      return runtimeOf(run, run.ended ? progress.mono : mono);
    case 'failure-rate':
      return failureRate(run, over);
    case 'cycles-per-hour':
      return cyclesPerHour(run, over);
    case 'failures-in-a-row':
      return run.streaks.failures;
    case 'broken-in-a-row':
      return run.streaks.broken;
    case 'oom-in-a-row':
      return run.streaks.oom;
    case 'same-error':
      return run.streaks.sameError;
    case 'no-progress':
      return run.stillFor;
    case 'accepted':
      return run.accepted;
    case 'since-champion':
      return run.cycles - run.crownedAt;
    case 'tokens':
    case 'cost':
      return run[measure.kind].told === 0 ? undefined : run[measure.kind].sum;
    default:
      return unreachable(measure);
  }
}

function metricValue(
  measure: Extract<Plain, { kind: 'metric' }>,
  over: number | undefined,
  run: RunProgress,
  progress: Progress,
): number | undefined {
  const series = run.series.get(measure.key) ?? [];
  switch (measure.statistic) {
    case 'value':
      return series.at(-1);
    case 'best': {
      const known = progress.metrics.get(measure.key);
      return measure.better === 'lower' ? known?.lowest : known?.highest;
    }
    case 'mean':
      return whole(series, over, (values) => mean(values));
    case 'sd':
      return whole(series, over, (values) => {
        const center = mean(values);
        return Math.sqrt(values.reduce((sum, one) => sum + (one - center) ** 2, 0) / (values.length - 1));
      });
    default:
      return unreachable(measure.statistic);
  }
}

/** Undefined until there are as many values as it looks back over. */
function whole(
  series: readonly number[],
  over: number = USUAL_SPAN,
  statistic: (values: readonly number[]) => number,
): number | undefined {
  return series.length < over || over < 2 ? undefined : statistic(series.slice(-over));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function failureRate(run: RunProgress, over: number | undefined): number | undefined {
  if (over === undefined) return run.cycles === 0 ? undefined : run.failed / run.cycles;
  if (run.recent.length < over) return undefined;
  return run.recent.slice(-over).filter((one) => one.failed).length / over;
}

/** Over the last `over` cycles: from the end of the one before them, or from the start of the run. */
function cyclesPerHour(run: RunProgress, over: number | undefined): number | undefined {
  const last = run.recent.at(-1);
  if (!last) return undefined;
  const count = over ?? run.cycles;
  const from = over === undefined || over === run.cycles ? 0 : run.recent.at(-1 - count)?.runMs;
  if (count > run.cycles || from === undefined || last.runMs <= from) return undefined;
  return (count * HOUR_MS) / (last.runMs - from);
}

/** What did not say what it used is taken to have used as much as the others did. */
function spentOf({ sum, told, silent }: Spent): Measured {
  if (told === 0) return { value: undefined, basis: 'unknown' };
  if (silent === 0) return { value: sum, basis: 'actual' };
  return { value: (sum * (told + silent)) / told, basis: 'estimated' };
}
