// The plan with its look-ups, built once a run: who is where, who judges whom.

import { matcherOf } from '../plan/names.ts';
import type { PhasePlan, Plan, TaskPlan } from '../plan/plan.ts';
import { asOf } from '../plan/softness.ts';
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
  /** By task: the locks that it needs, in the order in which they are taken; absent where it needs none. */
  readonly locks: ReadonlyMap<string, readonly string[]>;
  /** Some task says how much memory it needs. */
  readonly hasMemory: boolean;
  /** Some ladder's simulations are run by gate-run itself. */
  readonly hasSims: boolean;
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
  const turns = { start: at('start'), cycle: at('cycle'), end: at('end'), confirm: confirming(plan) };
  const all = [...tasks.values()];
  const hasSims = all.some(({ sims }) => sims !== undefined);
  const hasMemory = all.some(({ resources }) => resources?.memoryBytes !== undefined);
  return { plan, tasks, phaseOf, judgedBy, turns, whenIds, locks: locksIn(all), hasMemory, hasSims };
}

/** What judges another one's evidence runs nothing, and keeps nobody from running. */
function locksIn(tasks: readonly TaskPlan[]): ReadonlyMap<string, readonly string[]> {
  return new Map(
    tasks.flatMap(({ id, judges, resources }) =>
      judges === undefined && resources && resources.locks.length > 0 ? [[id, resources.locks]] : [],
    ),
  );
}

/** Of a confirmation as the views see it: its gate, where that stands. What it runs is in `turn-index.ts`. */
function confirming({ phases, objective, champion }: Plan): readonly PhasePlan[] {
  if (!objective || !champion?.confirm) return [];
  return phases.flatMap((phase) => {
    const tasks = phase.tasks.filter(({ id }) => id === objective.task);
    return tasks.length === 0 ? [] : [{ ...phase, tasks }];
  });
}

/** A glob speaks of what comes before its task in the same turn and does not itself wait for that task. */
function unfolded(plan: Plan, tasks: ReadonlyMap<string, TaskPlan>): ReadonlyMap<string, WhenIds> {
  const ids = new Map<string, WhenIds>();
  for (const turn of ['start', 'cycle', 'end'] as const) {
    const before: TaskPlan[] = [];
    for (const task of plan.phases.filter(({ at }) => at === turn).flatMap((phase) => phase.tasks)) {
      const { passed, failed } = task.when;
      if (passed.length + failed.length > 0) {
        const waits = waitingFor(task.id, tasks);
        const near = before.filter((other) => !waits(other)).map(({ id }) => id);
        const named = (words: readonly string[]) =>
          words.length === 0
            ? undefined
            : words.flatMap((word) => (tasks.has(word) ? [word] : near.filter(matcherOf(word))));
        ids.set(task.id, { passed: named(passed), failed: named(failed) });
      }
      before.push(task);
    }
  }
  return ids;
}

/** Whether a task needs `id`, itself or through others. Each is asked about once: paths are many where layers need layers. */
function waitingFor(id: string, tasks: ReadonlyMap<string, TaskPlan>): (task: TaskPlan) => boolean {
  const known = new Map<string, boolean>();
  const waits = (task: TaskPlan): boolean => {
    const before = known.get(task.id);
    if (before !== undefined) return before;
    const answer = task.needs.some((need) => {
      const other = tasks.get(need);
      return need === id || (other !== undefined && waits(other));
    });
    known.set(task.id, answer);
    return answer;
  };
  return waits;
}

export function taskOf(index: PlanIndex, id: string): TaskPlan {
  const task = index.tasks.get(id);
  if (!task) throw new Error(`bug: no task ${id} in the plan`);
  return task;
}

/** Places of `jobs` that it takes. */
export function weightOf(index: PlanIndex, id: string): number {
  return index.tasks.get(id)?.resources?.weight ?? 1;
}

/** A strict step or gate: its failure ends the cycle as failed or broken. A task the plan no longer has counts as strict. */
export function isStrict(
  index: PlanIndex,
  id: string,
  { startedAt }: { readonly startedAt: string },
): boolean {
  const task = index.tasks.get(id);
  return task === undefined || asOf(task, startedAt).mode !== 'soft';
}
