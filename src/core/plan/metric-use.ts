// `{{metrics.NAME}}` in texts: whether there is such a metric, and only one. Its value comes when an attempt starts.

import type { Draft } from './draft.ts';
import type { Layer } from './layer.ts';
import { unknownWord } from './names.ts';
import type { TaskPlan } from './plan.ts';

/**
 * How a metric may be called, each with the key that progress keeps it by: `task.metric`, `task.rung.metric` for a ladder's rung, and
 * bare where only one task has it; undefined where several have.
 */
export function metricNames(tasks: Iterable<TaskPlan>): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const task of tasks) {
    for (const { name } of task.metrics) {
      names.set(name, names.has(name) ? undefined : `${task.id}.${name}`);
      names.set(`${task.id}.${name}`, `${task.id}.${name}`);
      for (const { count } of task.stages)
        names.set(`${task.id}.${count}.${name}`, `${task.id}.${count}.${name}`);
    }
  }
  return names;
}

export function checkMetricUses(
  { metricUses, problems, gates }: Draft,
  tasks: ReadonlyMap<string, { readonly task: TaskPlan; readonly layers: readonly Layer[] }>,
): void {
  if (metricUses.length === 0) return;
  const uses = [...tasks.values()].flatMap(({ layers }) => layers.map(({ value }) => value['uses']));
  // A gate that was not found may have brought the metric.
  const isWhole = uses.every((name) => typeof name !== 'string' || gates.has(name));
  const names = metricNames(Array.from(tasks.values(), ({ task }) => task));
  for (const { name, place } of metricUses) {
    if (names.get(name) !== undefined || (!isWhole && !names.has(name))) continue;
    const message = names.has(name)
      ? `several tasks have a metric \`${name}\``
      : unknownWord('metric', name, names.keys());
    problems.push({ ...place, message, ...(names.has(name) ? { mend: `write \`task.${name}\`` } : {}) });
  }
}
