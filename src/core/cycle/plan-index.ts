// The plan with its look-ups, built once a run: who is where, who judges whom.

import type { PhasePlan, Plan, TaskPlan } from '../plan/plan.ts';
import type { Turn } from '../loop/event.ts';

export interface PlanIndex {
  readonly plan: Plan;
  readonly tasks: ReadonlyMap<string, TaskPlan>;
  readonly phaseOf: ReadonlyMap<string, PhasePlan>;
  /** By task: the tasks that judge its evidence. */
  readonly judgedBy: ReadonlyMap<string, readonly TaskPlan[]>;
  readonly turns: Readonly<Record<Turn, readonly PhasePlan[]>>;
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
  const turns = { start: at('start'), cycle: at('cycle'), end: at('end') };
  return { plan, tasks, phaseOf, judgedBy, turns };
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
