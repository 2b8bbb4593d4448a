// Thresholds whose gate does better than they ask: how much room there is, and the limit that would take it away.
// A pin is never looser than what is written, and never tighter than what was measured, noise set aside.

import { indexPlan, type PlanIndex } from '../cycle/plan-index.ts';
import type { Limit } from '../config/pin.ts';
import type { Path } from '../config/problem.ts';
import { metricKey } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import type { Comparison, Plan, TaskPlan, ThresholdPlan } from '../plan/plan.ts';
import { noiseOf } from './compare.ts';

export interface Ratchet {
  /** `lint.warnings`, and of a threshold that stands in a stage `sims.100.edge`. */
  readonly name: string;
  readonly task: string;
  readonly threshold: string;
  /** What was measured when the gate last passed; null: nothing was. */
  readonly now: number | null;
  /** The cycle of that. */
  readonly cycle: number | null;
  /** How far the value lies on the good side of the limit; null: the threshold is no number, or nothing was measured. */
  readonly slack: number | null;
  /** What a pin leaves free because the baseline's runs lay that far apart; null: no baseline tells. */
  readonly noise: number | null;
  /** The tighter limit; null: `why` says why there is none. */
  readonly pin: Limit | null;
  readonly why: string | null;
  /** Where its limit stands in the config, if it stands there. */
  readonly path: Path;
  readonly from: Limit | null;
}

/** Of all strict and soft gates of the cycle, in the order of the plan. */
export function ratchetsOf(plan: Plan, progress: Progress): readonly Ratchet[] {
  const index = indexPlan(plan);
  return plan.phases
    .filter(({ at }) => at === 'cycle')
    .flatMap((phase) =>
      phase.tasks
        .filter(({ kind }) => kind === 'gate')
        .flatMap((task) =>
          ratchetsOfGate(task, { index, progress, path: ['phases', phase.id, 'gates', task.id] }),
        ),
    );
}

interface Place {
  readonly index: PlanIndex;
  readonly progress: Progress;
  /** Of the gate. */
  readonly path: Path;
}

function ratchetsOfGate(task: TaskPlan, place: Place): readonly Ratchet[] {
  const counts = task.stages.map(({ count }) => count);
  const beside = task.thresholds.flatMap((threshold) =>
    ratchetOf(threshold, task, {
      ...place,
      rungs: counts,
      path: [...place.path, 'thresholds', threshold.metric],
    }),
  );
  const inStages = task.stages.flatMap((stage, at) =>
    stage.thresholds.flatMap((threshold) =>
      ratchetOf(threshold, task, {
        ...place,
        rungs: [stage.count],
        stage: stage.count,
        path: [...place.path, 'stages', at, 'thresholds', threshold.metric],
      }),
    ),
  );
  return [...beside, ...inStages];
}

interface At extends Place {
  /** A limit has to hold on each of them; none: the gate has no ladder. */
  readonly rungs: readonly number[];
  /** Of the threshold itself. */
  readonly stage?: number;
}

function ratchetOf({ metric, require }: ThresholdPlan, task: TaskPlan, at: At): readonly Ratchet[] {
  if (!require || require.operator === '==' || require.operator === '!=') return [];
  const { stage, path } = at;
  const base = {
    name: metricKey(task.id, metric, stage),
    task: task.id,
    threshold: require.text,
    noise: null,
    pin: null,
    path,
  };
  const measured = worstOf(task, metric, at, require);
  const past = { now: measured?.value ?? null, cycle: measured?.cycle ?? null };
  if (require.reference !== 'value') {
    const why = `it follows its \`${require.reference}\` by itself`;
    return [{ ...base, ...past, slack: null, why, from: null }];
  }
  const from = { operator: require.operator, value: require.offset, text: require.text };
  if (!measured) return [{ ...base, ...past, slack: null, why: 'no cycle has measured it yet', from }];
  const slack = tidy(isHigher(require) ? measured.value - require.offset : require.offset - measured.value);
  const noise = spreadOf(task, metric, at);
  const pin = pinOf(require, measured.value, noise ?? 0);
  const why = pin ? null : slack < 0 ? 'it is missed' : 'there is no room to take away';
  return [{ ...base, ...past, slack, noise: noise ?? null, pin: pin ?? null, why, from }];
}

interface Measured {
  readonly value: number;
  readonly cycle: number;
}

/** Nearest to the limit, of the rungs on which it holds. */
function worstOf(
  task: TaskPlan,
  metric: string,
  { rungs, progress }: At,
  limit: Comparison,
): Measured | undefined {
  const keys =
    rungs.length === 0 ? [metricKey(task.id, metric)] : rungs.map((rung) => metricKey(task.id, metric, rung));
  const values = keys.flatMap((key) => {
    const past = progress.metrics.get(key);
    return past ? [{ value: past.last, cycle: past.cycle }] : [];
  });
  const sorted = values.toSorted((one, other) => one.value - other.value);
  return isHigher(limit) ? sorted[0] : sorted.at(-1);
}

/** How far the runs of a baseline lay apart; undefined: no baseline tells, or one of a single run. */
function spreadOf(task: TaskPlan, metric: string, { index, progress, rungs }: At): number | undefined {
  const names = rungs.length === 0 ? [metric] : rungs.map((rung) => `${rung}.${metric}`);
  const spreads = names.flatMap((name) => {
    const noise = noiseOf(index, progress, task, name);
    return noise && noise.n > 1 ? [tidy(noise.max - noise.min)] : [];
  });
  return spreads.length === 0 ? undefined : Math.max(...spreads);
}

/** Undefined where it would be no tighter than what is written. */
function pinOf(limit: Comparison, measured: number, noise: number): Limit | undefined {
  const higher = isHigher(limit);
  const value = rounded(higher ? measured - noise : measured + noise, higher ? 'down' : 'up');
  const isTighter = higher ? value > limit.offset : value < limit.offset;
  const operator = higher ? '>=' : '<=';
  return isTighter ? { operator, value, text: `${operator} ${value}` } : undefined;
}

function isHigher({ operator }: Pick<Comparison, 'operator'>): boolean {
  return operator.startsWith('>');
}

/** Fractions keep so many digits: the ones behind them are noise of the machine that measured. */
const DIGITS = 4;
const DUST_DIGITS = 12;

/** Towards the looser side; whole numbers stay as they are. */
function rounded(value: number, to: 'down' | 'up'): number {
  const clean = tidy(value);
  if (Number.isInteger(clean) || clean === 0) return clean;
  const decimals = Math.min(15, Math.max(0, DIGITS - 1 - Math.floor(Math.log10(Math.abs(clean)))));
  const near = Number(clean.toFixed(decimals));
  const step = Number(`1e-${decimals}`);
  const isLoose = to === 'down' ? near <= clean : near >= clean;
  return isLoose ? near : Number((to === 'down' ? near - step : near + step).toFixed(decimals));
}

function tidy(value: number): number {
  return Number(value.toPrecision(DUST_DIGITS));
}
