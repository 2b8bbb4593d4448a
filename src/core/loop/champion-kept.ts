// Which numbers of a champion's cycle go into its record, beside the one that it is crowned with.

import { namesIn } from '../plan/fill.ts';
import { statisticKeys } from '../plan/metric-use.ts';
import { textsOf } from '../plan/order.ts';
import type { Plan, TaskPlan, ThresholdPlan } from '../plan/plan.ts';
import type { ChampionFacts } from './champion-event.ts';
import type { TaskSummary } from './event.ts';
import { metricKey } from './names.ts';
import { allMeasured, isStatisticKey, pastMeasured } from './values.ts';

/** What its cycle measured: every mean, and of a dozen statistics behind each of them those that the plan asks a champion for. */
export function keptOf(
  plan: Plan,
  tasks: readonly TaskSummary[],
): Pick<ChampionFacts, 'metrics' | 'incomplete'> {
  const asked = askedOf(plan);
  const all = tasks.flatMap(allMeasured).filter(([key]) => !isStatisticKey(key) || asked.has(key));
  const complete = new Set(tasks.flatMap(pastMeasured).map(([key]) => key));
  const incomplete = all.map(([key]) => key).filter((key) => !complete.has(key));
  return { metrics: Object.fromEntries(all), ...(incomplete.length > 0 && { incomplete }) };
}

/** Keys by which thresholds, commands and targets speak of a champion. */
function askedOf({ phases, ends }: Plan): ReadonlySet<string> {
  const tasks = phases.flatMap((phase) => phase.tasks);
  const keys = new Set<string>();
  for (const task of tasks) for (const key of heldIn(task)) keys.add(key);
  const named = statisticKeys(tasks);
  for (const name of tasks.flatMap(textsOf).flatMap(namesIn)) {
    const key = name.startsWith('champion.') ? named.get(name.slice('champion.'.length)) : undefined;
    if (key !== undefined) keys.add(key);
  }
  for (const { measure } of ends.target) if (measure.kind === 'metric') keys.add(measure.key);
  return keys;
}

/** Thresholds beside `stages` hold on every rung. */
function heldIn({ id, thresholds, stages }: TaskPlan): readonly string[] {
  const everywhere = thresholds.filter(isHeld).map(({ metric }) => metric);
  const rungs = stages.flatMap((stage) => {
    const own = [...stage.thresholds, ...stage.promote].filter(isHeld).map(({ metric }) => metric);
    return [...everywhere, ...own].map((metric) => metricKey(id, metric, stage.count));
  });
  return [...everywhere.map((metric) => metricKey(id, metric)), ...rungs];
}

function isHeld({ require, want }: ThresholdPlan): boolean {
  return require?.reference === 'champion' || want?.reference === 'champion';
}
