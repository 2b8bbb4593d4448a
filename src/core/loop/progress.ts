// The ledger folded: what has happened, and nothing that is not in the ledger. Only `evolve` changes it.

import type { CycleProgress } from '../cycle/progress.ts';
import type { CycleEnded, CycleVerdict, RunEnded, StopSeen } from './event.ts';

export interface Progress {
  /** Of the last event folded; 0 before the first. */
  readonly seq: number;
  /** Last cycle number used over the life of the state directory. */
  readonly cycle: number;
  readonly run: RunProgress | undefined;
  /** The turn under way. */
  readonly open: CycleProgress | undefined;
  /** The last finished turn of any kind. */
  readonly lastTurn: CycleEnded | undefined;
  /** When `lastTurn` ended, as its ledger line says. */
  readonly lastTurnAt: string | undefined;
  /** The last finished turn of kind `cycle`, interrupted ones left out. */
  readonly last: CycleEnded | undefined;
  /** When `last` ended, as its ledger line says. */
  readonly lastAt: string | undefined;
  /** Failed or broken cycles in a row, over the directory's life. */
  readonly failuresInARow: number;
  readonly questions: ReadonlyMap<string, QuestionProgress>;
  /** By `task.metric`. */
  readonly metrics: ReadonlyMap<string, MetricProgress>;
  /** By task: the last pass. */
  readonly passes: ReadonlyMap<string, { readonly cycle: number; readonly inputs: string | undefined }>;
  readonly storageFailed: boolean;
}

export interface RunProgress {
  readonly id: string;
  readonly startedAt: string;
  /** Id of the plan that it follows. */
  readonly plan: string;
  /** Finished turns of kind `cycle` in this run. */
  readonly cycles: number;
  /** Of them, how many did not pass. */
  readonly cyclesNotPassed: number;
  /** Whether any task of this run was soft-failed. */
  readonly softFailures: boolean;
  /** A later start found this run without an end and closes it. */
  readonly found: boolean;
  readonly startTurn: CycleVerdict | undefined;
  readonly endTurn: CycleVerdict | undefined;
  readonly lastVerdict: CycleVerdict | undefined;
  /** Whether every task of the last cycle was skipped. */
  readonly lastWasIdle: boolean;
  readonly stop: StopProgress | undefined;
  readonly ended: RunEnded | undefined;
}

export interface StopProgress {
  readonly by: StopSeen['by'];
  readonly signal: string | undefined;
  /** Monotonic time of the first wish. */
  readonly mono: number;
  readonly now: boolean;
}

export interface QuestionProgress {
  readonly fingerprint: string;
  readonly task: string;
  readonly text: string;
  readonly openedAt: string;
  readonly seen: number;
  readonly lastAt: string;
  readonly lastCycle: number;
  readonly closedAt: string | undefined;
}

export interface MetricProgress {
  readonly last: number;
  readonly highest: number;
  readonly lowest: number;
  readonly cycle: number;
}
