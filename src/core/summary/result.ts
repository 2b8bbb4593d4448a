// A run as one object, for `--json`: what happened, without any word that only a person could read.

import { indexPlan } from '../cycle/plan-index.ts';
import type { SimsEvidence } from '../judge/sims.ts';
import type { PlacedProblem } from '../config/problem.ts';
import type { Outcome, Verdict } from '../judge/evidence.ts';
import type { CycleEnded, CycleVerdict, TaskSummary } from '../loop/event.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import { summaryOfOpen } from './summary.ts';

/** Raised when a reader of the object before would misread the object after. */
export const RESULT_VERSION = 1;

export interface Result {
  readonly schemaVersion: typeof RESULT_VERSION;
  readonly exit: number;
  readonly reason: string;
  /** The condition that ended the run, as people wrote it; null when none did. */
  readonly rule: string | null;
  /** One sentence for people. */
  readonly why: string;
  readonly run: string | null;
  /** Finished cycles of the run; stopped, limited and interrupted ones are not among them. */
  readonly cycles: { readonly finished: number; readonly passed: number; readonly failed: number };
  readonly cycle: number | null;
  readonly verdict: CycleVerdict | 'none';
  readonly tasks: readonly TaskResult[];
  /** Only when nothing ran: what is wrong with the config or the flags. */
  readonly problems?: readonly PlacedProblem[];
  /** Only where this is a line among lines: with `--json=lines`, when nothing ran. */
  readonly type?: 'result';
}

export interface TaskResult {
  readonly id: string;
  readonly phase: string;
  readonly kind: 'step' | 'gate';
  readonly mode: 'strict' | 'soft';
  readonly verdict: Verdict;
  readonly outcome: Outcome | null;
  readonly attempts: number;
  readonly durationMs: number;
  readonly metrics: Readonly<Record<string, number>>;
  /** By count, what the simulations of each rung left, where gate-run ran the seeds itself. */
  readonly sims?: Readonly<Record<string, SimsEvidence>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
  readonly because: string | null;
  /** Failed as it did in the baseline. */
  readonly inBaseline: boolean;
  /** Passed, but not on its first attempt. */
  readonly flaky: boolean;
  /** Answered from the cache: when the attempt ended that is answered with, ISO 8601, and how long it had taken. */
  readonly cached: { readonly at: string; readonly savedMs: number } | null;
  /** The last day through which it counts as soft because it is flaky; null: it is not quarantined. */
  readonly quarantined: string | null;
  /** From the config's folder. */
  readonly log: string | null;
}

/** `turns`: what this run finished, in order; the last cycle is reported, with the phases around it. */
export function resultOf(plan: Plan, progress: Progress, turns: readonly CycleEnded[]): Result {
  const { run } = progress;
  const last = turns.findLast((turn) => turn.turn === 'cycle');
  const around = turns.filter((turn) => turn.turn !== 'cycle' || turn === last);
  const isOwn = progress.open !== undefined && progress.open.turn !== 'confirm';
  const open = isOwn && progress.open ? summaryOfOpen(progress.open, indexPlan(plan)) : undefined;
  const tasks = [...around.flatMap((turn) => turn.tasks), ...(open?.tasks ?? [])];
  return {
    schemaVersion: RESULT_VERSION,
    ...ending(progress),
    run: run?.id ?? null,
    cycles: {
      finished: run?.cycles ?? 0,
      passed: (run?.cycles ?? 0) - (run?.failed ?? 0),
      failed: run?.failed ?? 0,
    },
    cycle: open?.cycle ?? last?.cycle ?? null,
    verdict: run?.ended?.verdict ?? last?.verdict ?? 'none',
    tasks: tasks.map((task) => taskResult(task, plan.state.cycles)),
  };
}

/** Of a start that ran nothing: problems, a lock that somebody holds, a state directory that cannot be written. */
export function resultWithout(ending: {
  readonly exit: number;
  readonly reason: string;
  readonly why: string;
  readonly problems?: readonly PlacedProblem[];
}): Result {
  const nothing = {
    rule: null,
    run: null,
    cycles: { finished: 0, passed: 0, failed: 0 },
    cycle: null,
  } as const;
  return { schemaVersion: RESULT_VERSION, ...ending, ...nothing, verdict: 'none', tasks: [] };
}

const STORAGE_EXIT = 8;
const BUG_EXIT = 70;

/** A run that ends without its event could not write it, or met a bug. */
function ending({ run, storageFailed }: Progress): Pick<Result, 'exit' | 'reason' | 'rule' | 'why'> {
  if (run?.ended) {
    const { exit, reason, rule = null, why } = run.ended;
    return { exit, reason, rule, why };
  }
  if (storageFailed)
    return {
      exit: STORAGE_EXIT,
      reason: 'storage-failed',
      rule: null,
      why: 'the ledger could not be written',
    };
  return { exit: BUG_EXIT, reason: 'interrupted', rule: null, why: 'the run has no end in the ledger' };
}

function taskResult(task: TaskSummary, cycles: string): TaskResult {
  return {
    id: task.id,
    phase: task.phase,
    kind: task.kind,
    mode: task.mode,
    verdict: task.verdict,
    outcome: task.outcome ?? null,
    attempts: task.attempts,
    durationMs: task.durationMs,
    metrics: task.metrics,
    ...(task.sims && { sims: task.sims }),
    labels: task.labels,
    reasons: task.reasons,
    because: task.because ?? null,
    inBaseline: task.inBaseline === true,
    flaky: task.flaky === true,
    cached: task.cached ?? null,
    quarantined: task.quarantined ?? null,
    log: task.log === undefined ? null : `${cycles}/${task.log}`,
  };
}
