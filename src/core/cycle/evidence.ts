// What the end of an attempt says about a task.

import type { Evidence } from '../judge/evidence.ts';
import { evidenceOfSims } from '../judge/sim-metrics.ts';
import type { AttemptEnded } from './event.ts';

const NOTHING: Evidence = { metrics: {}, labels: {} };

/** About its own, or one that judges it. Simulations speak for themselves: only the gate that ran them is measured by them. */
export function evidenceIn(ended: AttemptEnded | undefined, task: string): Evidence {
  if (ended?.sims && ended.task === task) return evidenceOfSims(ended.sims);
  return ended?.evidence?.[task] ?? NOTHING;
}
