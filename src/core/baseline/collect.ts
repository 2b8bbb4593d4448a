// From the runs of a baseline to what is recorded of it.

import type { AttemptEnded } from '../cycle/event.ts';
import { indexPlan } from '../cycle/plan-index.ts';
import type { Verdict } from '../judge/evidence.ts';
import { statisticsOf } from '../judge/statistics.ts';
import type { CycleEnded, TaskSummary } from '../loop/event.ts';
import { isStatisticKey, pastMeasured } from '../loop/values.ts';
import type { Plan, TaskPlan, ThresholdPlan } from '../plan/plan.ts';
import type { SimsPlan } from '../plan/sims-plan.ts';
import { definitionOf } from './definition.ts';
import { foundIn } from './found.ts';
import type { BaselineGate, BaselineRecorded, Noise } from './event.ts';

/** Gates of the cycle's phases that nothing leaves out. */
export function gatesOf({ phases }: Plan): readonly string[] {
  return phases
    .filter(({ at }) => at === 'cycle')
    .flatMap(({ tasks }) => tasks.filter(({ kind, leftOut }) => kind === 'gate' && leftOut === undefined))
    .map(({ id }) => id);
}

/**
 * The plan as a baseline runs it: every gate is judged, so none of them keeps another from running, neither a red one nor one that
 * could not be judged, and each is asked for in every run. `want` asks for more than enough, so missing it is no red.
 */
export function baselinePlan(plan: Plan): Plan {
  const phases = plan.phases.map((phase) => ({
    ...phase,
    policy: 'keep-going' as const,
    tasks: phase.tasks.map(asMeasured),
  }));
  return { ...plan, phases, reporters: [], failOn: undefined };
}

function asMeasured(task: TaskPlan): TaskPlan {
  const when = { ...task.when, every: undefined };
  // What a cache answers has no noise.
  const cache = undefined;
  if (task.kind === 'step') return { ...task, when, cache };
  return {
    ...task,
    when,
    cache,
    mode: 'soft',
    onBroken: 'soft',
    softness: undefined,
    isMeasured: true,
    ...(task.sims && { sims: wholeRungs(task.sims) }),
    thresholds: task.thresholds.map(withoutWant),
    stages: task.stages.map((stage) => ({ ...stage, thresholds: stage.thresholds.map(withoutWant) })),
  };
}

/** Nothing is ever compared with a rung that was ended early. */
function wholeRungs({ per, base, batch, timeoutMs, maxFailed }: SimsPlan): SimsPlan {
  return { per, base, batch, timeoutMs, maxFailed };
}

function withoutWant(threshold: ThresholdPlan): ThresholdPlan {
  return threshold.require === undefined ? threshold : { ...threshold, want: undefined };
}

export interface Collected {
  /** The whole plan, as a run would have it. */
  readonly plan: Plan;
  readonly gates: readonly string[];
  readonly runs: readonly CycleEnded[];
  /** Of each run the last attempt of each task; absent: which findings there were is not recorded. */
  readonly attempts?: readonly ReadonlyMap<string, AttemptEnded>[];
  readonly startedAt: string;
  readonly durationMs: number;
}

export function baselineOf({
  plan,
  gates,
  runs,
  attempts = [],
  startedAt,
  durationMs,
}: Collected): BaselineRecorded {
  const index = indexPlan(plan);
  const recorded = gates.flatMap((id) => {
    const task = index.tasks.get(id);
    const summaries = runs.flatMap(({ tasks }) => tasks.filter((one) => one.id === id));
    if (!task) return [];
    const found = foundIn(task, attempts);
    const named = Object.keys(found).length > 0 && { found };
    return [[id, { ...definitionOf(index, task), ...gateOf(task, summaries), ...named }] as const];
  });
  return {
    type: 'baseline.recorded',
    plan: plan.id,
    times: runs.length,
    startedAt,
    durationMs,
    gates: Object.fromEntries(recorded),
  };
}

function gateOf(
  task: TaskPlan,
  summaries: readonly TaskSummary[],
): Omit<BaselineGate, 'measures' | 'limits'> {
  const red = summaries.filter((one) => hardVerdict(one) === 'failed');
  const first = summaries.find(({ verdict }) => verdict !== 'passed' && verdict !== 'skipped');
  return {
    runs: summaries.map(hardVerdict),
    late: summaries.filter(({ flaky }) => flaky === true).length,
    metrics: noiseOver(task, summaries),
    exits: [...new Set(red.flatMap(({ exitCode }) => exitCode ?? []))],
    fingerprints: [...new Set(red.flatMap(({ fingerprint = [] }) => fingerprint))],
    reasons: first?.reasons ?? [],
  };
}

/** As if the gate were strict. */
export function hardVerdict({ verdict, wasBroken }: TaskSummary): Verdict {
  if (verdict !== 'soft-failed') return verdict;
  return wasBroken === true ? 'broken' : 'failed';
}

/** Of the statistics of simulations only those that a threshold speaks of: there are a dozen for each metric and rung. */
function noiseOver(task: TaskPlan, summaries: readonly TaskSummary[]): Readonly<Record<string, Noise>> {
  const { id, thresholds, stages } = task;
  const asked = new Set(
    [...thresholds, ...stages.flatMap((stage) => [...stage.thresholds, ...stage.promote])].map(
      ({ metric }) => metric,
    ),
  );
  const values = new Map<string, number[]>();
  for (const [key, value] of summaries.flatMap(pastMeasured)) {
    const name = key.slice(id.length + 1);
    if (isStatisticKey(key) && !asked.has(name.replace(/^\d+\./, ''))) continue;
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const noises = [...values].flatMap(([name, list]) => {
    const found = statisticsOf(list);
    if (!found) return [];
    const { n, mean, sd, min, max } = found;
    return [[name, { n, mean: tidy(mean), ...(sd !== undefined && { sd: tidy(sd) }), min, max }] as const];
  });
  return Object.fromEntries(noises);
}

/** Digits that a mean of decimals keeps in a double. */
const MEAN_DIGITS = 15;

function tidy(value: number): number {
  return Number(value.toPrecision(MEAN_DIGITS));
}
