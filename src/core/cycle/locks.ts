// Named locks: which tasks of the turn have one, who waits, and for how long. Whether other runs hold it only the world can say.

import type { TaskPlan } from '../plan/plan.ts';
import { formatDuration } from '../config/quantity.ts';
import type { LockHolder, TaskLocking } from './event.ts';
import type { Moment } from './moment.ts';
import type { PlanIndex } from './plan-index.ts';
import type { CycleProgress, TaskProgress } from './progress.ts';

const NONE: readonly string[] = [];

export function locksOf(index: PlanIndex, id: string): readonly string[] {
  return index.locks.get(id) ?? NONE;
}

/** The task has to ask for its locks before its next attempt; those that it has it keeps until it is settled. */
export function lacksLocks(index: PlanIndex, id: string, task: TaskProgress | undefined): boolean {
  return index.locks.has(id) && task?.locking?.state !== 'held';
}

/** Undefined: another task of the turn has one of them, or is before it in the line for it. */
export function nextLocking(
  { index, cycle }: Pick<Moment, 'index' | 'cycle'>,
  id: string,
): TaskLocking | undefined {
  const locks = locksOf(index, id);
  if (locks.some((name) => isClaimed(index, cycle, name))) return undefined;
  return { type: 'task.locking', task: id, locks };
}

function isClaimed(index: PlanIndex, { running, pending, tasks }: CycleProgress, name: string): boolean {
  for (const ids of [running, pending]) {
    for (const id of ids)
      if (tasks.get(id)?.locking !== undefined && locksOf(index, id).includes(name)) return true;
  }
  return false;
}

/** A wait may last as long as an attempt of the task itself, and never beyond its cycle and its phase. */
export function lockLimit({ timeoutMs }: TaskPlan, { locking }: TaskProgress): number | undefined {
  return timeoutMs === 'never' || locking === undefined ? undefined : locking.sinceMono + timeoutMs;
}

export interface Unlocked {
  readonly reason: string;
  /** Who had it differs from time to time, and makes no other failure of it. */
  readonly remarks: readonly string[];
}

/** Why the task does not have its locks. */
export function unlocked({ timeoutMs }: Pick<TaskPlan, 'timeoutMs'>, { locking }: TaskProgress): Unlocked {
  if (locking?.failed !== undefined) return { reason: locking.failed, remarks: [] };
  const name = locking?.lock === undefined ? 'its locks' : `the lock \`${locking.lock}\``;
  const remarks = locking?.holder ? [`${holderText(locking.holder)} had it`] : [];
  return { reason: `${name} could not be had within ${formatDuration(timeoutMs)}`, remarks };
}

/** `task deploy of run 20261129-… (process 4242)`. */
export function holderText({ run, task, pid }: LockHolder): string {
  const whose = run === undefined ? [] : [task === undefined ? `run ${run}` : `task ${task} of run ${run}`];
  const parts = [...whose, ...(pid === undefined ? [] : [`(process ${pid})`])];
  return parts.length === 0 ? 'another run' : parts.join(' ');
}
