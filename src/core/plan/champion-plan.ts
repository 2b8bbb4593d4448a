// `objective` and `champion`, resolved.

export interface ObjectivePlan {
  /** As people wrote it. */
  readonly metric: string;
  /** The gate that measures it, and what it calls it. */
  readonly task: string;
  readonly name: string;
  /** As the fold keeps it: `sims.edge`. */
  readonly key: string;
  readonly better: 'higher' | 'lower';
  /** At least 0. A tie is never better. */
  readonly minDelta: number;
  /** Of the ladder's top rung: only there a champion is challenged. Undefined: the gate is no ladder. */
  readonly count: number | undefined;
  /** Gate-run runs its simulations: a challenger is compared seed by seed. */
  readonly pairing?: {
    /** The first seed. */
    readonly base: number;
    /** Of the one-sided test. */
    readonly confidence: number;
  };
  /** Checksum of what measures it: a champion that something else has measured is not compared with. */
  readonly measuredBy: string;
}

export interface ChampionPlan {
  readonly keep: readonly KeptPath[];
  readonly robustness: RobustnessPlan;
  /** Absent: an ageing champion is never measured again by the loop. */
  readonly confirm?: ConfirmPlan;
}

export interface ConfirmPlan {
  /** Cycles. */
  readonly every: number;
  /** Fresh ones, of each confirmation. */
  readonly seeds: number;
}

export interface RobustnessPlan {
  readonly batches: number;
  /** The narrowest first; what lies in none has no name. */
  readonly bands: readonly { readonly name: string; readonly below: number }[];
}

/** A file, a folder, or a glob of them; in the cycle's folder or in the work tree. */
export interface KeptPath {
  readonly from: 'cycle' | 'tree';
  /** Relative to that folder; `*` and `?` stand for characters within a name. */
  readonly path: string;
}
