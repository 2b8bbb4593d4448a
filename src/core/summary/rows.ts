// Every task of the plan with how it stands, for reports that name them all: also those that were never reached.

import type { TaskSummary } from '../loop/event.ts';
import type { Progress } from '../loop/progress.ts';
import type { PhasePlan, Plan, TaskPlan } from '../plan/plan.ts';
import { isSibling } from './summary.ts';

export interface Row {
  readonly plan: TaskPlan;
  readonly phase: PhasePlan;
  /** Undefined where it was not finished. */
  readonly task: TaskSummary | undefined;
  /** Its turn has come; else a row without a task is none that is missing. */
  readonly isDue: boolean;
}

export function rowsOf(plan: Plan, done: readonly TaskSummary[], progress: Progress): readonly Row[] {
  const byId = new Map(done.map((task) => [task.id, task]));
  return plan.phases.flatMap((phase) =>
    phase.tasks.map((task) => ({
      plan: task,
      phase,
      task: byId.get(task.id),
      isDue: isDue(phase, progress),
    })),
  );
}

/** Phases at the end of a run do not count as cut off before their turn has come. */
export function isDue(phase: PhasePlan, { run, open }: Progress): boolean {
  if (phase.at === 'cycle') return run?.startTurn === undefined || run.startTurn === 'passed';
  if (phase.at === 'start') return open?.turn === 'start' || run?.startTurn === undefined;
  return open?.turn === 'end';
}

/** What only shared another task's fate is no error of its own: there is one cause, and one red row. */
export function shownVerdict(task: TaskSummary): TaskSummary['verdict'] {
  return isSibling(task) ? 'skipped' : task.verdict;
}
