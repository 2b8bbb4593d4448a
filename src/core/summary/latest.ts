// What `latest.json` holds: the few facts that a monitoring script asks for, true for the moment it was written.

import type { CycleVerdict, RunEnded, TaskSummary } from '../loop/event.ts';
import type { Progress, RestProgress, RunProgress, StopProgress } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import { tamperingIn } from '../protect/progress.ts';
import { tamperingLines } from '../protect/words.ts';
import { cycleFolder } from '../loop/names.ts';
import { restState, restText, type RestState } from './rest.ts';

export interface Latest {
  readonly v: 1;
  /** `waiting`: for a limit to reset; `resting`: for any other reason. */
  readonly state: 'running' | RestState | 'stopping' | 'ended';
  /** Of the last finished cycle. */
  readonly verdict: CycleVerdict | 'none';
  readonly cycle: number;
  /** Over the life of the state directory, so that one-shots under cron count. */
  readonly consecutiveFailures: number;
  /** When the rest under way is over and the next cycle due, ISO 8601; null when there is no rest. */
  readonly nextAt: string | null;
  readonly why: string;
  /** Folder of the logs of the cycle under way, else of the last one; null before the first. */
  readonly logs: string | null;
  readonly run: string | null;
  readonly exit: number | null;
  /** What of the protected files changed, with a diff, line by line; absent unless that ended the run. */
  readonly tampering?: readonly string[];
  /** The best so far; absent: there is none. */
  readonly champion?: { readonly cycle: number; readonly metric: string; readonly value: number };
  readonly at: string;
}

export function latestOf(plan: Plan, progress: Progress, at: string): Latest {
  const { run, open, last, lastTurn, champion } = progress;
  const turn = open ?? lastTurn;
  return {
    v: 1,
    state: stateOf(progress),
    verdict: last?.verdict ?? 'none',
    cycle: progress.cycle,
    consecutiveFailures: progress.failuresInARow,
    nextAt: restOf(progress)?.until ?? null,
    why: whyOf(progress),
    logs: turn ? `${plan.state.cycles}/${cycleFolder(turn.cycle, turn.turn)}` : null,
    run: run?.id ?? null,
    exit: run?.ended?.exit ?? null,
    ...tamperingOf(progress),
    ...(champion && {
      champion: { cycle: champion.cycle, metric: champion.metric, value: champion.value },
    }),
    at,
  };
}

/** The lines that stand under the reason, where protected files are the reason. */
export function tamperingOf(progress: Progress): { readonly tampering?: readonly string[] } {
  const tampering = progress.run?.ended?.reason === 'integrity' ? tamperingIn(progress) : undefined;
  return tampering ? { tampering: tamperingLines(tampering) } : {};
}

function stateOf(progress: Progress): Latest['state'] {
  const { run } = progress;
  if (!run || run.ended) return 'ended';
  if (run.stop) return 'stopping';
  const rest = restOf(progress);
  return rest ? restState(rest.cause) : 'running';
}

/** The rest under way. What a stop or the end of a budget has broken off is none any more. */
export function restOf({ run, open }: Progress): RestProgress | undefined {
  return open || !run || run.ended || run.stop ? undefined : run.rest;
}

/** One sentence: why it is in this state, or what decided the last cycle. */
export function whyOf(progress: Progress): string {
  const { run, open, storageFailed } = progress;
  if (run?.ended) {
    const cause = causeOfEnd(progress, run);
    return cause ? `${run.ended.why}: ${cause.id} ${cause.reasons[0] ?? cause.verdict}` : run.ended.why;
  }
  if (storageFailed) return 'the ledger could not be written';
  if (!run) return 'no run yet';
  if (run.stop) return `stopping, asked by ${askedBy(run.stop)}`;
  const rest = restOf(progress);
  if (rest) return restText(rest);
  if (!open) return 'between cycles';
  if (open.confirm) return `the champion of cycle ${open.confirm.champion} is measured again`;
  return open.turn === 'cycle' ? `cycle ${open.cycle} is under way` : `the ${open.turn} phases are under way`;
}

/** The task behind the last turn of this very run, where the run ended because of how its turns went. */
function causeOfEnd({ last, lastTurn }: Progress, run: RunProgress): TaskSummary | undefined {
  if (run.ended && NOT_BY_ITS_TURNS.has(run.ended.reason)) return undefined;
  const start = run.startTurn !== undefined && lastTurn?.turn === 'start' ? lastTurn : undefined;
  const turn = run.lastVerdict === undefined ? start : last;
  return turn?.tasks.find((task) => task.id === turn.cause);
}

const NOT_BY_ITS_TURNS: ReadonlySet<RunEnded['reason']> = new Set([
  'integrity',
  'stopped',
  'interrupted',
  'storage-failed',
]);

/** Who wants the run to stop: `SIGTERM`, `the file /work/stop`. */
export function askedBy({
  by,
  signal,
  path,
  who,
}: Pick<StopProgress, 'by' | 'signal' | 'path' | 'who'>): string {
  if (by === 'file') return path === undefined ? 'the stop file' : `the file ${path}`;
  if (by === 'replace') return who ?? 'another start';
  return by === 'signal' ? (signal ?? 'a signal') : 'the disk, which takes no more';
}
