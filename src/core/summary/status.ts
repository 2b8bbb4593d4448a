// What `status` answers, from the fold alone: what is going on, why, how it went last, what is open. No decision leans on it.

import { indexPlan } from '../cycle/plan-index.ts';
import type { CycleVerdict, TaskSummary } from '../loop/event.ts';
import { cycleFolder } from '../loop/names.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import { whyOf } from './latest.ts';
import { runningOf, summaryOfEnded } from './summary.ts';
import type { Counts } from './summary.ts';

export interface StatusFacts {
  /** Undefined when the config has problems: then limits and phases are not known. */
  readonly plan: Plan | undefined;
  readonly progress: Progress;
  /** Whether a process holds the lock of the state directory; undefined when that could not be found out. */
  readonly isHeld: boolean | undefined;
  /** Monotonic milliseconds of this machine. */
  readonly mono: number;
  /** The cycles' folder, as people name it. */
  readonly cycles: string;
}

export interface Status {
  readonly schemaVersion: 1;
  /** `crashed`: a run has no end in the ledger, and nobody carries it on. */
  readonly state: 'none' | 'running' | 'stopping' | 'crashed' | 'ended';
  readonly why: string;
  readonly run: string | null;
  readonly exit: number | null;
  /** The turn under way. */
  readonly open: OpenStatus | null;
  readonly last: LastStatus | null;
  readonly consecutiveFailures: number;
  readonly openQuestions: number;
  readonly logs: string | null;
}

export interface OpenStatus {
  readonly cycle: number;
  readonly turn: string;
  readonly since: string;
  readonly done: number;
  readonly running: readonly RunningStatus[];
}

export interface RunningStatus {
  readonly id: string;
  readonly phase: string | null;
  readonly rung: number | null;
  readonly attempt: number;
  readonly sinceMs: number;
  readonly limitMs: number | 'never' | null;
}

export interface LastStatus {
  readonly cycle: number;
  readonly verdict: CycleVerdict;
  readonly at: string | null;
  readonly durationMs: number;
  readonly counts: Counts;
  readonly cause: TaskSummary | null;
  readonly softFailures: readonly TaskSummary[];
}

export function statusOf(facts: StatusFacts): Status {
  const { progress, cycles } = facts;
  const turn = progress.open ?? progress.lastTurn;
  const state = stateOf(facts);
  return {
    schemaVersion: 1,
    state,
    why: state === 'crashed' ? crashedText(progress) : whyOf(progress),
    run: progress.run?.id ?? null,
    exit: progress.run?.ended?.exit ?? null,
    open: openOf(facts),
    last: lastOf(progress),
    consecutiveFailures: progress.failuresInARow,
    openQuestions: [...progress.questions.values()].filter((question) => question.closedAt === undefined)
      .length,
    logs: turn ? `${cycles}/${cycleFolder(turn.cycle, turn.turn)}` : null,
  };
}

function stateOf({ progress: { run }, isHeld }: StatusFacts): Status['state'] {
  if (!run) return 'none';
  if (run.ended) return 'ended';
  if (isHeld === false) return 'crashed';
  return run.stop ? 'stopping' : 'running';
}

function crashedText({ open }: Progress): string {
  const where = open ? `in the middle of cycle ${open.cycle}` : 'between cycles';
  return `gate-run was ended ${where} (crash, kill or power); the next start closes that as interrupted and goes on`;
}

function openOf({ plan, progress: { open }, mono }: StatusFacts): OpenStatus | null {
  if (!open) return null;
  const index = plan && indexPlan(plan);
  // A plan that was changed since may not know the tasks of the run.
  const isKnown = index !== undefined && [...open.running].every((id) => index.tasks.has(id));
  const limits = new Map(isKnown ? runningOf(open, index).map((task) => [task.id, task]) : []);
  const running = [...open.running].flatMap((id) => {
    const task = open.tasks.get(id);
    if (!task) return [];
    return {
      id,
      phase: limits.get(id)?.phase ?? null,
      rung: task.rung ?? null,
      attempt: task.attempt,
      sinceMs: Math.max(0, mono - task.startedMono),
      limitMs: limits.get(id)?.limitMs ?? null,
    };
  });
  return { cycle: open.cycle, turn: open.turn, since: open.startedAt, done: open.done, running };
}

function lastOf({ last, lastAt }: Progress): LastStatus | null {
  if (!last) return null;
  const { counts, cause, tasks } = summaryOfEnded(last);
  return {
    cycle: last.cycle,
    verdict: last.verdict,
    at: lastAt ?? null,
    durationMs: last.durationMs,
    counts,
    cause: cause ?? null,
    softFailures: tasks.filter((task) => task.verdict === 'soft-failed'),
  };
}
