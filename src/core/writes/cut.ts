// What a start says about a task with `writes` that the start before it could not bring to its verdict. It touches nothing of the tree.

import type { PlanIndex } from '../cycle/plan-index.ts';
import { cycleFolder } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import type { TaskPlan } from '../plan/plan.ts';

/** What holds the tree as it was before a task, in the cycle's folder: a tar. */
export function beforeName({ phase, id }: Pick<TaskPlan, 'phase' | 'id'>): string {
  return `${phase}.${id}.before.tar`;
}

/** One sentence a task. `isThere`: whether a file lies below the folder of the cycles. */
export function cutWrites(
  { tasks }: PlanIndex,
  { open }: Pick<Progress, 'open'>,
  { cycles, isThere }: { readonly cycles: string; readonly isThere: (path: string) => boolean },
): readonly string[] {
  if (!open) return [];
  return [...open.tasks.values()].flatMap((task) => {
    const plan = tasks.get(task.id);
    if (!plan?.writes || task.attempts === 0 || task.state === 'done') return [];
    const tar = `${cycleFolder(open.cycle, open.turn)}/${beforeName(plan)}`;
    const what =
      task.state === 'undoing'
        ? `putting back what ${task.id} wrote was cut off in cycle ${open.cycle}, and may be done in part`
        : `${task.id} was cut off in cycle ${open.cycle}, and what it wrote was neither judged nor put back`;
    const where = isThere(tar) ? `; the tree as it was before is in ${cycles}/${tar}` : '';
    return [`${what}: nothing of the tree is touched now${where}`];
  });
}
