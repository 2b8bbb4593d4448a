// Why a phase is on its way out. One rule for new tasks, answered questions, retries and rungs alike.

import type { PhasePlan } from '../plan/plan.ts';
import type { TaskSkipped } from './event.ts';
import type { Moment } from './moment.ts';
import { isStrict, type PlanIndex } from './plan-index.ts';
import type { CycleProgress } from './progress.ts';

export type Skip = Pick<TaskSkipped, 'rule' | 'excused' | 'because'>;

/** What a strict failure of the phase still allows: a task that has begun goes on unless the policy is `kill`. */
export type Wish = 'begin' | 'go on';

/** Nobody knows any more what a gate would judge by: not even what cleans up is started. */
const TAMPERED = 'a protected file changed';

/** Undefined: the wish is granted. */
export function whyHalted(moment: Moment, phase: PhasePlan, wish: Wish): Skip | undefined {
  const { index, cycle, stop, now, alarm } = moment;
  if (cycle.guard.tampering) return { rule: TAMPERED, excused: false };
  if (stop && (stop.now || !outlivesStop(phase))) return { rule: 'stopped', excused: false };
  if (!outlivesStop(phase) && alarm.isDue(cycleLimit(index, cycle), now))
    return { rule: 'cycle timeout', excused: false };
  if (alarm.isDue(phaseLimit(cycle, phase), now)) return { rule: 'phase timeout', excused: false };
  const because = cycle.failures.find((id) => {
    if (!isStrict(index, id, cycle)) return false;
    return index.phaseOf.get(id) === phase ? haltsOwn(phase, wish) : !phase.always && wish === 'begin';
  });
  return because === undefined ? undefined : { rule: `after failure of ${because}`, excused: false, because };
}

/** Cleaning up has limits of its own: a graceful stop and the cycle's limit wait for it. */
export function outlivesStop({ always, at }: PhasePlan): boolean {
  return always || at === 'end';
}

/** When the cycle's time is over; undefined when it has no limit. */
export function cycleLimit(index: PlanIndex, cycle: CycleProgress): number | undefined {
  const { cycleTimeoutMs } = index.plan;
  return cycleTimeoutMs === 'never' ? undefined : cycle.startedMono + cycleTimeoutMs;
}

/** When the phase's time is over, counted from its first attempt. */
export function phaseLimit(cycle: CycleProgress, phase: PhasePlan): number | undefined {
  if (phase.timeoutMs === 'never') return undefined;
  const starts = phase.tasks.map((task) => cycle.tasks.get(task.id)?.firstStartedMono ?? Infinity);
  const first = Math.min(...starts);
  return first === Infinity ? undefined : first + phase.timeoutMs;
}

function haltsOwn({ policy }: PhasePlan, wish: Wish): boolean {
  return policy === 'kill' || (policy === 'finish-running' && wish === 'begin');
}
