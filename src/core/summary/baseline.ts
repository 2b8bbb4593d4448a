// What `baseline show` and `status` say of baselines: how each gate stood before the loop, and whether it still is that gate.

import { baselineFor } from '../baseline/compare.ts';
import { stateOf, type BaselineState } from '../baseline/event.ts';
import type { GateBaseline } from '../baseline/fold.ts';
import { indexPlan } from '../cycle/plan-index.ts';
import type { Verdict } from '../judge/evidence.ts';
import { metricKey } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import { valuesMeasured } from '../loop/values.ts';
import type { Plan } from '../plan/plan.ts';

export interface BaselineAnswer {
  readonly schemaVersion: 1;
  readonly exit: number;
  readonly gates: readonly BaselineRow[];
  /** Gates of the config that have no baseline. */
  readonly missing: readonly string[];
}

export interface BaselineRow {
  readonly id: string;
  readonly state: BaselineState;
  /** Null: it is compared with. Else why it is set aside. */
  readonly aside: string | null;
  readonly at: string;
  /** The last cycle before it. */
  readonly cycle: number;
  readonly runs: readonly Verdict[];
  /** Runs that passed, but not on their first attempt. */
  readonly late: number;
  readonly reasons: readonly string[];
  readonly metrics: Readonly<Record<string, BaselineMetric>>;
}

export interface BaselineMetric {
  readonly n: number;
  readonly mean: number;
  /** Null: a single run tells nothing about noise. */
  readonly sd: number | null;
  readonly min: number;
  readonly max: number;
  /** What the last cycle measured; null: nothing yet. */
  readonly now: number | null;
}

export interface BaselineStatus {
  /** Of the newest one, ISO 8601. */
  readonly at: string;
  readonly gates: number;
  /** That were not green in it, and are compared with. */
  readonly red: readonly string[];
  /** Gates that have changed since. */
  readonly aside: readonly string[];
}

/** Null: there is none. */
export function baselineStatus(plan: Plan | undefined, progress: Progress): BaselineStatus | null {
  if (progress.baselines.size === 0) return null;
  const { gates } = baselineAnswer(plan, progress);
  const times = gates.map(({ at }) => at).toSorted();
  return {
    at: times.at(-1) ?? '',
    gates: gates.length,
    red: gates.filter(({ state, aside }) => aside === null && state !== 'green').map(({ id }) => id),
    aside: gates.filter(({ aside }) => aside !== null).map(({ id }) => id),
  };
}

/** `plan`: undefined where the config has problems; then nobody can tell whether a gate has changed. */
export function baselineAnswer(plan: Plan | undefined, progress: Progress): Omit<BaselineAnswer, 'exit'> {
  const index = plan && indexPlan(plan);
  const rows = [...progress.baselines].flatMap(([id, [newest]]): BaselineRow[] => {
    if (!newest) return [];
    const task = index?.tasks.get(id);
    if (!index) return [rowOf(id, newest, { progress, aside: null })];
    if (!task) return [rowOf(id, newest, { progress, aside: 'the config has no such gate' })];
    const { gate, aside } = baselineFor(index, progress, task);
    return [rowOf(id, gate ?? newest, { progress, aside: aside ? 'the gate has changed since' : null })];
  });
  const known = new Set(rows.filter(({ aside }) => aside === null).map(({ id }) => id));
  const gates = (plan?.phases ?? [])
    .filter(({ at }) => at === 'cycle')
    .flatMap(({ tasks }) => tasks.filter(({ kind, leftOut }) => kind === 'gate' && leftOut === undefined));
  const missing = gates.map(({ id }) => id).filter((id) => !known.has(id));
  return { schemaVersion: 1, gates: rows, missing };
}

function rowOf(
  id: string,
  gate: GateBaseline,
  { progress, aside }: { readonly progress: Progress; readonly aside: string | null },
): BaselineRow {
  const { at, cycle, runs, late, reasons } = gate;
  const last = progress.last && progress.last.cycle > cycle ? progress.last.tasks : [];
  const values = new Map(last.filter((task) => task.id === id).flatMap(valuesMeasured));
  const metrics = Object.entries(gate.metrics).map(
    ([name, { n, mean, sd, min, max }]) =>
      [name, { n, mean, sd: sd ?? null, min, max, now: values.get(keyOf(id, name)) ?? null }] as const,
  );
  return {
    id,
    state: stateOf(gate),
    aside,
    at,
    cycle,
    runs,
    late,
    reasons,
    metrics: Object.fromEntries(metrics),
  };
}

/** Of `edge`, and of a rung's `100.edge`. */
function keyOf(id: string, name: string): string {
  const rung = /^(\d+)\.(.+)$/.exec(name);
  return rung ? metricKey(id, rung[2] ?? '', rung[1]) : metricKey(id, name);
}
