// Which mark a run has reached for the first time. A mark is announced and reported; it acts on nothing.

import type { Plan } from '../plan/plan.ts';
import { heldText } from './ending.ts';
import { holds } from './measure.ts';
import type { MarkReached } from './event.ts';
import type { Now } from './now.ts';
import type { Progress, RunProgress } from './progress.ts';

export function nextMark(
  plan: Plan,
  progress: Progress,
  run: RunProgress,
  now: Now,
): MarkReached | undefined {
  if (run.lastVerdict === undefined) return undefined;
  for (const { id, level, all, any } of plan.marks) {
    if (run.marks.has(id)) continue;
    const isHeld = (one: (typeof all)[number]) => holds(one, progress, now.mono);
    const some = any.filter(isHeld);
    if (!all.every(isHeld) || (any.length > 0 && some.length === 0)) continue;
    const because = [...all, ...some].map((one) => heldText(one, progress, now.mono));
    return { type: 'mark.reached', mark: id, level, cycle: progress.cycle, because };
  }
  return undefined;
}
