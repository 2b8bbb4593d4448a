// `{{metrics.NAME}}` in texts: whether there is such a metric, and only one. Its value comes when an attempt starts.

import { statisticNames } from '../judge/sim-metrics.ts';
import type { Draft } from './draft.ts';
import { CLASH_MEND, clashes } from './fill.ts';
import { placeIn } from './layer.ts';
import type { Layer } from './layer.ts';
import { unknownWord } from './names.ts';
import type { TaskPlan } from './plan.ts';

/**
 * How a metric may be called, each with the key that progress keeps it by: `task.metric`, `task.rung.metric` for a ladder's rung, and
 * bare where only one task has it; undefined where several have.
 */
export function metricNames(tasks: Iterable<TaskPlan>): ReadonlyMap<string, string | undefined> {
  return namesOf(tasks, ({ metrics }) => metrics.map(({ name }) => name));
}

/** The same of what simulations have beside their means: `edge.p05`, `sims.100.edge.p05`, `sims.failed`. */
export function statisticKeys(tasks: Iterable<TaskPlan>): ReadonlyMap<string, string | undefined> {
  return namesOf(tasks, ({ sims, metrics }) => (sims ? statisticNames(metrics.map(({ name }) => name)) : []));
}

function namesOf(
  tasks: Iterable<TaskPlan>,
  namesIn: (task: TaskPlan) => readonly string[],
): ReadonlyMap<string, string | undefined> {
  const names = new Map<string, string | undefined>();
  for (const task of tasks) {
    for (const name of namesIn(task)) {
      names.set(name, names.has(name) ? undefined : `${task.id}.${name}`);
      names.set(`${task.id}.${name}`, `${task.id}.${name}`);
      for (const { count } of task.stages)
        names.set(`${task.id}.${count}.${name}`, `${task.id}.${count}.${name}`);
    }
  }
  return names;
}

type Tasks = ReadonlyMap<string, { readonly task: TaskPlan; readonly layers: readonly Layer[] }>;

/** Only names with a value: each has a variable in every task. */
export function checkMetricVariables({ problems }: Draft, tasks: Tasks): void {
  const keys = metricNames(Array.from(tasks.values(), ({ task }) => task));
  const valued = [...keys.keys()].filter((name) => keys.get(name) !== undefined);
  const said = new Set<string>();
  for (const { name, first, variable } of clashes('GATE_METRIC_', valued)) {
    const key = keys.get(name) ?? '';
    const owner = tasks.get(key.slice(0, key.indexOf('.')));
    const metric = owner?.task.metrics.find((one) => key.endsWith(`.${one.name}`))?.name ?? name;
    // Once, not again for its longer names.
    const mark = `${owner?.task.id ?? ''}.${metric}`;
    if (said.has(mark)) continue;
    said.add(mark);
    const message = `\`metrics.${first}\` and \`metrics.${name}\` would both be ${variable}`;
    const place = placeIn(owner?.layers ?? [], ['metrics', metric]);
    problems.push({ ...place, on: 'key', message, mend: CLASH_MEND });
  }
}

export function checkMetricUses({ metricUses, problems, gates }: Draft, tasks: Tasks): void {
  if (metricUses.length === 0) return;
  const uses = [...tasks.values()].flatMap(({ layers }) => layers.map(({ value }) => value['uses']));
  // A gate that was not found may have brought the metric.
  const isWhole = uses.every((name) => typeof name !== 'string' || gates.has(name));
  const known = Array.from(tasks.values(), ({ task }) => task);
  const names = new Map([...statisticKeys(known), ...metricNames(known)]);
  for (const { name, place } of metricUses) {
    if (names.get(name) !== undefined || (!isWhole && !names.has(name))) continue;
    const message = names.has(name)
      ? `several tasks have a metric \`${name}\``
      : unknownWord('metric', name, names.keys());
    problems.push({ ...place, message, ...(names.has(name) ? { mend: `write \`task.${name}\`` } : {}) });
  }
}
