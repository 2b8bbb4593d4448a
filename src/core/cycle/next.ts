// What happens next inside a turn: at most one event, from plan, progress and the time alone.

import { mayAnswer } from '../cache/keeping.ts';
import { earnsPromotion, mayRetry, retryDelayMs } from '../judge/judge.ts';
import { outcomeOf } from '../judge/outcome.ts';
import type { PhasePlan, TaskPlan } from '../plan/plan.ts';
import { asOf } from '../plan/softness.ts';
import { unreachable } from '../unreachable.ts';
import { conclude, pastOf } from './conclude.ts';
import type { Decision } from './decision.ts';
import type { AttemptEnded, AttemptStarted, CycleEvent, TaskJudged } from './event.ts';
import { evidenceIn } from './evidence.ts';
import { whyHalted, type Skip } from './halt.ts';
import type { Moment } from './moment.ts';
import { lacksLocks, lockLimit, nextLocking } from './locks.ts';
import { mayRunBeside } from './places.ts';
import { taskOf } from './plan-index.ts';
import type { TaskProgress } from './progress.ts';
import { Room } from './room.ts';
import { begun, firstAttempt, isPhaseDone, nextStart } from './starts.ts';
import { nextCheck } from '../protect/next.ts';
import { judgeWrites, mustUndo } from '../writes/cap.ts';
import type { AttemptUndoing } from '../writes/event.ts';
import { nextStop } from './stops.ts';

/** `done`: every task of the turn has its verdict or its rule. */
export function nextInTurn(moment: Moment): Decision | 'done' {
  const stop = nextStop(moment);
  if (stop) return { event: stop };
  const check = nextCheck(moment);
  if (check) return check === 'waiting' ? moment.alarm.wait : { event: check };
  const phase = moment.index.turns[moment.cycle.turn].find((one) => !isPhaseDone(moment.cycle, one));
  if (!phase) return 'done';
  const room = new Room(moment, phase);
  const event = nextPending(moment, phase, room) ?? nextStart(moment, phase, room);
  return event ? { event } : moment.alarm.wait;
}

/** Tasks that have begun come before tasks that have not. */
function nextPending(moment: Moment, phase: PhasePlan, room: Room): CycleEvent | undefined {
  for (const id of moment.cycle.pending) {
    const task = moment.cycle.tasks.get(id);
    const event = task && afterWhatWasHeard(task, moment, phase, room);
    if (event) return event;
  }
  return undefined;
}

function afterWhatWasHeard(
  task: TaskProgress,
  moment: Moment,
  phase: PhasePlan,
  room: Room,
): CycleEvent | undefined {
  switch (task.state) {
    case 'answered':
      return afterAnswer(task, moment, phase);
    case 'locking':
    case 'locked':
      return afterLocking(task, moment, phase, room);
    case 'ended':
      return afterAttempt(task, moment, phase, room);
    case 'asked':
    case 'sought':
    case 'running':
    case 'undoing':
    case 'done':
      return undefined;
    default:
      return unreachable(task.state);
  }
}

function afterAnswer(task: TaskProgress, moment: Moment, phase: PhasePlan): CycleEvent | undefined {
  const plan = taskOf(moment.index, task.id);
  if (task.unmet !== undefined)
    return { type: 'task.skipped', task: task.id, rule: `when ${task.unmet}`, excused: true };
  const halted = whyHalted(moment, phase, 'begin');
  if (halted) return { type: 'task.skipped', task: task.id, ...halted };
  if (plan.judges !== undefined) return conclude(moment, plan);
  return mayRunBeside(moment, plan) ? begun(moment, plan, task) : undefined;
}

/** A wait for a lock ends like any other by whatever ends the turn, and by a limit of its own. */
function afterLocking(
  task: TaskProgress,
  moment: Moment,
  phase: PhasePlan,
  room: Room,
): CycleEvent | undefined {
  const plan = taskOf(moment.index, task.id);
  const halted = whyHalted(moment, phase, 'begin');
  if (halted) return { type: 'task.skipped', task: task.id, ...halted };
  if (task.locking?.state === 'held') return room.isFor(task.id) ? firstAttempt(plan) : undefined;
  const isOver = task.locking?.state === 'refused' || moment.alarm.isDue(lockLimit(plan, task), moment.now);
  return isOver ? conclude(moment, plan) : undefined;
}

/** Judged anew, by today's thresholds, and so are the gates that judge it; what would not pass runs instead. */
function afterRestored(
  task: TaskProgress,
  moment: Moment,
  phase: PhasePlan,
  room: Room,
): CycleEvent | undefined {
  const plan = taskOf(moment.index, task.id);
  const judged = conclude(moment, plan);
  const judges = moment.index.judgedBy.get(task.id) ?? [];
  const isAnswer = [plan, ...judges].every((one) => mayAnswer(conclude(moment, one), plan));
  if (isAnswer) return judged;
  const halted = whyHalted(moment, phase, 'begin');
  if (halted) return { type: 'task.skipped', task: task.id, ...halted };
  if (lacksLocks(moment.index, task.id, task)) return nextLocking(moment, task.id);
  return room.isFor(task.id) ? firstAttempt(plan) : undefined;
}

/** A retry, the next rung of a ladder, or the verdict. */
function afterAttempt(
  task: TaskProgress,
  moment: Moment,
  phase: PhasePlan,
  room: Room,
): CycleEvent | undefined {
  const { ended } = task;
  if (!ended) return undefined;
  if (task.cached) return afterRestored(task, moment, phase, room);
  const plan = taskOf(moment.index, task.id);
  if (mustUndo(plan.writes, ended.writes) && task.undone === undefined) return undoing(task);
  const cut = whyCut(task);
  if (cut) return { type: 'task.skipped', task: task.id, ...cut };
  const outcome = outcomeOf(ended, task.stopping?.cause, plan.exits);
  const ending = whyHalted(moment, phase, 'go on');
  const isOver = task.stopping?.cause === 'cycle-timeout' || task.stopping?.cause === 'phase-timeout';
  const mayTry = !ending && !isOver && keepsCaps(plan, ended);
  if (mayTry && mayRetry(plan.retry, outcome, ended, task.attempt, plan.exits)) {
    const delayMs = retryDelayMs(plan.retry, task.attempt);
    // Times in the ledger are whole: without a delay, half a millisecond must not let another task go first.
    const isDue = delayMs === 0 || moment.alarm.isDue(task.endedMono + delayMs, moment.now);
    if (!isDue || !room.isFor(task.id)) return undefined;
    return again(task, task.attempt + 1, task.rung);
  }
  const climb = plan.stages.length > 0 ? nextRung(task, plan, moment) : 'top';
  if (climb === 'top') return conclude(moment, plan);
  if (climb === 'pruned') return conclude(moment, plan, task.rung);
  if (ending) return { type: 'task.skipped', task: task.id, ...ending };
  return room.isFor(task.id) ? again(task, 1, climb) : undefined;
}

/** What wrote more than it may is not tried again: another attempt would begin on what this one left, or be let off. */
function keepsCaps({ writes }: TaskPlan, ended: AttemptEnded): boolean {
  return ended.writes === undefined || judgeWrites(writes, ended).verdict === 'passed';
}

function undoing({ id, rung, attempt }: TaskProgress): AttemptUndoing {
  return { type: 'attempt.undoing', task: id, ...(rung !== undefined && { rung }), attempt };
}

/** An attempt that was ended for no fault of its own is not judged. */
function whyCut({ stopping }: TaskProgress): Skip | undefined {
  if (stopping?.cause === 'stop') return { rule: 'stopped', excused: false };
  const because = stopping?.because;
  if (stopping?.cause !== 'cancelled' || because === undefined) return undefined;
  return { rule: `cancelled because of ${because}`, excused: false, because };
}

/** The count of the rung above, or why the ladder ends here; a rung that did not pass ends it as judged. */
function nextRung(task: TaskProgress, plan: TaskPlan, moment: Moment): number | 'top' | 'pruned' {
  const at = plan.stages.findIndex((stage) => stage.count === task.rung);
  const stage = plan.stages[at];
  const above = plan.stages[at + 1];
  if (!stage || !above || !mayClimb(conclude(moment, plan), asOf(plan, moment.cycle.startedAt))) return 'top';
  const { ended } = task;
  const past = (metric: string) => pastOf(moment, plan, metric);
  const promotion = earnsPromotion(stage, { evidence: evidenceIn(ended, task.id), past, sims: ended?.sims });
  return promotion.earned ? above.count : 'pruned';
}

/** A strict gate is soft-failed by a missed `want` alone, which is no reason to stop. */
function mayClimb({ verdict, inBaseline }: TaskJudged, { mode }: TaskPlan): boolean {
  return verdict === 'passed' || (verdict === 'soft-failed' && mode === 'strict' && inBaseline !== true);
}

function again(task: TaskProgress, attempt: number, rung: number | undefined): AttemptStarted {
  return { type: 'attempt.started', task: task.id, ...(rung !== undefined && { rung }), attempt };
}
