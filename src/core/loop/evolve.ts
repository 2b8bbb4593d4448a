// The fold of the whole ledger: `evolve(progress, event)` says what has happened, and decides nothing.

import { baselinesAfter } from '../baseline/fold.ts';
import { evolveCycle, guardCycle, openCycle, receiptsCycle } from '../cycle/evolve.ts';
import { notedNow } from '../protect/progress.ts';
import { unreachable } from '../unreachable.ts';
import type { CycleEnded, Event, Recorded } from './event.ts';
import type { MetricProgress, Progress, QuestionProgress, RunProgress } from './progress.ts';
import { gatesAfter } from './gate-fold.ts';
import { memoryAfter } from './memory-fold.ts';
import { owedAfterQuestion } from './hooks.ts';
import { hookStarted, hookStopping, owing } from './hook-fold.ts';
import { challengerIn, kept, restored } from './champion-progress.ts';
import { confirmedBy, confirmingAfter, confirmingFrom, NOT_CONFIRMING } from './confirm-progress.ts';
import { markedRun, newRun, restingRun, resumedRun, runAfter, withStop } from './run-fold.ts';
import { pastMeasured, isRungKey } from './values.ts';

/** Closed questions that are remembered. */
export const MOST_CLOSED = 1_000;

export const EMPTY: Progress = {
  seq: 0,
  mono: 0,
  cycle: 0,
  run: undefined,
  open: undefined,
  cut: undefined,
  lastTurn: undefined,
  lastTurnAt: undefined,
  last: undefined,
  lastAt: undefined,
  failuresInARow: 0,
  startsInARow: 0,
  questions: new Map(),
  metrics: new Map(),
  passes: new Map(),
  gates: new Map(),
  memory: new Map(),
  champion: undefined,
  crowning: undefined,
  challenger: undefined,
  confirming: NOT_CONFIRMING,
  baselines: new Map(),
  storageFailed: false,
};

const OF_ANOTHER: ReadonlySet<Event['type']> = new Set([
  'recovered',
  'ledger.restored',
  'baseline.recorded',
  'baseline.cleared',
  'storage.failed',
]);

/** The given progress belongs to the fold from now on: the turn under way is changed in place. */
export function evolve(progress: Progress, event: Recorded): Progress {
  // A start may say these before it has a run, and its clock is not that of the run before.
  const mono = OF_ANOTHER.has(event.type) ? progress.mono : event.mono;
  const at = { ...progress, seq: event.seq, mono };
  switch (event.type) {
    case 'task.asked':
    case 'task.answered':
    case 'task.locking':
    case 'task.waiting':
    case 'task.locked':
    case 'task.sought':
    case 'task.restored':
    case 'task.missed':
    case 'attempt.started':
    case 'attempt.quiet':
    case 'attempt.stopping':
    case 'attempt.ended':
    case 'attempt.undoing':
    case 'attempt.undone':
    case 'task.judged':
    case 'task.skipped':
      if (at.open) evolveCycle(at.open, event, at.run?.stop?.signals);
      return at;
    case 'receipts.asked':
    case 'receipts.told':
      if (at.open) receiptsCycle(at.open, event);
      return at;
    case 'protect.noting':
      return withRun(at, (run) => ({ ...run, protect: 'noting' }));
    case 'protect.noted':
      return withRun(at, (run) => ({ ...run, protect: notedNow(event) }));
    case 'protect.asked':
    case 'protect.answered':
      if (at.open) guardCycle(at.open, event);
      return at;
    case 'run.started':
      return {
        ...at,
        run: newRun(event, at.run),
        startsInARow: at.startsInARow + 1,
        crowning: undefined,
        storageFailed: false,
      };
    case 'run.resumed': {
      const startsInARow = event.goesOn ? at.startsInARow + 1 : at.startsInARow;
      const cut = at.open && { samePlan: (at.cut?.samePlan ?? true) && at.run?.plan === event.plan };
      return {
        ...withRun(at, (run) => resumedRun(progress, run, event)),
        startsInARow,
        cut,
        crowning: undefined,
        storageFailed: false,
      };
    }
    case 'run.ended': {
      const hasDied = event.reason === 'interrupted' || event.reason === 'storage-failed';
      const startsInARow = hasDied ? at.startsInARow : 0;
      return { ...withRun(at, (run) => ({ ...run, ended: event })), startsInARow };
    }
    case 'stop.seen':
      return withRun(at, (run) => withStop(run, event));
    case 'rest.started': {
      const startsInARow = event.cause === 'restarts' ? 0 : at.startsInARow;
      return { ...withRun(at, (run) => restingRun(run, event)), startsInARow };
    }
    case 'rest.ended':
      return withRun(at, (run) => ({ ...run, rest: undefined, owesRest: false }));
    case 'mark.reached':
      return withRun(at, (run) => markedRun(run, event));
    case 'cycle.started':
      return {
        ...at,
        cycle: event.cycle,
        open: openCycle(event),
        challenger: undefined,
        crowning: undefined,
        confirming: confirmingFrom(at.confirming, event),
      };
    case 'cycle.ended':
      return cycleEnded(at, event);
    case 'question.opened':
      return {
        ...withRun(at, (run) => owing(run, owedAfterQuestion(run.watch.hooks ?? [], event))),
        questions: withQuestion(at, event),
      };
    case 'hook.started':
      return withRun(at, (run) => ({ ...run, hooks: hookStarted(run.hooks, event) }));
    case 'hook.stopping':
      return withRun(at, (run) => ({ ...run, hooks: hookStopping(run.hooks, event) }));
    case 'hook.ended':
      return withRun(at, (run) => ({ ...run, hooks: { ...run.hooks, running: undefined } }));
    case 'question.closed': {
      const known = at.questions.get(event.fingerprint);
      return known ? { ...at, questions: withClosed(at.questions, { ...known, closedAt: event.at }) } : at;
    }
    case 'champion.chosen':
      return { ...at, crowning: event };
    case 'champion.kept':
      return kept(at, event);
    case 'champion.set-aside':
      return at.champion?.cycle === event.cycle ? { ...at, champion: undefined } : at;
    case 'champion.restored':
      return restored(at, event);
    case 'champion.confirmed':
      return { ...at, confirming: confirmedBy(at.confirming, event) };
    case 'ledger.restored':
      return withRun(at, (run) => ({ ...run, isRestored: true }));
    case 'baseline.recorded':
      return { ...at, baselines: baselinesAfter(at.baselines, event, at.cycle) };
    case 'baseline.cleared':
      return { ...at, baselines: new Map() };
    case 'storage.failed':
      return { ...at, storageFailed: true };
    case 'suspended':
    case 'noted':
    case 'recovered':
      return at;
    default:
      return unreachable(event);
  }
}

function withRun(progress: Progress, change: (run: RunProgress) => RunProgress): Progress {
  return progress.run ? { ...progress, run: change(progress.run) } : progress;
}

function cycleEnded(progress: Progress, event: Recorded<CycleEnded>): Progress {
  const { run } = progress;
  const closed: Progress = {
    ...progress,
    open: undefined,
    cut: undefined,
    lastTurn: event,
    lastTurnAt: event.at,
    run: run && runAfter(run, event),
    questions: event.turn === 'confirm' ? progress.questions : seenAgain(progress, event),
  };
  // It is about a champion of old, and says nothing of how the loop's gates stand.
  if (event.turn === 'confirm') return { ...closed, confirming: confirmingAfter(progress.confirming, event) };
  if (event.verdict === 'interrupted') return closed;
  // Also of the phases around cycles: a step at the start may wait for a change since it last passed.
  // What was measured by files that somebody had changed is no measurement.
  const isBelieved = event.verdict !== 'integrity';
  const passes = isBelieved ? passesAfter(progress.passes, event) : progress.passes;
  if (event.turn !== 'cycle') return { ...closed, passes };
  return {
    ...closed,
    last: event,
    lastAt: event.at,
    startsInARow: 0,
    failuresInARow: streak(progress.failuresInARow, event),
    challenger: challengerIn(event, run),
    metrics: isBelieved ? metricsAfter(progress.metrics, event) : progress.metrics,
    passes,
    gates: gatesAfter(progress.gates, event),
    memory: memoryAfter(progress.memory, event),
  };
}

/** Stopped and limited cycles are neither failure nor success. */
function streak(before: number, event: CycleEnded): number {
  if (event.verdict === 'passed') return 0;
  return event.verdict === 'failed' || event.verdict === 'broken' ? before + 1 : before;
}

function metricsAfter(before: Progress['metrics'], event: CycleEnded): Progress['metrics'] {
  const after = new Map<string, MetricProgress>(before);
  for (const task of event.tasks) {
    // Only what passed its judgement may become a mark that later cycles are held to.
    if (task.verdict !== 'passed') continue;
    for (const [key, value] of pastMeasured(task)) {
      // The bare name of a ladder is that of its top rung: with another count it begins anew.
      const count = isRungKey(key) ? undefined : task.rung;
      const before = after.get(key);
      const known = before?.count === count ? before : undefined;
      after.set(key, {
        last: value,
        highest: Math.max(value, known?.highest ?? value),
        lowest: Math.min(value, known?.lowest ?? value),
        cycle: event.cycle,
        ...(count !== undefined && { count }),
      });
    }
  }
  return after;
}

function passesAfter(before: Progress['passes'], event: CycleEnded): Progress['passes'] {
  const after = new Map(before);
  for (const task of event.tasks) {
    if (task.verdict === 'passed') after.set(task.id, { cycle: event.cycle, inputs: task.inputs });
  }
  return after;
}

/** A repeat of an open question raises its count; opening and closing are decisions of their own. */
function seenAgain(progress: Progress, event: Recorded<CycleEnded>): Progress['questions'] {
  let questions = progress.questions;
  for (const task of event.tasks) {
    const known = task.fingerprint === undefined ? undefined : questions.get(task.fingerprint);
    if (!known || known.closedAt !== undefined) continue;
    const seen = { ...known, seen: known.seen + 1, lastAt: event.at, lastCycle: event.cycle };
    questions = replaced(questions, seen);
  }
  return questions;
}

function withQuestion(
  progress: Progress,
  event: Recorded<Extract<Event, { type: 'question.opened' }>>,
): Progress['questions'] {
  const known = progress.questions.get(event.fingerprint);
  return replaced(progress.questions, {
    fingerprint: event.fingerprint,
    task: event.task,
    text: known?.text ?? event.text,
    openedAt: known?.openedAt ?? event.at,
    seen: (known?.seen ?? 0) + 1,
    lastAt: event.at,
    lastCycle: event.cycle,
    closedAt: undefined,
  });
}

/** The oldest closed ones are forgotten: should they come back, they are new. */
function withClosed(questions: Progress['questions'], question: QuestionProgress): Progress['questions'] {
  const after = new Map(questions).set(question.fingerprint, question);
  const closed = [...after.values()].filter(({ closedAt }) => closedAt !== undefined);
  if (closed.length <= MOST_CLOSED) return after;
  const [oldest] = closed.toSorted((one, other) => ((one.closedAt ?? '') < (other.closedAt ?? '') ? -1 : 1));
  if (oldest) after.delete(oldest.fingerprint);
  return after;
}

function replaced(questions: Progress['questions'], question: QuestionProgress): Progress['questions'] {
  return new Map(questions).set(question.fingerprint, question);
}
