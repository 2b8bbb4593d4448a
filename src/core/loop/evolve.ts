// The fold of the whole ledger: `evolve(progress, event)` says what has happened, and decides nothing.

import { evolveCycle, openCycle } from '../cycle/evolve.ts';
import { unreachable } from '../unreachable.ts';
import { metricKey } from './names.ts';
import type { CycleEnded, Event, Recorded } from './event.ts';
import type { MetricProgress, Progress, QuestionProgress, RunProgress } from './progress.ts';

export const EMPTY: Progress = {
  seq: 0,
  cycle: 0,
  run: undefined,
  open: undefined,
  lastTurn: undefined,
  lastTurnAt: undefined,
  last: undefined,
  lastAt: undefined,
  failuresInARow: 0,
  questions: new Map(),
  metrics: new Map(),
  passes: new Map(),
  storageFailed: false,
};

/** The given progress belongs to the fold from now on: the turn under way is changed in place. */
export function evolve(progress: Progress, event: Recorded): Progress {
  const at = { ...progress, seq: event.seq };
  switch (event.type) {
    case 'task.asked':
    case 'task.answered':
    case 'attempt.started':
    case 'attempt.quiet':
    case 'attempt.stopping':
    case 'attempt.ended':
    case 'task.judged':
    case 'task.skipped':
      if (at.open) evolveCycle(at.open, event);
      return at;
    case 'run.started':
      return { ...at, run: newRun(event), storageFailed: false };
    case 'run.resumed':
      return { ...at, run: at.run && { ...at.run, found: true } };
    case 'run.ended':
      return { ...at, run: at.run && { ...at.run, ended: event } };
    case 'stop.seen':
      return { ...at, run: at.run && withStop(at.run, event) };
    case 'cycle.started':
      return { ...at, cycle: event.cycle, open: openCycle(event) };
    case 'cycle.ended':
      return cycleEnded(at, event);
    case 'question.opened':
      return { ...at, questions: withQuestion(at, event) };
    case 'question.closed': {
      const known = at.questions.get(event.fingerprint);
      return known ? { ...at, questions: replaced(at.questions, { ...known, closedAt: event.at }) } : at;
    }
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

function newRun(event: Recorded<Extract<Event, { type: 'run.started' }>>): RunProgress {
  return {
    id: event.run,
    startedAt: event.at,
    plan: event.plan,
    cycles: 0,
    cyclesNotPassed: 0,
    softFailures: false,
    found: false,
    startTurn: undefined,
    endTurn: undefined,
    lastVerdict: undefined,
    lastWasIdle: false,
    stop: undefined,
    ended: undefined,
  };
}

function withStop(run: RunProgress, event: Recorded<Extract<Event, { type: 'stop.seen' }>>): RunProgress {
  const first = run.stop ?? { by: event.by, signal: event.signal, mono: event.mono, now: false };
  return { ...run, stop: { ...first, now: first.now || event.now } };
}

function cycleEnded(progress: Progress, event: Recorded<CycleEnded>): Progress {
  const { run } = progress;
  const closed: Progress = {
    ...progress,
    open: undefined,
    lastTurn: event,
    lastTurnAt: event.at,
    run: run && runAfter(run, event),
    questions: seenAgain(progress, event),
  };
  if (event.turn !== 'cycle' || event.verdict === 'interrupted') return closed;
  return {
    ...closed,
    last: event,
    lastAt: event.at,
    failuresInARow: streak(progress.failuresInARow, event),
    metrics: metricsAfter(progress.metrics, event),
    passes: passesAfter(progress.passes, event),
  };
}

function runAfter(run: RunProgress, event: CycleEnded): RunProgress {
  const softFailures = run.softFailures || event.tasks.some((task) => task.verdict === 'soft-failed');
  if (event.turn === 'start') return { ...run, startTurn: event.verdict, softFailures };
  if (event.turn === 'end') return { ...run, endTurn: event.verdict };
  if (event.verdict === 'interrupted') return run;
  return {
    ...run,
    cycles: run.cycles + 1,
    cyclesNotPassed: run.cyclesNotPassed + (event.verdict === 'passed' ? 0 : 1),
    softFailures,
    lastVerdict: event.verdict,
    lastWasIdle: event.tasks.every((task) => task.verdict === 'skipped'),
  };
}

/** Stopped and limited cycles are neither failure nor success. */
function streak(before: number, event: CycleEnded): number {
  if (event.verdict === 'passed') return 0;
  return event.verdict === 'failed' || event.verdict === 'broken' ? before + 1 : before;
}

function metricsAfter(before: Progress['metrics'], event: CycleEnded): Progress['metrics'] {
  const after = new Map<string, MetricProgress>(before);
  const see = (key: string, value: number) => {
    const known = after.get(key);
    after.set(key, {
      last: value,
      highest: Math.max(value, known?.highest ?? value),
      lowest: Math.min(value, known?.lowest ?? value),
      cycle: event.cycle,
    });
  };
  for (const task of event.tasks) {
    // Only what passed its judgement may become a mark that later cycles are held to.
    if (task.verdict !== 'passed') continue;
    for (const [rung, metrics] of Object.entries(task.rungs ?? {})) {
      for (const [name, value] of Object.entries(metrics)) see(metricKey(task.id, name, rung), value);
    }
    // A ladder's bare metric is its top rung.
    if (task.prunedAt !== undefined) continue;
    for (const [name, value] of Object.entries(task.metrics)) see(metricKey(task.id, name), value);
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

function replaced(questions: Progress['questions'], question: QuestionProgress): Progress['questions'] {
  return new Map(questions).set(question.fingerprint, question);
}
