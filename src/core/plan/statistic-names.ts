// The names of statistics in thresholds: which there are, and what is said about one that is not there.

import { nearest } from '../config/nearest.ts';
import { SIMS_FAILED, SIMS_N, splitName, STATISTICS } from '../judge/sim-metrics.ts';
import type { MetricPlan } from './plan.ts';

export interface Unknown {
  readonly message: string;
  readonly mend?: string;
}

/** Whether simulations with these metrics have such a name beside the bare ones; of unknown metrics, every one. */
export function hasStatistic(name: string, metrics: readonly MetricPlan[] | undefined): boolean {
  if (name === SIMS_FAILED || name === SIMS_N) return true;
  const metric = splitName(name)?.metric;
  return metric !== undefined && (metrics?.some((one) => one.name === metric) ?? true);
}

/** `isSimulated`: gate-run runs the simulations, so that there are statistics at all. */
export function unknownMetric(name: string, metrics: readonly MetricPlan[], isSimulated: boolean): Unknown {
  const names = metrics.map((metric) => metric.name);
  const [first = '', ...rest] = name.split('.');
  const statistic = rest.join('.');
  if (statistic !== '' && names.includes(first)) {
    if (isSimulated) return unknownStatistic(statistic, first, STATISTICS);
    return {
      message: `\`${first}\` is one number, and has no \`${statistic}\``,
      mend: 'statistics are known where gate-run runs the simulations itself: `per: seed`, `per: batch` or `per: worker`',
    };
  }
  if (statistic !== '' && first === 'sims' && isSimulated)
    return unknownStatistic(statistic, 'sims', [SIMS_FAILED.slice(5), SIMS_N.slice(5)]);
  if (metrics.length === 0) return { message: `no metric \`${name}\`: the gate has no \`metrics\`` };
  const near = nearest(name, names);
  const hint = near === undefined ? `it has ${names.join(', ')}` : `did you mean \`${near}\`?`;
  return { message: `unknown metric \`${name}\` — ${hint}` };
}

function unknownStatistic(statistic: string, of: string, known: readonly string[]): Unknown {
  const near = statistic === 'median' ? 'p50' : nearest(statistic, known);
  const hint = near === undefined ? '' : `did you mean \`${of}.${near}\`? `;
  return { message: `unknown statistic \`${statistic}\` of \`${of}\` — ${hint}it has ${known.join(', ')}` };
}
