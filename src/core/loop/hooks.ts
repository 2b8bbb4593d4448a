// Which hook is due now. Each is decided, recorded, performed and waited for between two turns, at most one at a time;
// how it went is noted and judges nothing.

import { Alarm, type Decision } from '../cycle/decision.ts';
import { commandText } from '../plan/command.ts';
import type { HookName, HookPlan, Plan } from '../plan/plan.ts';
import type { Ending } from './ending.ts';
import type { CycleEnded, QuestionOpened, RunEnded } from './event.ts';
import type { HookStarted } from './hook-event.ts';
import type { Now } from './now.ts';
import type { Progress, RunProgress } from './progress.ts';

/** A hook whose end nobody reports, long after it was ended, is given up: no hook may hold a loop. */
export const HOOK_LOST_MS = 10_000;
/** New failures of one turn that each have a hook started for them; beyond that the questions file has to do. */
export const MOST_OWED = 20;

/** Something has happened for which a hook is still to be started. */
export interface OwedHook {
  readonly hook: HookName;
  readonly cycle: number;
  /** The question's fingerprint. */
  readonly question?: string;
}

export interface HookProgress {
  readonly nth: number;
  readonly hook: HookName;
  readonly startedMono: number;
  readonly timeoutMs: number;
  /** Told to end, and since when. */
  readonly stopping: { readonly why: 'timeout' | 'stop'; readonly mono: number } | undefined;
}

/** What a run knows of its hooks. */
export interface HooksProgress {
  /** Hooks started so far. */
  readonly count: number;
  readonly owed: readonly OwedHook[];
  readonly running: HookProgress | undefined;
  /** The cycle that `before-cycle` has run for. */
  readonly readied: number | undefined;
  /** The end that `on-exit` was told of; the run ends so, whatever comes in between. */
  readonly told: Ending | undefined;
}

export const NO_HOOKS: HooksProgress = {
  count: 0,
  owed: [],
  running: undefined,
  readied: undefined,
  told: undefined,
};

/** The hook under way decides what is next, or the first one that is owed; undefined: neither. */
export function nextOwedHook(
  plan: Plan,
  progress: Progress,
  run: RunProgress,
  now: Now,
): Decision | undefined {
  const { running, owed } = run.hooks;
  if (running) return waiting(running, run, now);
  const [first] = owed;
  if (!first || !mayStart(plan, run, now)) return undefined;
  const task = first.question === undefined ? undefined : progress.questions.get(first.question)?.task;
  return { event: started(plan, run, { ...first, ...(task !== undefined && { task }) }) };
}

/** Directly before a cycle; undefined where there is no such hook, or it has run. */
export function hookBefore(plan: Plan, run: RunProgress, cycle: number): HookStarted | undefined {
  const isDue = hookOf(plan, 'before-cycle') !== undefined && run.hooks.readied !== cycle;
  return isDue ? started(plan, run, { hook: 'before-cycle', cycle }) : undefined;
}

/** Directly before the end of a run, once; not where somebody wants it to be over at once. */
export function hookAtExit(
  plan: Plan,
  { run, cycle, ending }: { run: RunProgress; cycle: number; ending: Ending },
  end: RunEnded,
): HookStarted | undefined {
  const wasForced = run.stop?.now === true || ending.reason === 'storage-failed';
  if (!hookOf(plan, 'on-exit') || run.hooks.told || wasForced) return undefined;
  return started(plan, run, { hook: 'on-exit', cycle, ending, exit: end.exit, why: end.why });
}

/** What a finished cycle owes; the fold knows no plan, so `watched` says which hooks there are. */
export function owedAfterCycle(watched: readonly HookName[], { cycle, verdict }: CycleEnded): OwedHook[] {
  const hasFailed = verdict === 'failed' || verdict === 'broken';
  const due: readonly HookName[] = hasFailed ? ['after-cycle', 'on-failure'] : ['after-cycle'];
  return due.filter((hook) => watched.includes(hook)).map((hook) => ({ hook, cycle }));
}

export function owedAfterQuestion(
  watched: readonly HookName[],
  { fingerprint, cycle }: QuestionOpened,
): OwedHook[] {
  return watched.includes('on-question') ? [{ hook: 'on-question', cycle, question: fingerprint }] : [];
}

function waiting(running: HookProgress, { stop }: RunProgress, now: Now): Decision {
  const { nth, hook, startedMono, timeoutMs, stopping } = running;
  const alarm = new Alarm();
  if (stopping) {
    if (!alarm.isDue(stopping.mono + HOOK_LOST_MS, now.mono)) return alarm.wait;
    const durationMs = Math.max(0, Math.round(now.mono - startedMono));
    return { event: { type: 'hook.ended', nth, hook, how: 'lost', durationMs } };
  }
  if (stop?.now === true) return { event: { type: 'hook.stopping', nth, hook, why: 'stop' } };
  if (alarm.isDue(startedMono + timeoutMs, now.mono))
    return { event: { type: 'hook.stopping', nth, hook, why: 'timeout' } };
  return alarm.wait;
}

/** Behind a stop what is owed may start as long as the stop may wait, and behind one at once nothing may. */
function mayStart({ stopWithinMs }: Plan, { stop }: RunProgress, now: Now): boolean {
  return stop === undefined || (!stop.now && now.mono < stop.mono + stopWithinMs);
}

function hookOf(plan: Plan, name: HookName): HookPlan | undefined {
  return plan.hooks?.find(({ on }) => on === name);
}

type Occasion = Omit<HookStarted, 'type' | 'nth' | 'command' | 'timeoutMs'>;

function started(plan: Plan, { hooks }: RunProgress, occasion: Occasion): HookStarted {
  const found = hookOf(plan, occasion.hook);
  if (!found) throw new Error(`bug: the plan has no hook ${occasion.hook}`);
  const { timeoutMs } = found;
  return {
    type: 'hook.started',
    nth: hooks.count + 1,
    ...occasion,
    command: commandText(found.command),
    timeoutMs,
  };
}
