// What the fold keeps of tasks that have run out of memory: how much the runs since then held, as far as it is known.

import type { CycleEnded, TaskSummary } from './event.ts';
import type { Progress } from './progress.ts';

/** A task is kept until so many runs in a row had enough. */
export const MEMORY_RUNS_KEPT = 20;

/** A run of a task in one cycle, judged or not. */
export interface MemoryRun {
  readonly cycle: number;
  readonly isOom: boolean;
  /** The most that it was seen to hold; absent: nobody looked in time. */
  readonly peakBytes?: number;
  /** Of what ran out of memory: how much could be had. */
  readonly limitBytes?: number;
}

export function memoryAfter(before: Progress['memory'], event: CycleEnded): Progress['memory'] {
  const after = new Map(before);
  for (const task of event.tasks) {
    const known = after.get(task.id);
    if (!isRun(task) || (known === undefined && task.outcome !== 'oom')) continue;
    const runs = [...(known ?? []), runOf(task, event.cycle)].slice(-MEMORY_RUNS_KEPT);
    if (runs.some(({ isOom }) => isOom)) after.set(task.id, runs);
    else after.delete(task.id);
  }
  return after;
}

/** What came to no end of its own says nothing of how much it needs. */
function isRun({ verdict, outcome, cached }: TaskSummary): boolean {
  return verdict !== 'skipped' && outcome !== 'limited' && outcome !== 'cancelled' && !cached;
}

function runOf({ outcome, peakBytes, memoryLimitBytes }: TaskSummary, cycle: number): MemoryRun {
  return {
    cycle,
    isOom: outcome === 'oom',
    ...(peakBytes !== undefined && { peakBytes }),
    ...(memoryLimitBytes !== undefined && { limitBytes: memoryLimitBytes }),
  };
}
