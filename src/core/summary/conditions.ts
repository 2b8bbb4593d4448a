// How far a run is from each of its ends and marks: value, limit, distance, estimated time. It decides nothing, and a number
// that nobody can know is null with the reason.

import { compares, measured, runtimeOf } from '../loop/measure.ts';
import type { Conditions } from '../loop/event.ts';
import type { Progress, RunProgress } from '../loop/progress.ts';
import type { Condition, ExpressionPlan, MarkPlan, Measure } from '../plan/ends-plan.ts';
import { unreachable } from '../unreachable.ts';

export type Unit = 'cycles' | 'ms' | 'tokens' | 'dollars' | 'share' | 'per-hour' | 'values' | 'number';

export interface ConditionStatus {
  readonly name: string;
  /** `> 80% over 30`. */
  readonly limit: string;
  readonly limitValue: number;
  readonly unit: Unit;
  /** Null: not measured yet, or never. */
  readonly value: number | null;
  readonly holds: boolean;
  /** What the value still has to move, 0 when it holds. Null: unknown. */
  readonly distance: number | null;
  /** Until it holds, at the run's rate or along the metric's trend. Null: `unknown` says why. */
  readonly inMs: number | null;
  readonly unknown: string | null;
  /** Of tokens and cost: whether every attempt said what it used. */
  readonly basis: 'actual' | 'estimated' | 'unknown' | null;
}

export interface MarkStatus {
  readonly id: string;
  readonly level: MarkPlan['level'];
  /** The cycle that reached it first. */
  readonly reachedIn: number | null;
  readonly all: readonly ConditionStatus[];
  readonly any: readonly ConditionStatus[];
}

/** An expression, and what it reads now. */
export interface ExpressionStatus {
  readonly text: string;
  /** By variable; null: not known, and then the expression mostly cannot hold. */
  readonly reads: Readonly<Record<string, number | null>>;
}

export interface ConditionsStatus {
  readonly target: readonly ConditionStatus[];
  readonly budget: readonly ConditionStatus[];
  readonly giveUp: readonly ConditionStatus[];
  readonly when: ExpressionStatus | null;
  /** How often a tripped breaker was tried again. */
  readonly halfOpen: { readonly tries: number; readonly of: number; readonly afterMs: number } | null;
  readonly marks: readonly MarkStatus[];
}

/** Then nobody waits for a condition any more. */
export const RUN_IS_OVER = 'the run is over';

/** Fewer values than this have no trend. */
const FEWEST_FOR_TREND = 3;
/** What is further away than this is no estimate any more. */
const LONGEST_MS = 365 * 86_400_000;

/** `mono`: monotonic time; of a run that stands still, that of its last event. */
export function conditionsOf(
  progress: Progress,
  mono: number,
  { ends, marks = [] }: Partial<Conditions> = progress.run?.watch.conditions ?? {},
): ConditionsStatus | null {
  const { run } = progress;
  if (!run || (!ends && marks.length === 0)) return null;
  const look = (one: Condition) => conditionStatus(one, { progress, run, mono });
  return {
    target: (ends?.target ?? []).map(look),
    budget: (ends?.budget ?? []).map(look),
    giveUp: (ends?.giveUp ?? []).map(look),
    when: ends?.when ? expressionStatus(ends.when, progress, mono) : null,
    halfOpen: ends?.halfOpen
      ? { tries: run.trials, of: ends.halfOpen.times, afterMs: ends.halfOpen.afterMs }
      : null,
    marks: marks.map(({ id, level, all, any }) => ({
      id,
      level,
      reachedIn: run.marks.get(id) ?? null,
      all: all.map(look),
      any: any.map(look),
    })),
  };
}

function expressionStatus(
  { text, reads }: ExpressionPlan,
  progress: Progress,
  mono: number,
): ExpressionStatus {
  const values = reads.map((one) => [one.name, measured(one, progress, mono).value ?? null] as const);
  return { text, reads: Object.fromEntries(values) };
}

interface At {
  readonly progress: Progress;
  readonly run: RunProgress;
  readonly mono: number;
}

function conditionStatus(condition: Condition, at: At): ConditionStatus {
  const { name, text, measure, value: limitValue } = condition;
  const { value, basis } = measured(condition, at.progress, at.mono);
  const holds = value !== undefined && compares(value, condition);
  const distance = value === undefined ? undefined : holds ? 0 : distanceOf(value, condition);
  const time = holds ? { inMs: 0 } : timeTo(condition, { value, distance }, at);
  return {
    name,
    limit: text,
    limitValue,
    unit: unitOf(measure),
    value: value ?? null,
    holds,
    distance: distance ?? null,
    inMs: 'inMs' in time ? time.inMs : null,
    unknown: 'unknown' in time ? time.unknown : null,
    basis: basis ?? null,
  };
}

/** Undefined where no direction leads there. */
function distanceOf(value: number, { operator, value: limit, measure }: Condition): number | undefined {
  // What is counted in wholes has to pass the limit by one.
  const beyond = isWhole(measure) ? 1 : 0;
  switch (operator) {
    case '>=':
    case '<=':
    case '==':
      return Math.abs(limit - value);
    case '>':
    case '<':
      return Math.abs(limit - value) + beyond;
    case '!=':
      return undefined;
    default:
      return unreachable(operator);
  }
}

type Time = { readonly inMs: number } | { readonly unknown: string };

interface Way {
  readonly value: number | undefined;
  readonly distance: number | undefined;
}

function timeTo(condition: Condition, { value, distance }: Way, at: At): Time {
  const { measure } = condition;
  if (value === undefined) return { unknown: unmeasured(measure) };
  if (at.run.ended) return { unknown: RUN_IS_OVER };
  if (distance === undefined) return { unknown: 'no way leads there' };
  switch (measure.kind) {
    case 'runtime':
      return isRising(condition, value) ? { inMs: distance } : { unknown: 'it only grows' };
    case 'cycles':
    case 'tokens':
    case 'cost':
      if (!isRising(condition, value)) return { unknown: 'it only grows' };
      if (value === 0)
        return { unknown: measure.kind === 'cycles' ? 'no cycle has ended yet' : 'nothing used yet' };
      return bounded((distance / value) * runtimeOf(at.run, at.mono));
    case 'metric':
      return measure.statistic === 'sd'
        ? { unknown: 'a spread has no trend' }
        : alongTrend(condition, distance, at);
    case 'distinct':
    case 'failure-rate':
    case 'cycles-per-hour':
    case 'failures-in-a-row':
    case 'broken-in-a-row':
    case 'oom-in-a-row':
    case 'same-error':
    case 'no-progress':
    case 'accepted':
    case 'since-champion':
      return { unknown: 'nobody can foresee it' };
    default:
      return unreachable(measure);
  }
}

/** Along the line that fits the last values best, one cycle taking as long as cycles took so far. */
function alongTrend(condition: Condition, distance: number, { progress, run, mono }: At): Time {
  const { measure } = condition;
  const values = (measure.kind === 'metric' && run.series.get(measure.key)) || [];
  if (values.length < FEWEST_FOR_TREND || run.cycles === 0)
    return { unknown: `fewer than ${FEWEST_FOR_TREND} values` };
  const slope = slopeOf(values);
  const last = measured(condition, progress, mono).value ?? 0;
  const wanted = last < condition.value ? 1 : -1;
  if (slope === 0) return { unknown: 'it does not move' };
  if (Math.sign(slope) !== wanted) return { unknown: 'it moves the other way' };
  const cycleMs = runtimeOf(run, mono) / run.cycles;
  return bounded(Math.max(1, distance / Math.abs(slope)) * cycleMs);
}

/** By least squares, a cycle at a time. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  let over = 0;
  let under = 0;
  for (const [index, value] of values.entries()) {
    over += (index - middle) * (value - mean);
    under += (index - middle) ** 2;
  }
  return under === 0 ? 0 : over / under;
}

function bounded(ms: number): Time {
  if (Number.isFinite(ms) && ms <= LONGEST_MS) return { inMs: Math.round(ms) };
  return { unknown: 'not within a year as it goes now' };
}

function isRising({ operator, value: limit }: Condition, value: number): boolean {
  return operator === '>' || operator === '>=' || (operator === '==' && value < limit);
}

function unmeasured(measure: Measure): string {
  if (measure.kind === 'tokens' || measure.kind === 'cost')
    return 'no attempt has said what it used, so it cannot hold';
  return 'no value yet';
}

function isWhole(measure: Measure): boolean {
  const unit = unitOf(measure);
  return unit === 'cycles' || unit === 'values' || unit === 'tokens';
}

export function unitOf(measure: Measure): Unit {
  switch (measure.kind) {
    case 'metric':
      return 'number';
    case 'distinct':
      return 'values';
    case 'runtime':
      return 'ms';
    case 'tokens':
      return 'tokens';
    case 'cost':
      return 'dollars';
    case 'failure-rate':
      return 'share';
    case 'cycles-per-hour':
      return 'per-hour';
    case 'cycles':
    case 'failures-in-a-row':
    case 'broken-in-a-row':
    case 'oom-in-a-row':
    case 'same-error':
    case 'no-progress':
    case 'since-champion':
      return 'cycles';
    case 'accepted':
      return 'values';
    default:
      return unreachable(measure);
  }
}
