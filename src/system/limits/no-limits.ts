// What tasks without limits need of limits: nothing. The rest is loaded where a plan has any.

import type { Plan } from '../../core/plan/plan.ts';
import type { LimitsPlan } from '../../core/plan/resources.ts';
import { limitTexts } from '../../core/plan/resources-text.ts';
import type { TaskUnit } from '../units/unit.ts';

export interface Limits {
  /** By limit of the plan: why tasks cannot be held to it here. */
  readonly unheld: Readonly<Record<string, string>>;
  /** The same unit, with everything that is started in it held to these limits. */
  hold(unit: TaskUnit, limits: LimitsPlan | undefined): TaskUnit;
  close(): void;
}

/** For plans without any limit: nothing is looked at, and nothing costs anything. */
export const NO_LIMITS: Limits = { unheld: {}, hold: (unit) => unit, close: () => undefined };

/** The limits that some task has, in the words of the config. */
export function limitKeys(plan: Plan): readonly string[] {
  return [...new Set(limitsIn(plan).flatMap((limits) => limitTexts(limits).map(({ key }) => key)))];
}

export function limitsIn({ phases }: Plan): readonly LimitsPlan[] {
  return phases.flatMap(({ tasks }) =>
    tasks.flatMap(({ leftOut, resources, isolation }) =>
      leftOut === undefined && resources && (!isolation?.container || isolation.fallback) ? [resources] : [],
    ),
  );
}
