// Schema of what the simulations of a rung left, as tasks in answers carry it.

import { z } from 'zod';
import type { SimsEvidence } from '../../judge/sims.ts';
import type { Spread } from '../spread.ts';

const number = z.number();
const count = z.int().min(0);
const optional = number.exactOptional();

const statistics = z.strictObject({
  n: count,
  mean: number,
  sd: optional,
  se: optional.describe('standard error of the mean'),
  lower: optional.describe('two-sided bound of the mean at `confidence`'),
  upper: optional,
  min: number,
  p05: number,
  p50: number,
  p95: number,
  max: number,
  confidence: number,
});

const paired = z.strictObject({
  n: count,
  lost: count
    .exactOptional()
    .describe('of `n`, seeds that it failed and the champion did not: each counts as the lowest gain'),
  mean: optional,
  sd: optional,
  se: optional,
  lower: optional.describe('one-sided bound of the mean gain at `confidence`'),
  wins: z.boolean(),
  confidence: number,
  minDelta: number,
});

/** Behind the mean of a metric. */
export const spread: z.ZodType<Spread> = statistics.extend({ failed: count });

export const simsEvidence: z.ZodType<SimsEvidence> = z.strictObject({
  planned: count,
  done: count,
  failed: count,
  reused: count.describe('taken over from the rung below'),
  mayFail: count.describe('how many may fail, by `max-failed`'),
  base: z.int().describe('the first seed'),
  metrics: z.record(z.string(), statistics),
  paired: paired.exactOptional().describe('gains over the champion, seed by seed'),
  early: z
    .strictObject({ at: count, side: z.enum(['below', 'above']), of: z.string(), confidence: number })
    .exactOptional()
    .describe('the rung was decided before its end'),
  firstFailed: z.strictObject({ seed: z.int(), why: z.string() }).exactOptional(),
  causes: z
    .array(z.string())
    .exactOptional()
    .describe('why simulations of this attempt failed, in the words of `retry.when`'),
  values: z.strictObject({ file: z.string(), crc: z.string() }).exactOptional(),
});
