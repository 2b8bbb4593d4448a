// What a replay comes to: what these settings would have saved, and what they would have cost.

import type { Reached, ReplayedRun } from '../loop/replay.ts';

export interface ReplayStatus extends ReplayedRun {
  /** Whether these settings end the run where it really ended, earlier, or not at all; `later` than the record reaches. */
  readonly verdict: 'earlier' | 'same' | 'later';
  /** Between the two ends; null: they are the same, or there is none. */
  readonly saved: Saved | null;
  readonly lost: Lost | null;
}

export interface Saved {
  readonly cycles: number;
  readonly runtimeMs: number;
  readonly tokens: number | null;
  readonly cost: number | null;
}

export interface Lost {
  readonly passedCycles: number;
  /** Metrics that became better later. */
  readonly bests: readonly LostBest[];
  /** Marks that the run reached later. */
  readonly marks: readonly string[];
}

export interface LostBest {
  readonly metric: string;
  /** Null: not measured before. */
  readonly before: number | null;
  readonly later: number;
  readonly cycle: number;
}

export function replayStatus(run: ReplayedRun): ReplayStatus {
  const { stop, end } = run;
  if (!stop) return { ...run, verdict: 'later', saved: null, lost: null };
  const isSame = end.cycles === stop.cycles && run.recorded?.reason === stop.reason;
  if (isSame) return { ...run, verdict: 'same', saved: null, lost: null };
  return { ...run, verdict: 'earlier', saved: savedBetween(stop, end), lost: lostBetween(stop, run) };
}

function savedBetween(stop: Reached, end: Reached): Saved {
  return {
    cycles: end.cycles - stop.cycles,
    runtimeMs: Math.max(0, end.runtimeMs - stop.runtimeMs),
    tokens: less(end.tokens, stop.tokens),
    cost: less(end.cost, stop.cost),
  };
}

function less(later: number | null, before: number | null): number | null {
  return later === null ? null : later - (before ?? 0);
}

function lostBetween(stop: Reached, { end, marks }: ReplayedRun): Lost {
  const bests = Object.entries(end.bests).flatMap(([metric, { value, cycle }]): readonly LostBest[] => {
    const before = stop.bests[metric]?.value ?? null;
    return before === value ? [] : [{ metric, before, later: value, cycle }];
  });
  const passedCycles = end.cycles - end.failed - (stop.cycles - stop.failed);
  const later = marks.filter(({ cycle, recordedIn }) => cycle === null && recordedIn !== null);
  return { passedCycles, bests, marks: later.map(({ mark }) => mark) };
}
