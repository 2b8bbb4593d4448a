// When protected files are compared: before a turn, between the steps and the gates of a phase, and behind each phase.

import type { Moment } from '../cycle/moment.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import type { CycleProgress } from '../cycle/progress.ts';
import type { PhasePlan } from '../plan/plan.ts';
import type { RunProgress } from '../loop/progress.ts';
import type { Checkpoint, ProtectAsked, ProtectNoting } from './event.ts';
import { checkpointKey } from './progress.ts';

export function protectNoting({ unaccepted }: Pick<RunProgress, 'unaccepted'>): ProtectNoting {
  return { type: 'protect.noting', ...(unaccepted && { against: unaccepted.sum }) };
}

/** `waiting`: the answer is not there yet, and nothing else of the turn happens before it is. */
export function nextCheck({
  index,
  cycle,
}: Pick<Moment, 'index' | 'cycle'>): ProtectAsked | 'waiting' | undefined {
  if (index.plan.protect === undefined) return undefined;
  const { guard } = cycle;
  if (guard.asked !== undefined) return 'waiting';
  // Then nothing more is started, and what has been found is enough.
  if (guard.tampering) return undefined;
  const due = dueIn(index, cycle);
  return due && { type: 'protect.asked', ...due };
}

/** Whether all that ran in the turn was compared, so that a crash behind it takes nothing away from its verdict. */
export function isGuarded(index: PlanIndex, cycle: CycleProgress): boolean {
  return nextCheck({ index, cycle }) === undefined;
}

function dueIn(index: PlanIndex, cycle: CycleProgress): Checkpoint | undefined {
  const isDue = (at: Checkpoint) => !cycle.guard.clean.has(checkpointKey(at));
  if (isDue({})) return {};
  for (const { id, tasks } of index.turns[cycle.turn]) {
    const phase = { phase: id };
    const open = tasks.find((task) => cycle.tasks.get(task.id)?.state !== 'done');
    const steps = { ...phase, after: 'steps' } as const;
    if (open === undefined) {
      const since = isDue(steps) ? tasks : tasks.filter(({ kind }) => kind === 'gate');
      if (isDue(phase) && hasRun(cycle, since)) return phase;
      continue;
    }
    const isBetween = open.kind === 'gate' && isDue(steps);
    return isBetween &&
      hasRun(
        cycle,
        tasks.filter(({ kind }) => kind === 'step'),
      )
      ? steps
      : undefined;
  }
  return undefined;
}

/** What ran may have changed something, and so may outputs out of the cache; where nothing ran since the files were compared, nothing has. */
function hasRun(cycle: CycleProgress, tasks: PhasePlan['tasks']): boolean {
  return tasks.some(({ id }) => {
    const task = cycle.tasks.get(id);
    return task !== undefined && (task.attempts > 0 || task.cached !== undefined);
  });
}
