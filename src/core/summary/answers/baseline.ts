// What `baseline` prints with `--json`.

import { z } from 'zod';
import { count, exit, instant, verdict } from './parts.ts';

const metric = z.strictObject({
  n: count,
  mean: z.number(),
  sd: z.number().nullable().describe('of the sample; null: one run tells nothing about noise'),
  min: z.number(),
  max: z.number(),
  now: z.number().nullable().describe('of the last cycle since; null: none has measured it'),
});

export const baselineRow: z.ZodType = z.strictObject({
  id: z.string(),
  state: z
    .enum(['green', 'red', 'flaky', 'broken', 'unknown'])
    .describe(
      'broken: no run could be judged; flaky: the runs were judged in different ways, or passed late',
    ),
  aside: z.string().nullable().describe('why it is not compared with any more; null: it is'),
  at: instant,
  cycle: count.describe('the last cycle before it'),
  runs: z.array(verdict).describe('of each run; a soft gate that failed has failed'),
  late: count.describe('runs that passed, but not on their first attempt'),
  reasons: z.array(z.string()).describe('of the first run that was not green'),
  metrics: z.record(z.string(), metric).describe('`edge`, and of a rung of a ladder `100.edge`'),
});

export const baselineAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: z.literal(1),
    exit,
    gates: z.array(baselineRow),
    missing: z.array(z.string()).describe('gates of the config that have no baseline'),
  })
  .describe('how each gate stood before the loop');
