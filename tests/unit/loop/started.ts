// The start of a run, folded or to be folded, for tests of what comes behind it.

import type { Recorded } from '../../../src/core/loop/event.ts';

export const STARTED: Recorded = {
  v: 1,
  seq: 1,
  at: '2026-02-10T06:30:00.000Z',
  mono: 1000,
  run: 'run-1',
  type: 'run.started',
  plan: 'plan-1',
  name: 'test',
  version: '0',
  mode: 'continuous',
  limits: {},
  watch: { cycles: 11, metrics: {}, labels: [] },
};
