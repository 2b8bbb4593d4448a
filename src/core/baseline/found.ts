// Which findings the reports of a gate named in the runs of a baseline.

import type { AttemptEnded } from '../cycle/event.ts';
import { evidenceIn } from '../cycle/evidence.ts';
import { unionOf } from '../judge/identities.ts';
import type { TaskPlan } from '../plan/plan.ts';

/** By metric, over all runs; one that a run counted and did not name is left out. `runs`: the last attempt of each task. */
export function foundIn(
  { id, judges, metrics }: TaskPlan,
  runs: readonly ReadonlyMap<string, AttemptEnded>[],
): Readonly<Record<string, readonly string[]>> {
  const evidence = runs.map((attempts) => evidenceIn(attempts.get(judges ?? id), id).metrics);
  return Object.fromEntries(
    metrics.flatMap(({ name }) => {
      const read = evidence.flatMap((readings) => {
        const reading = readings[name];
        return reading && 'value' in reading ? [reading.found] : [];
      });
      const named = read.filter((found) => found !== undefined);
      return named.length > 0 && named.length === read.length ? [[name, unionOf(named)] as const] : [];
    }),
  );
}
