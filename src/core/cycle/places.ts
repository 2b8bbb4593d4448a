// How many processes may run at once, and who holds the places: one for a task, all that are free for a rung with simulations of its own.

import { jobsNow } from '../loop/rest.ts';
import type { Progress } from '../loop/progress.ts';
import type { PhasePlan } from '../plan/plan.ts';
import type { PlanIndex } from './plan-index.ts';
import type { CycleProgress } from './progress.ts';

export function placesOf(
  { index, progress }: { readonly index: PlanIndex; readonly progress: Progress },
  phase: PhasePlan,
): number {
  return Math.min(jobsNow(index.plan.jobs, progress.run), phase.jobs);
}

/** A question to the world takes a place too, so that no more is asked than can be started. */
export function takenPlaces({ running, pending, tasks }: CycleProgress): number {
  let taken = running.size;
  for (const id of pending) if (tasks.get(id)?.state !== 'ended') taken += 1;
  return taken;
}

/** Whether such a rung is under way: what was free when it started is its own until it ends. */
export function hasRung(index: PlanIndex, { running }: CycleProgress): boolean {
  if (!index.hasSims) return false;
  for (const id of running) if (index.tasks.get(id)?.sims !== undefined) return true;
  return false;
}

/** What the rung that has just been started may take: its own place, and those that no other task holds, one that is asked about among them. */
export function freePlaces(
  {
    index,
    cycle,
    progress,
  }: {
    readonly index: PlanIndex;
    readonly cycle: CycleProgress;
    readonly progress: Progress;
  },
  task: string,
): number {
  const phase = index.phaseOf.get(task);
  if (!phase) return 1;
  return Math.max(1, placesOf({ index, progress }, phase) - (takenPlaces(cycle) - 1));
}
