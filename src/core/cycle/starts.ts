// What becomes of the tasks that have not been heard of yet: skipped with its rule, asked about, judged, or started.

import { satisfiesNeed } from '../judge/judge.ts';
import { matcherOf } from '../plan/names.ts';
import type { PhasePlan, TaskPlan } from '../plan/plan.ts';
import { conclude } from './conclude.ts';
import type { Moment } from './moment.ts';
import type { CycleEvent, TaskSkipped } from './event.ts';
import { isStrict } from './plan-index.ts';
import type { CycleProgress, TaskProgress } from './progress.ts';
import { cycleLimit, phaseLimit } from './stops.ts';

/** Whatever can be decided about a task of `phase` that was not heard of; undefined: nothing for now. */
export function nextStart(moment: Moment, phase: PhasePlan, free: () => boolean): CycleEvent | undefined {
  const { cycle } = moment;
  const halted = whyHalted(moment, phase);
  for (let at = firstUnheard(cycle, phase); at < phase.tasks.length; at += 1) {
    const task = phase.tasks[at];
    if (!task || cycle.tasks.has(task.id)) continue;
    const skipped = whySkipped(task, moment, halted);
    if (skipped) return { type: 'task.skipped', task: task.id, ...skipped };
    if (isWaiting(task, moment, phase)) continue;
    if (task.judges !== undefined && task.when.asks.length === 0) return conclude(moment, task);
    if (!free()) return undefined;
    if (task.when.asks.length > 0) return { type: 'task.asked', task: task.id };
    return { type: 'attempt.started', task: task.id, ...firstRung(task), attempt: 1 };
  }
  return undefined;
}

/** The lowest rung of a ladder, and nothing for any other task. */
export function firstRung(task: TaskPlan): { readonly rung?: number } {
  const rung = task.stages[0]?.count;
  return rung === undefined ? {} : { rung };
}

type Skip = Pick<TaskSkipped, 'rule' | 'excused' | 'because'>;

/** Why nothing of the phase may start any more. */
function whyHalted({ index, cycle, stop, now, alarm }: Moment, phase: PhasePlan): Skip | undefined {
  if (stop && (stop.now || !phase.always)) return { rule: 'stopped', excused: false };
  if (!phase.always && alarm.isDue(cycleLimit(index, cycle), now))
    return { rule: 'cycle timeout', excused: false };
  if (alarm.isDue(phaseLimit(cycle, phase), now)) return { rule: 'phase timeout', excused: false };
  const because = cycle.failures.find((id) => {
    if (!isStrict(index, id)) return false;
    const at = index.phaseOf.get(id);
    return at === phase ? phase.policy !== 'keep-going' : !phase.always;
  });
  return because === undefined ? undefined : { rule: `after failure of ${because}`, excused: false, because };
}

function whySkipped(task: TaskPlan, moment: Moment, halted: Skip | undefined): Skip | undefined {
  if (task.leftOut !== undefined) return { rule: task.leftOut, excused: true };
  if (halted) return halted;
  const { every } = task.when;
  if (every !== undefined && (moment.cycle.cycle - 1) % every !== 0)
    return { rule: 'when every', excused: true };
  for (const need of task.needs) {
    const done = moment.cycle.tasks.get(need);
    if (done?.state === 'done' && !isSatisfied(done))
      return { rule: `needs ${need}`, excused: false, because: rootOf(done) };
  }
  return whenUnmet(task, moment);
}

/** `passed` and `failed` speak of what was judged so far; an id of the same phase is waited for like a need. */
function whenUnmet(task: TaskPlan, { index, cycle }: Moment): Skip | undefined {
  const { passed, failed } = task.when;
  if (isWaitingFor([...passed, ...failed], cycle, index.phaseOf.get(task.id))) return undefined;
  if (passed.length > 0) {
    const judged = [...cycle.tasks.values()].filter((one) => one.judged && matches(passed, one.id));
    if (judged.length === 0 || judged.some((one) => one.judged?.verdict !== 'passed'))
      return { rule: 'when passed', excused: true };
  }
  const hasFailed = (id: string) =>
    cycle.failures.includes(id) || cycle.tasks.get(id)?.judged?.verdict === 'soft-failed';
  if (failed.length > 0 && !failed.some(hasFailed)) return { rule: 'when failed', excused: true };
  return undefined;
}

function matches(patterns: readonly string[], id: string): boolean {
  return patterns.some((pattern) => matcherOf(pattern)(id));
}

/** A step waits for the step before it, a gate for every step of its phase, both for what they need. */
function isWaiting(task: TaskPlan, { cycle }: Moment, phase: PhasePlan): boolean {
  const isOpen = (id: string) => cycle.tasks.get(id)?.state !== 'done';
  if (task.needs.some(isOpen)) return true;
  if (isWaitingFor([...task.when.passed, ...task.when.failed], cycle, phase)) return true;
  for (const other of phase.tasks) {
    if (other === task || other.kind === 'gate') return false;
    if (isOpen(other.id)) return true;
  }
  return false;
}

function isWaitingFor(ids: readonly string[], cycle: CycleProgress, phase: PhasePlan | undefined): boolean {
  return ids.some(
    (id) => phase?.tasks.some((task) => task.id === id) && cycle.tasks.get(id)?.state !== 'done',
  );
}

function isSatisfied({ skipped, judged }: TaskProgress): boolean {
  if (skipped) return skipped.excused;
  return judged !== undefined && satisfiesNeed(judged.verdict, judged.skippedByExit === true);
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
