// What a baseline is: how every gate stood before the loop began, over a few runs of each. It is recorded whole or not at all.

import type { Verdict } from '../judge/evidence.ts';

/** Takes the place of any baseline before it. */
export interface BaselineRecorded {
  readonly type: 'baseline.recorded';
  /** Of the whole config, as a run would have it. */
  readonly plan: string;
  /** Runs of each gate that were wanted. */
  readonly times: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly gates: Readonly<Record<string, BaselineGate>>;
}

/** Nothing is compared with a baseline any more. */
export interface BaselineCleared {
  readonly type: 'baseline.cleared';
}

export interface BaselineGate {
  /** Checksum of everything that decides what it measures: a gate that measures something else now has no baseline. */
  readonly measures: string;
  /** Checksum of its limits: by others it may have been green. */
  readonly limits: string;
  /** Of each run; a gate that failed is `failed` here, whatever its mode. */
  readonly runs: readonly Verdict[];
  /** Runs that passed, but not on their first attempt. */
  readonly late: number;
  /** Over the runs, by name: `edge`, and of a ladder's rung `100.edge`. */
  readonly metrics: Readonly<Record<string, Noise>>;
  /** Exit codes of the runs that failed, each once; absent in ledgers of versions that did not record them. */
  readonly exits?: readonly number[];
  /** By metric, which findings there were in any run, where its report names them: `identities.ts`. Absent: nobody knows. */
  readonly found?: Readonly<Record<string, readonly string[]>>;
  /** Of the runs that failed, each once. */
  readonly fingerprints: readonly string[];
  /** Of the first run that was not green; empty: all were. */
  readonly reasons: readonly string[];
}

/** How a value lies over several runs of the same tree. */
export interface Noise {
  readonly n: number;
  readonly mean: number;
  /** Of the sample; absent with a single run: unknown, never zero. */
  readonly sd?: number;
  readonly min: number;
  readonly max: number;
}

/** `unknown`: no run came to a judgement. */
export type BaselineState = 'green' | 'red' | 'flaky' | 'broken' | 'unknown';

/** Broken is what could not be judged in any run; a gate that was judged in different ways is flaky, and so is one that passed late. */
export function stateOf({ runs, late }: Pick<BaselineGate, 'runs' | 'late'>): BaselineState {
  const judged = new Set(runs.filter((verdict) => verdict !== 'skipped'));
  if (judged.size === 0) return 'unknown';
  if (judged.size > 1 || late > 0) return 'flaky';
  if (judged.has('passed')) return 'green';
  return judged.has('broken') ? 'broken' : 'red';
}
