// Whether a plan asks for receipts of progress, and what of a work tree is gate-run's own and no work.

import type { Plan } from './plan.ts';
import type { Condition, Measure } from './ends-plan.ts';
import { exceptOwn, type OwnParts } from './own-paths.ts';

export interface ReceiptsPlan {
  /** What gate-run itself writes, as globs that take away. */
  readonly except: readonly string[];
}

/** Undefined where no condition, mark or expression looks at `no-progress`: then nobody looks at the work tree. */
export function readReceipts({
  ends,
  marks,
  ...own
}: Pick<Plan, 'ends' | 'marks'> & OwnParts): ReceiptsPlan | undefined {
  const conditions: readonly Pick<Condition, 'measure'>[] = [
    ...ends.target,
    ...ends.budget,
    ...ends.giveUp,
    ...marks.flatMap(({ all, any }) => [...all, ...any]),
    ...(ends.when?.reads ?? []),
  ];
  return conditions.some(isAsked) ? { except: exceptOwn(own) } : undefined;
}

function isAsked({ measure }: { readonly measure: Measure }): boolean {
  return measure.kind === 'no-progress';
}
