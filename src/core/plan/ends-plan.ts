// What ends a run and what is only said aloud, resolved: conditions over measures.

export interface ExitPlan {
  /** All must hold, at the end of a passing cycle. */
  readonly target: readonly Condition[];
  /** Any ends the run. */
  readonly budget: readonly Condition[];
  /** Any ends the run. */
  readonly giveUp: readonly Condition[];
  /** Undefined: a breaker that trips ends the run at once. */
  readonly halfOpen: { readonly afterMs: number; readonly times: number } | undefined;
  /** What the others cannot say; it ends the run as a spent budget does. */
  readonly when?: ExpressionPlan;
}

/** `failure_rate_over_20 > 0.3 && edge_sd < 2.0`, checked. */
export interface ExpressionPlan {
  readonly text: string;
  readonly reads: readonly Variable[];
}

/** A measure as an expression names it: `-` and `.` are `_`, and `_over_20` looks back over 20 cycles. */
export interface Variable {
  readonly name: string;
  /** As conditions name the measure. */
  readonly of: string;
  readonly measure: Measure;
  readonly over: number | undefined;
  readonly type: 'int' | 'double' | 'duration';
}

export interface MarkPlan {
  readonly id: string;
  readonly level: 'info' | 'warning' | 'critical';
  readonly all: readonly Condition[];
  readonly any: readonly Condition[];
}

/** `failure-rate: "> 80% over 30"`. */
export interface Condition {
  /** As people wrote the measure: `edge.sd`, `failures-in-a-row`. */
  readonly name: string;
  readonly measure: Measure;
  readonly operator: '<' | '<=' | '==' | '!=' | '>=' | '>';
  /** In the measure's own unit: milliseconds for `runtime`, a share of 1 for `failure-rate`, dollars for `cost`. */
  readonly value: number;
  /** Cycles that it looks back over; undefined: the measure's own span. */
  readonly over: number | undefined;
  /** `> 80% over 30`, for people. */
  readonly text: string;
}

export type Measure =
  | {
      readonly kind: 'metric';
      /** As the fold keeps it: `sims.edge`, `sims.100.edge`. */
      readonly key: string;
      /** `sd`: sample standard deviation over `over` cycles, 10 when nothing is said. */
      readonly statistic: 'value' | 'best' | 'sd' | 'mean';
      /** Which way is better, for `best`. */
      readonly better: 'higher' | 'lower' | undefined;
    }
  | { readonly kind: 'distinct'; readonly label: string }
  | { readonly kind: CountMeasure };

export type CountMeasure =
  | 'cycles'
  | 'runtime'
  | 'tokens'
  | 'cost'
  | 'failure-rate'
  | 'cycles-per-hour'
  | 'failures-in-a-row'
  | 'broken-in-a-row'
  | 'oom-in-a-row'
  | 'same-error'
  | 'no-progress'
  | 'accepted'
  | 'since-champion';
