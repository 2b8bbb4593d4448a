// What was measured, over the life of the state directory, as `status` shows it.

import type { Progress } from '../loop/progress.ts';
import { allMeasured, isStatisticKey } from '../loop/values.ts';
import type { Plan } from '../plan/plan.ts';
import { directionsOf, watchedIn } from './directions.ts';
import { spreadUnder, type Spread } from './spread.ts';

export interface MetricStatus {
  /** `task.metric`. */
  readonly key: string;
  readonly last: number;
  /** Null: nobody said which way is better. */
  readonly best: number | null;
  /** The cycle that measured `last`. */
  readonly cycle: number;
  /** Of the simulations behind `last`, where that was the last cycle. */
  readonly spread?: Spread;
}

/** What a condition looks at comes first. */
export function metricsOf(plan: Plan | undefined, progress: Progress): readonly MetricStatus[] {
  const better = directionsOf(plan, progress);
  const watched = watchedIn(progress);
  const rank = (key: string) => (watched.includes(key) ? watched.indexOf(key) : watched.length);
  const now = lastMeasured(progress);
  return [...new Set([...progress.metrics.keys(), ...now.keys()])]
    .filter((key) => !isStatisticKey(key) || watched.includes(key))
    .toSorted((one, other) => rank(one) - rank(other))
    .flatMap((key) => {
      const known = progress.metrics.get(key);
      const last = now.get(key) ?? known;
      if (!last) return [];
      const direction = better.get(key);
      const best =
        direction === undefined ? undefined : direction === 'lower' ? known?.lowest : known?.highest;
      const { cycle, spread } = { spread: undefined, ...last };
      return [{ key, last: last.last, best: best ?? null, cycle, ...(spread && { spread }) }];
    });
}

/** What the last cycle measured: also what it is not compared by, because some of its simulations failed. */
function lastMeasured({
  last,
}: Progress): ReadonlyMap<string, Pick<MetricStatus, 'last' | 'cycle' | 'spread'>> {
  const tasks = last?.tasks.filter(({ verdict }) => verdict === 'passed') ?? [];
  const { cycle = 0 } = last ?? {};
  return new Map(
    tasks.flatMap(allMeasured).map(([key, value]) => {
      const spread = spreadUnder(tasks, key);
      return [key, { last: value, cycle, ...(spread && { spread }) }];
    }),
  );
}
