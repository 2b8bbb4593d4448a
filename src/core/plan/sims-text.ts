// How the simulations of a ladder are run, as a person would write it.

import { formatDuration } from '../config/quantity.ts';
import type { SimsPlan } from './sims-plan.ts';

/** Undefined for a key that has nothing to show. */
export function simsSetting(sims: SimsPlan, key: string): string | undefined {
  switch (key) {
    case 'per':
      return sims.per;
    case 'seeds': {
      const batch = sims.per === 'batch' ? `, ${sims.batch} a process` : '';
      const timeout = sims.timeoutMs === undefined ? '' : `, one within ${formatDuration(sims.timeoutMs)}`;
      return `from ${sims.base}${batch}${timeout}`;
    }
    case 'max-failed':
      return 'share' in sims.maxFailed
        ? `${Number((sims.maxFailed.share * 100).toPrecision(12))}%`
        : String(sims.maxFailed.count);
    case 'stop-early':
      return sims.stopEarly && `confidence ${sims.stopEarly.confidence}`;
    default:
      return undefined;
  }
}
