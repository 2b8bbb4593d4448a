// What this start of gate-run was asked for, beside the plan.

export interface Request {
  /** Id of the run that this process opens. */
  readonly run: string;
  readonly version: string;
  /** Cycles of this invocation. */
  readonly cycles: number;
  readonly failOn: 'any' | 'soft' | undefined;
}
