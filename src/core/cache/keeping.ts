// Which answers are worth keeping, and which may be given. Broken, flaky and cut attempts never; failed ones only where it is asked for.

import type { AttemptEnded, TaskJudged } from '../cycle/event.ts';
import type { TaskProgress } from '../cycle/progress.ts';
import type { Evidence, Judgement } from '../judge/evidence.ts';
import { RETRY_AT } from '../judge/retry-at.ts';
import type { TaskPlan } from '../plan/plan.ts';

/** What may be answered with: a soft-failed gate has failed. */
export function mayAnswer(
  { verdict, wasBroken }: Pick<Judgement, 'verdict' | 'wasBroken'>,
  { cache }: Pick<TaskPlan, 'cache'>,
): boolean {
  if (verdict === 'passed') return true;
  if (wasBroken === true) return false;
  return cache?.failed === true && (verdict === 'failed' || verdict === 'soft-failed');
}

/** Why a judged attempt is not kept; undefined: it is. */
export function whyNotKept(plan: TaskPlan, task: TaskProgress, judged: TaskJudged): string | undefined {
  const { ended } = task;
  if (!ended || task.attempt === 0) return 'it did not run';
  if (task.attempts > 1 || task.attempt > 1) return 'it did not pass on its first attempt';
  if (judged.outcome !== 'exited') return 'it could not be judged';
  if (!mayAnswer(judged, plan)) return `it ${judged.verdict}`;
  if (ended.log === 'cut' || ended.log === 'emptied') return 'its log is not whole';
  if (ended.leftBehind !== undefined) return 'it left processes behind';
  return isRead(ended) ? undefined : 'its evidence could not be read whole';
}

/** Also what is read for a gate that judges it: else that gate would stay broken until an input changes. */
function isRead({ evidence }: AttemptEnded): boolean {
  return Object.values(evidence ?? {}).every(({ metrics }: Evidence) =>
    Object.entries(metrics).every(
      ([name, reading]) => name === RETRY_AT || ('value' in reading && Number.isFinite(reading.value)),
    ),
  );
}
