// The plan that a turn follows: the loop's own, and in a confirmation the champion's gate alone, on fresh seeds.

import type { FreshSeeds } from '../loop/champion-event.ts';
import { confirmPlan } from '../plan/again.ts';
import { indexPlan, type PlanIndex } from './plan-index.ts';
import type { CycleProgress } from './progress.ts';

interface Known {
  readonly fresh: FreshSeeds;
  readonly index: PlanIndex;
}

/** The last one of each plan: a turn asks many times. */
const known = new WeakMap<PlanIndex, Known>();

export function indexFor(index: PlanIndex, cycle: Pick<CycleProgress, 'confirm'> | undefined): PlanIndex {
  const fresh = cycle?.confirm;
  if (!fresh) return index;
  const before = known.get(index);
  if (before && before.fresh.base === fresh.base && before.fresh.count === fresh.count) return before.index;
  const own = indexPlan(confirmPlan(index.plan, fresh));
  const made = { ...own, turns: { ...own.turns, cycle: [], confirm: own.turns.cycle } };
  known.set(index, { fresh, index: made });
  return made;
}
