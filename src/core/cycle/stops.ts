// Which running attempts have to end, and with which signal. TERM first, KILL after the grace period, never sooner.

import type { StopCause } from '../judge/evidence.ts';
import type { AttemptStopping } from './event.ts';
import { cycleLimit, outlivesStop, phaseLimit } from './halt.ts';
import type { Moment } from './moment.ts';
import { isStrict, taskOf } from './plan-index.ts';
import type { TaskProgress } from './progress.ts';

export function nextStop(moment: Moment): AttemptStopping | undefined {
  for (const id of moment.cycle.running) {
    const task = moment.cycle.tasks.get(id);
    const stopping = task && stopOf(task, moment);
    if (stopping) return stopping;
  }
  return undefined;
}

function stopOf(task: TaskProgress, moment: Moment): AttemptStopping | undefined {
  const { stopping } = task;
  if (!stopping) {
    const why = whyStop(task, moment);
    return why && event(task, { ...why, signal: 'TERM' });
  }
  if (stopping.signal === 'KILL') return undefined;
  const grace = stopping.mono + taskOf(moment.index, task.id).killAfterMs;
  if (!moment.alarm.isDue(grace, moment.now)) return undefined;
  return event(task, { cause: stopping.cause, because: stopping.because, signal: 'KILL' });
}

interface Why {
  readonly cause: StopCause;
  readonly because?: string | undefined;
}

function whyStop(task: TaskProgress, moment: Moment): Why | undefined {
  const { index, cycle, stop, now, alarm } = moment;
  const plan = taskOf(index, task.id);
  const phase = index.phaseOf.get(task.id);
  // Nobody waits for what can be done again.
  if (stop && (stop.now || cycle.turn === 'confirm')) return { cause: 'stop' };
  if (phase && !outlivesStop(phase)) {
    if (stop && alarm.isDue(stop.mono + index.plan.stopWithinMs, now)) return { cause: 'stop' };
    if (alarm.isDue(cycleLimit(index, cycle), now)) return { cause: 'cycle-timeout' };
    if (phase.policy === 'kill') {
      const because = cycle.failures.find(
        (id) => isStrict(index, id, cycle) && index.phaseOf.get(id) === phase,
      );
      if (because !== undefined) return { cause: 'cancelled', because };
    }
  }
  if (phase && alarm.isDue(phaseLimit(cycle, phase), now)) return { cause: 'phase-timeout' };
  const limit = plan.stages.find((stage) => stage.count === task.rung)?.timeoutMs ?? plan.timeoutMs;
  if (limit !== 'never' && alarm.isDue(task.startedMono + limit, now)) return { cause: 'timeout' };
  if (plan.stall.killMs !== 'never' && task.quietMs >= plan.stall.killMs) return { cause: 'stall' };
  return undefined;
}

function event(task: TaskProgress, why: Why & { readonly signal: 'TERM' | 'KILL' }): AttemptStopping {
  return {
    type: 'attempt.stopping',
    task: task.id,
    ...(task.rung !== undefined && { rung: task.rung }),
    attempt: task.attempt,
    cause: why.cause,
    signal: why.signal,
    ...(why.because !== undefined && { because: why.because }),
  };
}
