// Evidence of a rung for the judge's tests.

import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import { statisticsOf } from '../../../src/core/judge/statistics.ts';

/** With one metric `edge`; all that is not said is whole and well. */
export function rungOf(edge: readonly number[], changes: Partial<SimsEvidence> = {}): SimsEvidence {
  const statistics = statisticsOf(edge);
  return {
    planned: edge.length + (changes.failed ?? 0),
    done: edge.length,
    failed: 0,
    reused: 0,
    mayFail: 0,
    base: 0,
    metrics: statistics ? { edge: statistics } : {},
    ...changes,
  };
}
