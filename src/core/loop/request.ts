// What this start of gate-run was asked for, beside the plan.

import type { Containment } from './containment.ts';
import type { ExpressionPlan } from '../plan/ends-plan.ts';
import type { Machine } from './event.ts';

/** Whether an expression holds over these values, by the names of its variables; undefined: that cannot be said. */
export type Evaluate = (
  expression: ExpressionPlan,
  values: ReadonlyMap<string, number>,
) => boolean | undefined;

export interface Request {
  /** Id of this start, and of the run that it opens where it carries none on. */
  readonly run: string;
  readonly version: string;
  /** Carry on a run although the plan was changed since. */
  readonly acceptConfig?: boolean;
  /** The next instant of the loop's calendar after `wall`, epoch milliseconds; there when the plan has a `cron`. */
  readonly nextFire?: (wall: number) => number;
  /** There when the plan has an `exit.when`. */
  readonly evaluate?: Evaluate;
  /** There when a task says what it needs. */
  readonly machine?: Machine;
  /** The flags that shaped the plan, as words; kept with the run. */
  readonly flags?: readonly string[];
  /** What holds the processes of tasks. */
  readonly containment?: Containment;
  readonly failOn: 'any' | 'soft' | undefined;
}
