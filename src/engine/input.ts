// What is known of a task when it is about to start, put together from the plan, the turn and where the run stands.

import type { AttemptRef } from '../core/cycle/event.ts';
import { taskOf, type PlanIndex } from '../core/cycle/plan-index.ts';
import type { CycleProgress } from '../core/cycle/progress.ts';
import type { Recorded } from '../core/loop/event.ts';
import { cycleFolder, logName } from '../core/loop/names.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { OrderInput } from '../core/plan/order.ts';
import type { Stage } from './perform.ts';

export function inputOf(
  { index, surroundings }: Pick<Stage, 'index' | 'surroundings'>,
  { run, at }: Pick<Recorded, 'run' | 'at'>,
  ref: AttemptRef,
  { cycle, progress }: { readonly cycle: CycleProgress; readonly progress: Pick<Progress, 'champion'> },
): OrderInput {
  const folder = `${surroundings.cycles}/${cycleFolder(cycle.cycle, cycle.turn)}`;
  return {
    plan: index.plan,
    task: taskOf(index, ref.task),
    ref,
    judges: index.judgedBy.get(ref.task) ?? [],
    facts: {
      ...surroundings,
      run,
      cycle: cycle.cycle,
      cycleDir: folder,
      startedAt: at,
      metrics: cycle.metrics,
      champion: progress.champion,
      logOf: (id: string) => lastLog(index, cycle, id, folder),
    },
  };
}

function lastLog(index: PlanIndex, cycle: CycleProgress, id: string, folder: string): string | undefined {
  const task = cycle.tasks.get(id);
  const plan = index.tasks.get(id);
  // An answer of the cache is no attempt, and has its log all the same.
  if (!task || !plan || task.attempt === 0) return undefined;
  return `${folder}/${logName(plan, task.rung, task.attempt)}`;
}
