// What happens next around cycles: closing what a crash left, opening or carrying on a run, its turns, rests, marks, questions, its end.

import { Alarm, type Decision } from '../cycle/decision.ts';
import { nextInTurn } from '../cycle/next.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import { indexFor } from '../cycle/turn-index.ts';
import type { Now } from './now.ts';
import { endingOf, runtimeEnd, type Ending } from './ending.ts';
import type { CycleStarted, Event, RunResumed, RunStarted, Turn } from './event.ts';
import { hookAtExit, hookBefore, nextOwedHook } from './hooks.ts';
import { EXPRESSION_LOOK_MS, readsTheClock } from './expression.ts';
import { nextMark } from './marks.ts';
import { runtimeOf } from './measure.ts';
import type { Progress, RunProgress } from './progress.ts';
import { nextQuestion } from './questions.ts';
import type { Request } from './request.ts';
import { confirmationDue, nextConfirmed } from './confirm.ts';
import { nextCrown } from './crown.ts';
import { nextReceipts } from '../receipts/moved.ts';
import { isGuarded, protectNoting } from '../protect/next.ts';
import { notNoted } from '../protect/progress.ts';
import { isRestOver, restAfterCycle, restAfterRestarts, restHalfOpen } from './rest.ts';
import { runClosed, runEnded } from './run-end.ts';
import { cycleEnded } from './summarise.ts';
import { limitsOf, watchOf } from './watch.ts';

/** `over`: the run that was asked for has its end in the ledger. */
export function next(index: PlanIndex, request: Request, progress: Progress, now: Now): Decision | 'over' {
  const { run } = progress;
  if (!run || (run.holder !== request.run && !isFound(index, run)) || (run.isClosing && run.ended))
    return { event: runStarted(index, request) };
  if (run.holder !== request.run) return { event: runResumed(index, request, progress, run) };
  if (run.ended) return 'over';
  if (progress.cut) return { event: closeCut(index, progress) };
  if (run.isClosing) return { event: nextQuestion(index, progress) ?? runClosed(run) };
  if (progress.open) return inTurn(index, progress, now);
  return between(index, request, { progress, run, now });
}

/** A run without an end, or one that is carried on although it was stopped: a start takes it up. */
export function isFound(index: PlanIndex, run: RunProgress): boolean {
  return !run.ended || (run.ended.reason === 'stopped' && mayGoOn(index, run));
}

/** One continuous start carries on what another one began; any other run is closed, and one out of a backup may live on elsewhere. */
export function mayGoOn({ plan }: PlanIndex, run: RunProgress): boolean {
  return plan.loop.mode === 'continuous' && run.mode === 'continuous' && !run.isRestored;
}

/** Whether facts of the world concern this start's own run; before that nothing of it is under way, and behind its end nothing follows. */
export function isUnderWay({ run }: Progress, request: Request): boolean {
  return run !== undefined && run.holder === request.run && !run.isClosing && run.ended === undefined;
}

function inTurn(whole: PlanIndex, progress: Progress, now: Now): Decision {
  const cycle = progress.open;
  if (!cycle) throw new Error('bug: no turn is under way');
  const index = indexFor(whole, cycle);
  const stop = progress.run?.stop;
  const alarm = new Alarm();
  const decision = nextInTurn({ index, progress, cycle, stop, now: now.mono, wall: now.wall, alarm });
  if (decision !== 'done') return decision;
  const { last } = progress;
  const receipts = nextReceipts(index.plan, cycle, { last, isForced: stop?.now === true });
  if (receipts) return receipts === 'waiting' ? alarm.wait : { event: receipts };
  const durationMs = Math.max(0, Math.round(now.mono - cycle.startedMono));
  return { event: cycleEnded({ index, cycle, durationMs, isWhole: true, last }) };
}

/** An interrupted cycle is closed, never continued: going on inside it would judge today's tree by yesterday's green. */
function closeCut(whole: PlanIndex, { open: cycle, cut, last }: Progress): Event {
  if (!cycle) throw new Error('bug: nothing was cut off');
  const index = indexFor(whole, cycle);
  for (const id of cycle.running) {
    const task = cycle.tasks.get(id);
    if (!task) continue;
    const { rung, attempt } = task;
    const at = { task: id, ...(rung !== undefined && { rung }), attempt };
    return { type: 'attempt.ended', ...at, end: { interrupted: true }, durationMs: 0, bytes: 0 };
  }
  const isSettled = cycle.done === tasksOf(index, cycle.turn) && isGuarded(index, cycle);
  const isWhole = cut?.samePlan === true && isSettled;
  return cycleEnded({ index, cycle, durationMs: 0, isWhole, last });
}

interface Between {
  readonly progress: Progress;
  readonly run: RunProgress;
  readonly now: Now;
}

function between(index: PlanIndex, request: Request, { progress, run, now }: Between): Decision {
  const { plan } = index;
  if (run.protect === 'noting') return new Alarm().wait;
  if (plan.protect && run.protect === undefined) return { event: protectNoting(run) };
  // Before anything else may change the files, and before a target or a budget asks how many there were.
  if (progress.crowning) return new Alarm().wait;
  const mayCrown = !run.hooks.told && !progress.storageFailed && run.stop?.by !== 'storage';
  const crown = mayCrown ? (nextCrown(plan, progress) ?? nextConfirmed(plan, progress)) : undefined;
  if (crown) return { event: crown };
  const hook = nextOwedHook(plan, progress, run, now);
  if (hook) return hook;
  const question = nextQuestion(index, progress);
  if (question) return { event: question };
  const mark = run.hooks.told ? undefined : nextMark(plan, progress, run, now);
  if (mark) return { event: mark };
  const ending = toldOr(endingOf(plan, request, { progress, run, now }), run);
  if (ending && 'reason' in ending) return { event: atTheEnd(index, request, { progress, run, ending }) };
  const alarm = new Alarm();
  if (run.rest) {
    if (isRestOver(run.rest, now, alarm)) return { event: { type: 'rest.ended' } };
    alarm.isDue(runtimeEnd(plan, run), now.mono);
    if (readsTheClock(plan.ends.when)) alarm.isDue(now.mono + EXPRESSION_LOOK_MS, now.mono);
    return alarm.wait;
  }
  const isStartDue = has(index, 'start') && (!isBegun(run) || run.startTurn === 'limited');
  // Before the pause that may follow: it is the best time for it.
  const confirmation = ending || isStartDue ? undefined : confirmationDue(plan, progress);
  if (confirmation && !restAfterRestarts(plan, progress, now)) return { event: confirmation };
  const rest = ending
    ? restHalfOpen(ending.halfOpen.afterMs, ending.halfOpen.rule, now)
    : (restAfterRestarts(plan, progress, now) ?? restAfterCycle(plan, request, progress, now));
  if (rest) return { event: rest };
  const turn = turnStarted(isStartDue ? 'start' : 'cycle', progress, run);
  const before = isStartDue ? undefined : hookBefore(plan, run, turn.cycle);
  return { event: before ?? turn };
}

/** What `on-exit` was told stays true, but where the storage failed since. */
function toldOr(ending: ReturnType<typeof endingOf>, { hooks: { told } }: RunProgress): typeof ending {
  const hasFailed = ending && 'reason' in ending && ending.reason === 'storage-failed';
  return hasFailed ? ending : (told ?? ending);
}

/** The phases at the end, once, and then the end; not after a stop that was forced, or without storage. */
function atTheEnd(
  index: PlanIndex,
  request: Request,
  { progress, run, ending }: { progress: Progress; run: RunProgress; ending: Ending },
): Event {
  const wasForced = progress.storageFailed || run.stop?.now === true || ending.reason === 'integrity';
  const mayBegin = !wasForced && notNoted(run) === undefined;
  if (has(index, 'end') && run.endTurn === undefined && isBegun(run) && mayBegin)
    return turnStarted('end', progress, run);
  const end = runEnded(index.plan, request, run, ending);
  return hookAtExit(index.plan, { run, cycle: progress.cycle, ending }, end) ?? end;
}

function isBegun(run: RunProgress): boolean {
  return run.startTurn !== undefined || run.lastVerdict !== undefined;
}

function has(index: PlanIndex, turn: Turn): boolean {
  return index.turns[turn].some((phase) => phase.tasks.some((task) => task.leftOut === undefined));
}

/** The turns around cycles share the number of the cycle that they stand before or behind. */
function turnStarted(
  turn: Exclude<Turn, 'confirm'>,
  { cycle, lastTurn }: Progress,
  run: RunProgress,
): CycleStarted {
  const isBefore = lastTurn?.turn === 'start' || lastTurn?.turn === 'confirm';
  const isBehindStart = run.startTurn !== undefined && run.lastVerdict === undefined && isBefore;
  const isShared =
    turn === 'end' ? lastTurn?.turn !== 'end' || lastTurn.cycle !== cycle : turn === 'cycle' && isBehindStart;
  return { type: 'cycle.started', cycle: isShared ? cycle : cycle + 1, turn };
}

function tasksOf(index: PlanIndex, turn: Turn): number {
  return index.turns[turn].reduce((sum, phase) => sum + phase.tasks.length, 0);
}

function runStarted({ plan }: PlanIndex, request: Request): RunStarted {
  return {
    type: 'run.started',
    plan: plan.id,
    name: plan.name,
    version: request.version,
    ...(plan.goal !== undefined && { goal: plan.goal }),
    ...(plan.profile !== undefined && { profile: plan.profile }),
    mode: plan.loop.mode,
    ...acceptedBy(request),
    ...flagsOf(request),
    ...(request.containment && { containment: request.containment }),
    limits: limitsOf(plan),
    ...machineOf(request),
    watch: watchOf(plan),
  };
}

function runResumed(index: PlanIndex, request: Request, progress: Progress, run: RunProgress): RunResumed {
  const { plan } = index;
  const { open } = progress;
  const running = [...(open?.running ?? [])];
  return {
    type: 'run.resumed',
    by: request.run,
    goesOn: mayGoOn(index, run) && (run.plan === plan.id || request.acceptConfig === true),
    interrupted: running.map((id) => `${id}#${open?.tasks.get(id)?.attempt}`),
    earlierMs: runtimeOf(run, progress.mono),
    plan: plan.id,
    ...acceptedBy(request),
    ...flagsOf(request),
    ...(request.containment && { containment: request.containment }),
    limits: limitsOf(plan),
    ...machineOf(request),
    watch: watchOf(plan),
  };
}

function machineOf({ machine }: Request): Pick<RunStarted, 'machine'> {
  return machine ? { machine } : {};
}

function flagsOf({ flags = [] }: Request): Pick<RunStarted, 'flags'> {
  return flags.length > 0 ? { flags } : {};
}

function acceptedBy({ acceptConfig }: Request): Pick<RunStarted, 'accepted'> {
  return acceptConfig === true ? { accepted: true } : {};
}
