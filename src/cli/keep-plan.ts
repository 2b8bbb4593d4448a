// Writes down the plan that a run follows, for `plan --diff` later.

import { flat } from '../core/plan/diff.ts';
import type { Plan } from '../core/plan/plan.ts';
import { keepPlan } from '../engine/kept-plans.ts';
import type { Here } from './world.ts';

/** Values may hold secrets of the environment. */
export function keepPlanOf(plan: Plan, stateDir: string, { world, redact }: Here): void {
  const values = Object.entries(flat(plan)).map(([key, value]) => [key, redact(value)]);
  const text = `${JSON.stringify(Object.fromEntries(values), null, 2)}\n`;
  keepPlan(world.disk, stateDir, { id: plan.id, text });
}
