// The rungs of a ladder, cheap to dear.

import type { StageConfig } from '../config/config.ts';
import type { MetricPlan, StagePlan } from './plan.ts';
import type { Reader } from './reader.ts';
import { readThresholds } from './threshold.ts';

const MAX_COUNT = 1_000_000_000;
/** The values of each seed are held in memory, kept with the cycle and compared pair by pair. */
export const MOST_SIMULATIONS = 1_000_000;

export function readStages(
  written: readonly StageConfig[] | undefined,
  {
    timeoutMs,
    metrics,
    isSimulated,
    reader,
  }: {
    timeoutMs: number | 'never';
    metrics: readonly MetricPlan[] | undefined;
    /** By gate-run itself. */
    isSimulated: boolean;
    reader: Reader;
  },
): readonly StagePlan[] {
  if (written === undefined) return [];
  let before = 0;
  return written.map((stage, at) => {
    const path = ['stages', at];
    const count = reader.count(stage.count, [...path, 'count'], {
      from: 1,
      to: MAX_COUNT,
      otherwise: before + 1,
    });
    if (count <= before) reader.say([...path, 'count'], `counts ascend: ${count} comes after ${before}`);
    if (isSimulated && count > MOST_SIMULATIONS) {
      reader.say(
        [...path, 'count'],
        `${count} simulations in a rung: gate-run runs ${MOST_SIMULATIONS} at most, because it keeps the values of each seed`,
        { mend: 'let one simulation do the work of many, or leave `per` out: then the command runs them' },
      );
    }
    if (stage.promote !== undefined && at === written.length - 1) {
      reader.say([...path, 'promote'], 'there is no rung above the last one', {
        on: 'key',
        mend: 'write `thresholds`',
      });
    }
    before = count;
    const known = { metrics, simulations: isSimulated ? count : undefined, reader };
    return {
      count,
      timeoutMs: reader.limit(stage.timeout, [...path, 'timeout'], timeoutMs),
      thresholds: readThresholds(stage.thresholds, { ...known, path: [...path, 'thresholds'] }),
      promote: readThresholds(stage.promote, { ...known, path: [...path, 'promote'] }),
    };
  });
}
