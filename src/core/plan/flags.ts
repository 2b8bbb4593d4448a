// What the command line sets. Every flag has the meaning of a config key; core/plan applies them last.

export interface Flags {
  readonly profile?: string;
  readonly goal?: string;
  readonly jobs?: string;
  /** `loop.timeout`. */
  readonly timeout?: string;
  readonly stopWithin?: string;
  readonly continuous?: boolean;
  /** `exit.budget.cycles` of this invocation. */
  readonly iterations?: string;
  /** `exit.budget.runtime`. */
  readonly maxRuntime?: string;
  /** `--target edge=527`, as name and value. */
  readonly targets?: readonly (readonly [metric: string, value: string])[];
  readonly sleep?: string;
  /** `exit.give-up.failures-in-a-row`. */
  readonly maxFailures?: string;
  /** `loop.backoff.max`. */
  readonly maxBackoff?: string;
  readonly stopFile?: string;
  readonly overlap?: string;
  /** `writes.files` of every task that has `writes`. */
  readonly capWrites?: string;
  /** `--set key=value`, dotted key. */
  readonly set: readonly (readonly [key: string, value: string])[];
  readonly skip: readonly string[];
  readonly only: readonly string[];
  readonly phases: readonly string[];
  /** `--failed`: tasks that were not green in the last cycle; filled in by the command line from the ledger. */
  readonly failed?: readonly string[];
  /** Named tasks of an ad hoc run: these and their `needs`, no other step, no earlier phase. */
  readonly tasks: readonly string[];
  /** Names of the commands, for a word that is no task: it may be a command misspelt. */
  readonly commands?: readonly string[];
  readonly since?: string;
  readonly reporters: readonly string[];
  readonly failOn?: 'any' | 'soft';
  /** The gate whose parameters are those of its `prove`; of `doctor --prove` alone. */
  readonly proving?: string;
}

export const NO_FLAGS: Flags = { set: [], skip: [], only: [], phases: [], tasks: [], reporters: [] };
