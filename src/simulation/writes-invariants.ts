// Of tasks with `writes`: nothing runs beside them, no more than their caps is ever green, and what is put back was too much.

import type { Recorded } from '../core/loop/event.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';

/** From the first attempt to the verdict: what changes meanwhile would be taken for its own. */
export function writersRunAlone(plan: Plan, events: readonly Recorded[]): string[] {
  const writers = writersOf(plan);
  const broken: string[] = [];
  const running = new Set<string>();
  let alone: string | undefined;
  for (const event of events) {
    if (event.type === 'cycle.started') {
      running.clear();
      alone = undefined;
    }
    if (event.type === 'attempt.started') {
      if (alone !== undefined && alone !== event.task) broken.push(`${event.task} began beside ${alone}`);
      if (writers.has(event.task)) {
        if (running.size > 0) broken.push(`${event.task} began beside ${[...running].join(', ')}`);
        alone = event.task;
      }
      running.add(event.task);
    }
    if (event.type === 'attempt.ended') running.delete(event.task);
    if ((event.type === 'task.judged' || event.type === 'task.skipped') && event.task === alone)
      alone = undefined;
  }
  return broken;
}

export function writesAreCapped(plan: Plan, events: readonly Recorded[]): string[] {
  const writers = writersOf(plan);
  const broken: string[] = [];
  /** By task: whether its last attempt wrote too much, and what became of that. */
  const over = new Map<string, 'over' | 'undoing' | 'undone'>();
  for (const event of events) {
    if (event.type === 'cycle.started') over.clear();
    if (!('task' in event)) continue;
    const { task } = event;
    const writes = writers.get(task)?.writes;
    if (!writes) continue;
    const state = over.get(task);
    if (event.type === 'attempt.started' && state !== undefined)
      broken.push(`${task} was tried again although it had written too much`);
    if (event.type === 'attempt.ended' && (event.writes?.files ?? 0) > (writes.files ?? Infinity))
      over.set(task, 'over');
    if (event.type === 'attempt.undoing') {
      if (state !== 'over' || writes.onViolation !== 'restore')
        broken.push(`${task} was to be put back for no reason`);
      over.set(task, 'undoing');
    }
    if (event.type === 'attempt.undone') {
      if (state !== 'undoing') broken.push(`${task} was put back, and nobody had decided that`);
      over.set(task, 'undone');
    }
    if (event.type !== 'task.judged' && event.type !== 'task.skipped') continue;
    if (state === undefined) continue;
    if (event.type === 'task.judged' && (event.verdict === 'passed' || event.verdict === 'skipped'))
      broken.push(`${task} ${event.verdict} although it had written too much`);
    if (writes.onViolation === 'restore' && state !== 'undone')
      broken.push(`${task} was settled before what it wrote was put back`);
  }
  return broken;
}

function writersOf({ phases }: Plan): ReadonlyMap<string, TaskPlan> {
  const tasks = phases.flatMap((phase) => phase.tasks);
  return new Map(tasks.filter(({ writes }) => writes).map((task) => [task.id, task]));
}
