// Receipts of progress: what the world says of the work tree when a cycle's work is done, and what moved since the one before.

/** Decision: look at the work tree. Nothing else of the cycle happens meanwhile. */
export interface ReceiptsAsked {
  readonly type: 'receipts.asked';
  /** The commit that the cycle before ended on. */
  readonly since?: string;
}

/** Fact: how the work tree stands. */
export interface ReceiptsTold {
  readonly type: 'receipts.told';
  /** A sum over what is in it; absent: `failed` says why. */
  readonly tree?: string;
  /** The commit that it stands on; absent: there is no git. */
  readonly head?: string;
  /** How many commits there are since `since`; absent: nobody can tell. */
  readonly commits?: number;
  readonly failed?: string;
}

export type ReceiptsEvent = ReceiptsAsked | ReceiptsTold;

/** As `cycle.ended` keeps them. */
export interface Receipts extends Omit<ReceiptsTold, 'type'> {
  /** Gates that did not run in this cycle and were red when they last did. */
  readonly red?: readonly string[];
  /** What was not measured in this cycle, as it was last: by key. */
  readonly held?: Readonly<Record<string, number>>;
  /** `tree`, `commits`, `sims.edge`, `check passed`; `first` where no cycle before left any. Empty: nothing moved, or nobody knows. */
  readonly moved: readonly string[];
}
