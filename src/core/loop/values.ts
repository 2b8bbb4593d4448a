// What a task of a finished cycle has measured, by the keys that conditions look at. Whether its cycle counts is for others to say.

import { isWhole } from '../judge/sims.ts';
import type { TaskSummary } from './event.ts';
import { metricKey } from './names.ts';

/** None of a task that was broken, softened or not, or did not run: what it printed before is no measurement. */
export function valuesMeasured(task: TaskSummary): readonly (readonly [key: string, value: number])[] {
  if (task.verdict === 'broken' || task.verdict === 'skipped' || task.wasBroken === true) return [];
  const rungs = Object.entries(task.rungs ?? {}).flatMap(([rung, metrics]) =>
    isCut(task, rung)
      ? []
      : Object.entries(metrics).map(([name, value]) => [metricKey(task.id, name, rung), value] as const),
  );
  if (!isTop(task) || (task.rung !== undefined && isCut(task, task.rung))) return rungs;
  const own = Object.entries(task.metrics).map(([name, value]) => [metricKey(task.id, name), value] as const);
  return [...rungs, ...own];
}

/** Whether a rung was decided before all its simulations were run: means of different counts are never compared. */
function isCut({ sims }: TaskSummary, rung: string | number): boolean {
  const left = sims?.[rung];
  return left !== undefined && !isWhole(left);
}

/** Whether a ladder's bare metric was measured on its top rung; of any other task, always. */
function isTop(task: TaskSummary): boolean {
  if (task.rung === undefined) return true;
  if (task.prunedAt !== undefined) return false;
  return task.verdict === 'passed' || (task.verdict === 'soft-failed' && task.mode === 'strict');
}
