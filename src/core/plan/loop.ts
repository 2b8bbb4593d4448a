// When cycles follow one another and when a run ends: `loop`, `exit`, `marks` and their flags, resolved.

import type { KeepPlan, LoopPlan } from './plan.ts';
import type { ExitPlan } from './ends-plan.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const DEFAULT_LOOP: LoopPlan = {
  mode: 'once',
  sleepMs: 10 * MINUTE_MS,
  cron: undefined,
  rest: { passed: 'sleep', oom: 5 * SECOND_MS, limited: 'reset' },
  backoff: { fromMs: 30 * SECOND_MS, factor: 2, maxMs: 60 * MINUTE_MS, jitter: true },
  stopFile: '.gate-run/stop',
  overlap: 'skip',
};

export const NO_EXIT: ExitPlan = { target: [], budget: [], giveUp: [], halfOpen: undefined };

export const DEFAULT_KEEP: { readonly [Key in keyof KeepPlan]: number } = {
  cycles: 1000,
  ageMs: 30 * DAY_MS,
  sizeBytes: 2 * 1024 ** 3,
};
