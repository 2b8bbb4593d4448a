// What an attempt left, as values: facts that the world reports and that judging reads. Unknown is never zero.

/** A number read from evidence, or why there is none. */
export type Reading = Read | Unread;

export interface Read {
  readonly value: number;
  /** Of a count of findings that its report names: what tells one from another. */
  readonly found?: readonly string[];
}

export interface Unread {
  readonly unread: 'missing' | 'not-finite' | 'stale' | 'too-long' | 'unreadable';
  /** For people: "metric `edge` was not found in the output". */
  readonly detail: string;
}

/** What one task's metrics and labels read; of another task too where that one `judges` this one. */
export interface Evidence {
  readonly metrics: Readonly<Record<string, Reading>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** How the processes of an attempt ended. Facts only: the outcome word is `outcomeOf`'s. */
export type ProcessEnd =
  | { readonly code: number }
  | { readonly signal: string }
  | {
      readonly notStarted:
        | 'not-found'
        | 'not-executable'
        | 'no-folder'
        | 'no-stdin'
        | 'no-resources'
        | 'no-value'
        | 'no-snapshot';
      readonly detail: string;
    }
  | { readonly storage: string };

export const STOP_CAUSES = [
  'timeout',
  'phase-timeout',
  'cycle-timeout',
  'stall',
  'stop',
  'cancelled',
  'storage',
] as const;

/** Why gate-run made an attempt stop. */
export type StopCause = (typeof STOP_CAUSES)[number];

export const OUTCOMES = [
  'exited',
  'timed-out',
  'stalled',
  'killed',
  'oom',
  'heap-limit',
  'cpu-limit',
  'file-limit',
  'not-started',
  'limited',
  'cancelled',
  'interrupted',
  'storage-failed',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type Verdict = 'passed' | 'soft-failed' | 'failed' | 'broken' | 'skipped';

/** One threshold held against its metric, for reports: `lines 83.1 >= 80 (3.1 above)`. */
export interface Check {
  readonly metric: string;
  readonly value: number;
  readonly threshold: string;
  readonly limit: number | undefined;
  /** Positive: room left before the threshold is missed; negative: by how much it was missed. */
  readonly headroom: number | undefined;
  readonly level: 'require' | 'want' | 'promote';
  readonly held: boolean;
  /** There was no `best`, `last` or `baseline` to compare with yet. */
  readonly first: boolean;
  /** Of how many simulations, where gate-run ran them itself. */
  readonly n?: number;
  /** Against a baseline: the standard deviation of its runs. */
  readonly noise?: number;
}

/** The decision over one task. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly outcome: Outcome | undefined;
  /** For people, the cause first; empty only when passed without a remark. */
  readonly reasons: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
  /** A ladder that ended early without failing: the count of the rung that did not earn `promote`. */
  readonly prunedAt?: number;
  /** Broken, and softened by `on-broken: soft`. */
  readonly wasBroken?: boolean;
  /** It failed in the same way before the loop began. */
  readonly inBaseline?: boolean;
  /** The exit rule `skipped` decided. */
  readonly skippedByExit?: boolean;
}
