// Whether an answer that is there would be given, as things stand: judged as a cycle would judge it. Nothing is decided by it.

import { conclude } from '../cycle/conclude.ts';
import { Alarm } from '../cycle/decision.ts';
import { evolveCycle, openCycle } from '../cycle/evolve.ts';
import { indexPlan, taskOf } from '../cycle/plan-index.ts';
import { isoTime } from '../time.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import type { TaskRestored } from './event.ts';
import { mayAnswer } from './keeping.ts';

/** `progress`: what the ledger knows of earlier values. `wall`: milliseconds since 1970. */
export interface Today {
  readonly plan: Plan;
  readonly progress: Progress;
  readonly wall: number;
}

/** Undefined: it would. */
export function whyNoAnswer({ plan, progress, wall }: Today, answer: TaskRestored): string | undefined {
  const index = indexPlan(plan);
  const stamp = { v: 1, seq: 0, at: isoTime(wall), mono: 0, run: '' } as const;
  const cycle = openCycle({ ...stamp, type: 'cycle.started', cycle: progress.cycle + 1, turn: 'cycle' });
  evolveCycle(cycle, { ...stamp, type: 'task.sought', task: answer.task });
  evolveCycle(cycle, { ...stamp, ...answer });
  const moment = { index, progress, cycle, stop: undefined, now: 0, wall, alarm: new Alarm() };
  const task = taskOf(index, answer.task);
  for (const one of [task, ...(index.judgedBy.get(task.id) ?? [])]) {
    const judged = conclude(moment, one);
    if (!mayAnswer(judged, task))
      return `${one.id} would not pass by the answer: ${judged.reasons[0] ?? judged.verdict}`;
  }
  return undefined;
}
