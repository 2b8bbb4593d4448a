// What becomes of the tasks that have not been heard of yet: skipped with its rule, asked about, judged, or started.

import type { TaskSought } from '../cache/event.ts';
import { satisfiesNeed } from '../judge/judge.ts';
import type { PhasePlan, TaskPlan } from '../plan/plan.ts';
import { conclude } from './conclude.ts';
import { whyHalted, type Skip } from './halt.ts';
import type { Moment } from './moment.ts';
import type { AttemptStarted, CycleEvent, TaskLocking } from './event.ts';
import { lacksLocks, nextLocking } from './locks.ts';
import type { CycleProgress, TaskProgress } from './progress.ts';
import type { Room } from './room.ts';

/** Whatever can be decided about a task of `phase` that was not heard of; undefined: nothing for now. */
export function nextStart(moment: Moment, phase: PhasePlan, room: Room): CycleEvent | undefined {
  const { cycle } = moment;
  const halted = whyHalted(moment, phase, 'begin');
  for (let at = firstUnheard(cycle, phase); at < phase.tasks.length; at += 1) {
    const task = phase.tasks[at];
    if (!task || cycle.tasks.has(task.id)) continue;
    const skipped = whySkipped(task, moment, halted);
    if (skipped) return { type: 'task.skipped', task: task.id, ...skipped };
    if (isWaiting(task, moment, phase)) continue;
    const unmet = whenUnmet(task, moment);
    if (unmet) return { type: 'task.skipped', task: task.id, ...unmet };
    if (task.judges !== undefined && task.when.asks.length === 0) return conclude(moment, task);
    // Its turn for a lock has not come, which is no reason for others to wait.
    if (isBehind(moment, task)) continue;
    if (!room.isFor(task.id)) return undefined;
    if (task.when.asks.length > 0) return { type: 'task.asked', task: task.id };
    return begun(moment, task, undefined);
  }
  return undefined;
}

/** The cache is asked before a first attempt, once, and then for the locks. `known`: what was heard of the task so far. */
export function begun(
  moment: Moment,
  task: TaskPlan,
  known: TaskProgress | undefined,
): AttemptStarted | TaskSought | TaskLocking | undefined {
  if (task.cache && known?.missed === undefined) return { type: 'task.sought', task: task.id };
  if (lacksLocks(moment.index, task.id, known)) return nextLocking(moment, task.id);
  return firstAttempt(task);
}

export function firstAttempt(task: TaskPlan): AttemptStarted {
  return { type: 'attempt.started', task: task.id, ...firstRung(task), attempt: 1 };
}

/** Another task of the turn has a lock that it needs first of all. */
function isBehind(moment: Moment, { id, when, cache }: TaskPlan): boolean {
  const isFirst = when.asks.length === 0 && cache === undefined;
  return isFirst && moment.index.locks.has(id) && nextLocking(moment, id) === undefined;
}

/** The lowest rung of a ladder, and nothing for any other task. */
function firstRung(task: TaskPlan): { readonly rung?: number } {
  const rung = task.stages[0]?.count;
  return rung === undefined ? {} : { rung };
}

function whySkipped(task: TaskPlan, moment: Moment, halted: Skip | undefined): Skip | undefined {
  if (task.leftOut !== undefined) return { rule: task.leftOut, excused: true };
  if (halted) return halted;
  const { every } = task.when;
  if (every !== undefined && (moment.cycle.cycle - 1) % every !== 0)
    return { rule: 'when every', excused: true };
  const judged = task.judges === undefined ? undefined : moment.cycle.tasks.get(task.judges);
  if (judged?.state === 'done' && wasExcused(judged)) return { rule: judgedRule(judged), excused: true };
  for (const need of task.needs) {
    const done = moment.cycle.tasks.get(need);
    if (done?.state === 'done' && !isSatisfied(done))
      return { rule: `needs ${need}`, excused: false, because: rootOf(done) };
  }
  return undefined;
}

/** What was wanted to be left out has no evidence, and nobody wanted it judged either. */
function judgedRule({ id, skipped }: TaskProgress): string {
  return skipped?.rule ?? `${id} was skipped by its exit code`;
}

/** Asked when everything that they speak of is settled. */
function whenUnmet({ id }: TaskPlan, { index, cycle }: Moment): Skip | undefined {
  const when = index.whenIds.get(id);
  if (!when) return undefined;
  const verdictOf = (one: string) => cycle.tasks.get(one)?.judged?.verdict;
  const verdicts = when.passed
    ?.map(verdictOf)
    .filter((verdict) => verdict !== undefined && verdict !== 'skipped');
  if (verdicts && (verdicts.length === 0 || verdicts.some((verdict) => verdict !== 'passed')))
    return { rule: 'when passed', excused: true };
  const isRed = (one: string) => ['failed', 'broken', 'soft-failed'].includes(verdictOf(one) ?? '');
  if (when.failed && !when.failed.some(isRed)) return { rule: 'when failed', excused: true };
  return undefined;
}

/** A step waits for the step before it, a gate for every step of its phase, both for what they need. */
function isWaiting(task: TaskPlan, { index, cycle }: Moment, phase: PhasePlan): boolean {
  const isOpen = (id: string) => cycle.tasks.get(id)?.state !== 'done';
  if (task.needs.some(isOpen)) return true;
  const when = index.whenIds.get(task.id);
  if (when && [...(when.passed ?? []), ...(when.failed ?? [])].some(isOpen)) return true;
  for (const other of phase.tasks) {
    if (other === task || other.kind === 'gate') return false;
    if (isOpen(other.id)) return true;
  }
  return false;
}

function isSatisfied(task: TaskProgress): boolean {
  if (task.skipped) return task.skipped.excused;
  return task.judged !== undefined && satisfiesNeed(task.judged.verdict, wasExcused(task));
}

/** Skipped because the config itself wanted it so. */
function wasExcused({ skipped, judged }: TaskProgress): boolean {
  return skipped?.excused ?? judged?.skippedByExit === true;
}

/** The task at the bottom of a chain of skips. */
function rootOf(task: TaskProgress): string {
  return task.skipped?.because ?? task.id;
}

/** Whether every task of the phase has its verdict or its rule. */
export function isPhaseDone(cycle: CycleProgress, phase: PhasePlan): boolean {
  const isDone = (id: string) => cycle.tasks.get(id)?.state === 'done';
  return advanced({ memo: settled, cycle, phase, isPast: isDone }) === phase.tasks.length;
}

function firstUnheard(cycle: CycleProgress, phase: PhasePlan): number {
  return advanced({ memo: heard, cycle, phase, isPast: (id) => cycle.tasks.has(id) });
}

/** Tasks are mostly heard of and settled in order; what is behind the first gap is not looked at again and again. */
type Memo = WeakMap<CycleProgress, Map<PhasePlan, number>>;
const heard: Memo = new WeakMap();
const settled: Memo = new WeakMap();

interface Advance {
  readonly memo: Memo;
  readonly cycle: CycleProgress;
  readonly phase: PhasePlan;
  readonly isPast: (id: string) => boolean;
}

/** Place of the first task that is not past; what is past stays past. */
function advanced({ memo, cycle, phase, isPast }: Advance): number {
  const known = memo.get(cycle) ?? new Map<PhasePlan, number>();
  memo.set(cycle, known);
  let at = known.get(phase) ?? 0;
  while (at < phase.tasks.length && isPast(phase.tasks[at]?.id ?? '')) at += 1;
  known.set(phase, at);
  return at;
}
