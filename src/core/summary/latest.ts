// What `latest.json` holds: the few facts that a monitoring script asks for, true for the moment it was written.

import type { CycleVerdict } from '../loop/event.ts';
import type { Progress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import { cycleFolder } from '../loop/names.ts';

export interface Latest {
  readonly v: 1;
  readonly state: 'running' | 'stopping' | 'ended';
  /** Of the last finished cycle. */
  readonly verdict: CycleVerdict | 'none';
  readonly cycle: number;
  /** Over the life of the state directory, so that one-shots under cron count. */
  readonly consecutiveFailures: number;
  /** When the next cycle is due; null when none is planned. */
  readonly nextAt: string | null;
  readonly why: string;
  /** Folder of the logs of the cycle under way, else of the last one; null before the first. */
  readonly logs: string | null;
  readonly run: string | null;
  readonly exit: number | null;
  readonly at: string;
}

export function latestOf(plan: Plan, progress: Progress, at: string): Latest {
  const { run, open, last, lastTurn } = progress;
  const turn = open ?? lastTurn;
  return {
    v: 1,
    state: stateOf(progress),
    verdict: last?.verdict ?? 'none',
    cycle: progress.cycle,
    consecutiveFailures: progress.failuresInARow,
    nextAt: null,
    why: whyOf(progress),
    logs: turn ? `${plan.state.cycles}/${cycleFolder(turn.cycle, turn.turn)}` : null,
    run: run?.id ?? null,
    exit: run?.ended?.exit ?? null,
    at,
  };
}

function stateOf({ run }: Progress): Latest['state'] {
  if (!run || run.ended) return 'ended';
  return run.stop ? 'stopping' : 'running';
}

/** One sentence: why it is in this state, or what decided the last cycle. */
export function whyOf({ run, open, last, storageFailed }: Progress): string {
  if (run?.ended) {
    const cause = last?.cause === undefined ? undefined : last.tasks.find((task) => task.id === last.cause);
    return cause ? `${run.ended.why}: ${cause.id} ${cause.reasons[0] ?? cause.verdict}` : run.ended.why;
  }
  if (storageFailed) return 'the ledger could not be written';
  if (!run) return 'no run yet';
  if (run.stop) return `stopping, asked by ${run.stop.signal ?? run.stop.by}`;
  if (!open) return 'between cycles';
  return open.turn === 'cycle' ? `cycle ${open.cycle} is under way` : `the ${open.turn} phases are under way`;
}
