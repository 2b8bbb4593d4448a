// What stands behind the mean of many simulations, for whoever shows it.

import type { SimsEvidence } from '../judge/sims.ts';
import type { Statistics } from '../judge/statistics.ts';
import type { TaskSummary } from '../loop/event.ts';
import { isRungKey } from '../loop/values.ts';

/** Of one rung's metric. */
export interface Spread extends Statistics {
  /** Simulations that failed, beside the `n` that were done. */
  readonly failed: number;
}

/** Of the metric that progress keeps under `key`; undefined: it is no mean of simulations that gate-run ran. */
export function spreadUnder(tasks: readonly TaskSummary[], key: string): Spread | undefined {
  const [id, ...parts] = key.split('.');
  const task = tasks.find((one) => one.id === id);
  const rung = isRungKey(key) ? parts.shift() : task?.rung;
  const sims = rung === undefined ? undefined : task?.sims?.[rung];
  const [name, ...rest] = parts;
  return sims && name !== undefined && rest.length === 0 ? spreadOf(sims, name) : undefined;
}

export function spreadOf({ metrics, failed }: SimsEvidence, name: string): Spread | undefined {
  const statistics = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  return statistics && { ...statistics, failed };
}
