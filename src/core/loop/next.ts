// What happens next around cycles: closing what a crash left, opening the run, its turns, its questions, its end.

import { Alarm, type Decision } from '../cycle/decision.ts';
import { formatDuration } from '../config/quantity.ts';
import { nextInTurn } from '../cycle/next.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import type { Now } from './now.ts';
import type { Event, RunStarted, Turn } from './event.ts';
import type { Progress, RunProgress } from './progress.ts';
import { nextQuestion } from './questions.ts';
import type { Request } from './request.ts';
import { runEnded } from './run-end.ts';
import { cycleEnded } from './summarise.ts';

/** `over`: the run that was asked for has its end in the ledger. */
export function next(index: PlanIndex, request: Request, progress: Progress, now: Now): Decision | 'over' {
  const { run } = progress;
  if (run && run.id !== request.run && !run.ended)
    return { event: closeFound(index, request, progress, run) };
  if (!run || run.id !== request.run) return { event: runStarted(index, request) };
  if (run.ended) return 'over';
  if (progress.open) return inTurn(index, progress, now);
  const question = nextQuestion(index, progress);
  if (question) return { event: question };
  const turn = nextTurn(index, request, progress, run);
  if (turn) return { event: { type: 'cycle.started', cycle: numberOf(turn, progress, run), turn } };
  return { event: runEnded(request, run) };
}

function inTurn(index: PlanIndex, progress: Progress, now: Now): Decision {
  const cycle = progress.open;
  if (!cycle) throw new Error('bug: no turn is under way');
  const stop = progress.run?.stop;
  const alarm = new Alarm();
  const decision = nextInTurn({ index, progress, cycle, stop, now: now.mono, wall: now.wall, alarm });
  if (decision !== 'done') return decision;
  const durationMs = Math.max(0, Math.round(now.mono - cycle.startedMono));
  return { event: cycleEnded({ index, cycle, stop, durationMs, isWhole: true }) };
}

/** An interrupted cycle is closed, never continued: going on inside it would judge today's tree by yesterday's green. */
function closeFound(index: PlanIndex, request: Request, progress: Progress, run: RunProgress): Event {
  const cycle = progress.open;
  if (!run.found) {
    const running = [...(cycle?.running ?? [])];
    const interrupted = running.map((id) => `${id}#${cycle?.tasks.get(id)?.attempt}`);
    return { type: 'run.resumed', interrupted };
  }
  for (const id of cycle?.running ?? []) {
    const task = cycle?.tasks.get(id);
    if (!task) continue;
    const { rung, attempt } = task;
    const at = { task: id, ...(rung !== undefined && { rung }), attempt };
    return { type: 'attempt.ended', ...at, end: { interrupted: true }, durationMs: 0, bytes: 0 };
  }
  if (cycle) {
    const isWhole = run.plan === index.plan.id && cycle.done === tasksOf(index, cycle.turn);
    return cycleEnded({ index, cycle, stop: run.stop, durationMs: 0, isWhole });
  }
  return nextQuestion(index, progress) ?? runEnded(request, run);
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
    limits: {
      cycles: String(request.cycles),
      cycle: formatDuration(plan.cycleTimeoutMs),
      'stop within': formatDuration(plan.stopWithinMs),
      jobs: String(plan.jobs),
    },
  };
}

/** Which turn comes next; undefined: the run ends. */
function nextTurn(
  index: PlanIndex,
  request: Request,
  progress: Progress,
  run: RunProgress,
): Turn | undefined {
  const has = (turn: Turn) =>
    index.turns[turn].some((phase) => phase.tasks.some((task) => task.leftOut === undefined));
  const wasBegun = run.startTurn !== undefined || run.cycles > 0;
  const isOver = run.stop !== undefined || progress.storageFailed || run.cycles >= request.cycles;
  const startFailed = run.startTurn !== undefined && run.startTurn !== 'passed';
  if (!isOver && !startFailed) return wasBegun || !has('start') ? 'cycle' : 'start';
  const wasForced = progress.storageFailed || run.stop?.now === true;
  return has('end') && run.endTurn === undefined && wasBegun && !wasForced ? 'end' : undefined;
}

/** The turns around cycles share the number of the cycle that they stand before or behind. */
function numberOf(turn: Turn, { cycle, lastTurn }: Progress, run: RunProgress): number {
  if (turn === 'end') return cycle;
  const isBegun =
    turn === 'cycle' && run.startTurn !== undefined && run.cycles === 0 && lastTurn?.turn === 'start';
  return isBegun ? cycle : cycle + 1;
}
