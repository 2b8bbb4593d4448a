// The names by which thresholds and conditions speak of many simulations, and the values behind them. A name that has no value says why.

import type { MetricPlan } from '../plan/plan.ts';
import type { Evidence, Reading } from './evidence.ts';
import type { SimsEvidence } from './sims.ts';
import type { Statistics } from './statistics.ts';

export type StatisticName = keyof Omit<Statistics, 'n' | 'confidence'>;

/** Behind a metric and a dot: `edge.p05`. The bare metric is the mean. */
export const STATISTICS: readonly StatisticName[] = [
  'mean',
  'sd',
  'se',
  'lower',
  'upper',
  'min',
  'p05',
  'p50',
  'p95',
  'max',
];

/** How many simulations of the rung failed, and how many were done. */
export const SIMS_FAILED = 'sims.failed';
export const SIMS_N = 'sims.n';

/** What says something about the values that were not seen; of one value alone there is nothing to say. */
const OF_TWO: ReadonlySet<string> = new Set<StatisticName>(['sd', 'se', 'lower', 'upper']);
/** How far the values lie apart: neither way is better. */
const SPREADS: ReadonlySet<string> = new Set<StatisticName>(['sd', 'se']);

interface Split {
  readonly metric: string;
  readonly statistic: StatisticName;
}

/** Undefined for a name that is none of a statistic. */
export function splitName(name: string): Split | undefined {
  const dot = name.lastIndexOf('.');
  const statistic = STATISTICS.find((one) => one === name.slice(dot + 1));
  return dot <= 0 || statistic === undefined ? undefined : { metric: name.slice(0, dot), statistic };
}

/** Every name that a ladder with these metrics has beside the bare ones. */
export function statisticNames(metrics: readonly string[]): readonly string[] {
  return [
    ...metrics.flatMap((metric) => STATISTICS.map((statistic) => `${metric}.${statistic}`)),
    SIMS_FAILED,
    SIMS_N,
  ];
}

/** Whether it takes two simulations to know it. */
export function takesTwo(name: string): boolean {
  return OF_TWO.has(splitName(name)?.statistic ?? '');
}

export function isSpread(name: string): boolean {
  return SPREADS.has(splitName(name)?.statistic ?? '');
}

/** Which way is better, for `best`; a spread has no such way. */
export function betterOf(name: string, metrics: readonly MetricPlan[]): MetricPlan['better'] {
  const own = metrics.find((one) => one.name === name);
  if (own) return own.better;
  if (name === SIMS_FAILED) return 'lower';
  if (name === SIMS_N) return 'higher';
  const split = splitName(name);
  if (!split || isSpread(name)) return undefined;
  return metrics.find((one) => one.name === split.metric)?.better;
}

/** Whether a name is that of a metric's mean: `edge`, `edge.mean`. */
export function isMean({ metrics }: SimsEvidence, name: string): boolean {
  return Object.hasOwn(metrics, name) || splitName(name)?.statistic === 'mean';
}

/** The value of a name, bare ones among them. */
export function simsReading(sims: SimsEvidence, name: string): Reading {
  if (name === SIMS_FAILED) return { value: sims.failed };
  if (name === SIMS_N) return { value: sims.done };
  const { metric, statistic } = splitName(name) ?? { metric: name, statistic: 'mean' };
  const statistics = Object.hasOwn(sims.metrics, metric) ? sims.metrics[metric] : undefined;
  if (!statistics) {
    const detail = `metric \`${metric}\` has no value: none of ${sims.done + sims.failed} simulations gave one`;
    return { unread: 'missing', detail };
  }
  const value = statistics[statistic];
  if (value !== undefined) return { value };
  if (statistics.n > 1)
    return { unread: 'not-finite', detail: `metric \`${name}\` is larger than a number can be` };
  return {
    unread: 'missing',
    detail: `metric \`${name}\` takes two simulations, and ${statistics.n} was done`,
  };
}

/** What a rung measured, as any other task's evidence: the means. */
export function evidenceOfSims(sims: SimsEvidence): Evidence {
  const names = Object.keys(sims.metrics);
  return { metrics: Object.fromEntries(names.map((name) => [name, simsReading(sims, name)])), labels: {} };
}

/** All that is known beside the means, by name. */
export function statisticsIn(sims: SimsEvidence): readonly (readonly [name: string, value: number])[] {
  return statisticNames(Object.keys(sims.metrics)).flatMap((name) => {
    const reading = simsReading(sims, name);
    return 'value' in reading ? [[name, reading.value] as const] : [];
  });
}
