// Which metrics a run's conditions look at, and which way is better for each metric.

import { metricKey } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import type { Condition } from '../plan/ends-plan.ts';

export type Direction = 'higher' | 'lower';

/** Keys of the metrics that a condition of the run looks at, those of the target first; each once. */
export function watchedIn(progress: Progress): readonly string[] {
  const keys = conditionsIn(progress).flatMap(({ measure }) =>
    measure.kind === 'metric' ? [measure.key] : [],
  );
  return [...new Set(keys)];
}

/** As the config says; where it says nothing, as a target wants it. */
export function directionsOf(plan: Plan | undefined, progress: Progress): ReadonlyMap<string, Direction> {
  const better = new Map<string, Direction>();
  for (const { measure, operator } of conditionsIn(progress)) {
    if (measure.kind !== 'metric' || measure.statistic === 'sd' || better.has(measure.key)) continue;
    const wanted = operator.startsWith('>') ? 'higher' : operator.startsWith('<') ? 'lower' : undefined;
    const direction = measure.better ?? wanted;
    if (direction) better.set(measure.key, direction);
  }
  for (const task of plan?.phases.flatMap(({ tasks }) => tasks) ?? []) {
    for (const { name, better: direction } of task.metrics) {
      if (!direction) continue;
      better.set(metricKey(task.id, name), direction);
      for (const { count } of task.stages) better.set(metricKey(task.id, name, count), direction);
    }
  }
  return better;
}

function conditionsIn({ run }: Progress): readonly Condition[] {
  const { ends, marks = [] } = run?.watch.conditions ?? {};
  return [
    ...(ends?.target ?? []),
    ...marks.flatMap(({ all, any }) => [...all, ...any]),
    ...(ends?.budget ?? []),
    ...(ends?.giveUp ?? []),
  ];
}
