// What `ratchet` prints with `--json`.

import { z } from 'zod';
import { count, exit } from './parts.ts';

const limit = z.strictObject({ operator: z.string(), value: z.number(), text: z.string() });

const row = z.strictObject({
  name: z.string().describe('`lint.warnings`; of a threshold that stands in a stage `sims.100.edge`'),
  task: z.string(),
  threshold: z.string(),
  now: z.number().nullable().describe('when the gate last passed; null: nothing was measured'),
  cycle: count.nullable().describe('of `now`'),
  slack: z.number().nullable().describe('room between `now` and the limit; negative: it is missed'),
  noise: z.number().nullable().describe('what a pin leaves free: how far the runs of the baseline lay apart'),
  pin: limit.nullable().describe('the tighter limit; null: `why` says why there is none'),
  why: z.string().nullable(),
  written: z.boolean().describe('the pin stands in the config now'),
  byHand: z.string().nullable().describe('the line to write, where gate-run does not; `why` says why not'),
});

export const ratchetAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: z.literal(1),
    exit,
    file: z.string(),
    isUnderWay: z.boolean().describe('a run is under way: it goes on with the limits it began with'),
    ratchets: z.array(row),
  })
  .describe('how much room the thresholds leave, and the limits that would take it away');
