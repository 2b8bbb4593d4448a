// The plan with its look-ups, built once a run: who is where, who judges whom.

import { matcherOf } from '../plan/names.ts';
import type { PhasePlan, Plan, TaskPlan } from '../plan/plan.ts';
import type { Turn } from '../loop/event.ts';

export interface PlanIndex {
  readonly plan: Plan;
  readonly tasks: ReadonlyMap<string, TaskPlan>;
  readonly phaseOf: ReadonlyMap<string, PhasePlan>;
  /** By task: the tasks that judge its evidence. */
  readonly judgedBy: ReadonlyMap<string, readonly TaskPlan[]>;
  readonly turns: Readonly<Record<Turn, readonly PhasePlan[]>>;
  /** By task: the ids that its `when: passed` and `when: failed` speak of; absent where it has neither. */
  readonly whenIds: ReadonlyMap<string, WhenIds>;
}

export interface WhenIds {
  readonly passed: readonly string[] | undefined;
  readonly failed: readonly string[] | undefined;
}

export function indexPlan(plan: Plan): PlanIndex {
  const tasks = new Map<string, TaskPlan>();
  const phaseOf = new Map<string, PhasePlan>();
  const judgedBy = new Map<string, TaskPlan[]>();
  for (const phase of plan.phases) {
    for (const task of phase.tasks) {
      tasks.set(task.id, task);
      phaseOf.set(task.id, phase);
      if (task.judges !== undefined) judgedBy.set(task.judges, [...(judgedBy.get(task.judges) ?? []), task]);
    }
  }
  const at = (turn: Turn) => plan.phases.filter((phase) => phase.at === turn);
  const whenIds = unfolded(plan, tasks);
  const turns = { start: at('start'), cycle: at('cycle'), end: at('end') };
  return { plan, tasks, phaseOf, judgedBy, turns, whenIds };
}

/** A glob speaks of what comes before its task in the same turn and does not itself wait for that task. */
function unfolded(plan: Plan, tasks: ReadonlyMap<string, TaskPlan>): ReadonlyMap<string, WhenIds> {
  const ids = new Map<string, WhenIds>();
  for (const turn of ['start', 'cycle', 'end'] as const) {
    const before: TaskPlan[] = [];
    for (const task of plan.phases.filter(({ at }) => at === turn).flatMap((phase) => phase.tasks)) {
      const { passed, failed } = task.when;
      const near = before.filter((other) => !waitsFor(other, task.id, tasks)).map(({ id }) => id);
      const named = (words: readonly string[]) =>
        words.length === 0
          ? undefined
          : words.flatMap((word) => (tasks.has(word) ? [word] : near.filter(matcherOf(word))));
      if (passed.length + failed.length > 0)
        ids.set(task.id, { passed: named(passed), failed: named(failed) });
      before.push(task);
    }
  }
  return ids;
}

function waitsFor(task: TaskPlan, id: string, tasks: ReadonlyMap<string, TaskPlan>): boolean {
  return task.needs.some((need) => {
    const other = tasks.get(need);
    return need === id || (other !== undefined && waitsFor(other, id, tasks));
  });
}

export function taskOf(index: PlanIndex, id: string): TaskPlan {
  const task = index.tasks.get(id);
  if (!task) throw new Error(`bug: no task ${id} in the plan`);
  return task;
}

/** A strict step or gate: its failure ends the cycle as failed or broken. A task the plan no longer has counts as strict. */
export function isStrict(index: PlanIndex, id: string): boolean {
  return index.tasks.get(id)?.mode !== 'soft';
}
