// How many processes may run at once, and who holds the places: as many for a task as it weighs, all that are free for a rung with
// simulations of its own.

import { jobsNow } from '../loop/rest.ts';
import type { Progress } from '../loop/progress.ts';
import type { PhasePlan, TaskPlan } from '../plan/plan.ts';
import { weightOf, type PlanIndex } from './plan-index.ts';
import type { CycleProgress, TaskProgress } from './progress.ts';

interface Turn {
  readonly index: PlanIndex;
  readonly cycle: CycleProgress;
}

export function placesOf(
  { index, progress }: { readonly index: PlanIndex; readonly progress: Progress },
  phase: PhasePlan,
): number {
  return Math.min(jobsNow(index.plan.jobs, progress.run), phase.jobs);
}

/** The tasks that hold places. A question to the world takes them too, so that no more is asked than can be started. */
export function placeHolders({ index, cycle }: Turn): readonly string[] {
  const { running, pending, tasks } = cycle;
  const asking = [...pending].filter((id) => {
    const task = tasks.get(id);
    return task !== undefined && holdsPlaces(index, task);
  });
  return [...running, ...asking];
}

/** Who waits for a lock keeps nobody else from running, and is let in anew when it has it. */
function holdsPlaces(index: PlanIndex, { id, state }: TaskProgress): boolean {
  if (state === 'answered') return !index.locks.has(id);
  return state === 'asked' || state === 'sought';
}

export function takenPlaces(turn: Turn): number {
  return placeHolders(turn).reduce((sum, id) => sum + weightOf(turn.index, id), 0);
}

/** Whether such a rung is under way: what was free when it started is its own until it ends. `but`: one that does not count. */
export function hasRung(index: PlanIndex, { running }: CycleProgress, but?: string): boolean {
  if (!index.hasSims) return false;
  for (const id of running) if (id !== but && index.tasks.get(id)?.sims !== undefined) return true;
  return false;
}

/**
 * A task with `writes` runs alone, from its first attempt to its verdict: what changes in the tree meanwhile is its own, and nothing
 * else is blamed for it or put back with it.
 */
export function mayRunBeside({ index, cycle }: Turn, task: TaskPlan): boolean {
  if (index.plan.tree === undefined) return true;
  const { running, pending, tasks } = cycle;
  for (const id of [...running, ...pending]) {
    if (id === task.id) continue;
    const state = tasks.get(id)?.state;
    if (task.writes && (state === 'running' || state === 'asked' || state === 'sought')) return false;
    if (isWriting({ index, cycle }, id)) return false;
  }
  return true;
}

/** Between two of its attempts too: another task's files would be found by the look behind the next one. */
export function isWriting({ index, cycle }: Turn, id: string): boolean {
  const task = cycle.tasks.get(id);
  return index.tasks.get(id)?.writes !== undefined && task !== undefined && task.attempts > 0;
}

/**
 * What the rung that has just been started may take: its own places, and those that no other task holds, one that is asked about among
 * them. Beside another rung there is nothing left but its own.
 */
export function freePlaces(turn: Turn & { readonly progress: Progress }, task: string): number {
  const { index, cycle, progress } = turn;
  const phase = index.phaseOf.get(task);
  if (!phase) return 1;
  const all = placesOf({ index, progress }, phase);
  const own = weightOf(index, task);
  if (hasRung(index, cycle, task)) return Math.min(all, own);
  return Math.max(1, all - (takenPlaces(turn) - own));
}
