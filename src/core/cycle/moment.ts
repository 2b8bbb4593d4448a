// Everything that a decision inside a cycle may look at.

import type { Progress, StopProgress } from '../loop/progress.ts';
import type { Alarm } from './decision.ts';
import type { PlanIndex } from './plan-index.ts';
import type { CycleProgress } from './progress.ts';

export interface Moment {
  readonly index: PlanIndex;
  readonly progress: Progress;
  readonly cycle: CycleProgress;
  readonly stop: StopProgress | undefined;
  /** Monotonic. */
  readonly now: number;
  readonly wall: number;
  readonly alarm: Alarm;
}
