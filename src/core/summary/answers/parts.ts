// Parts that the answers of several commands share, as schemas.

import { z } from 'zod';
import { OUTCOMES, type Outcome, type Verdict } from '../../judge/evidence.ts';
import type { PlacedProblem } from '../../config/problem.ts';
import type { CycleVerdict } from '../../loop/event.ts';
import { CYCLE_VERDICTS, TURNS } from '../../loop/words.ts';
import { simsEvidence } from './sims.ts';

export const verdict: z.ZodType<Verdict> = z.enum(['passed', 'soft-failed', 'failed', 'broken', 'skipped']);

export const outcome: z.ZodType<Outcome> = z.enum(OUTCOMES);

export const cycleVerdict: z.ZodType<CycleVerdict> & z.core.$ZodRecordKey = z.enum(CYCLE_VERDICTS);
export const turn: z.ZodType = z.enum(TURNS);
export const level: z.ZodType = z.enum(['info', 'warning', 'critical']);
export const restCause: z.ZodType = z.enum([
  'sleep',
  'schedule',
  'backoff',
  'limit',
  'rule',
  'half-open',
  'restarts',
]);
export const instant: z.ZodType = z.iso.datetime().describe('ISO 8601');
export const day: z.ZodType<string> = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const count: z.ZodType = z.int().min(0);
export const ms: z.ZodType = z.number().min(0).describe('milliseconds');
export const texts: z.ZodType = z.record(z.string(), z.string());
export const exit: z.ZodType = z.int().min(0).max(255);

/** Of a lock of this machine. */
export const lockHolder: z.ZodType = z.strictObject({
  run: z.string().exactOptional(),
  task: z.string().exactOptional(),
  pid: z.int().exactOptional(),
  folder: z.string().exactOptional(),
});

export const problem: z.ZodType<PlacedProblem> = z
  .strictObject({
    file: z.string().exactOptional().describe('as the person named it, or the flag or variable'),
    line: z.int().min(1).exactOptional(),
    column: z.int().min(1).exactOptional(),
    path: z.string().exactOptional().describe('dotted keys, where there are any'),
    message: z.string(),
    mend: z.string().exactOptional().describe('what to do'),
  })
  .readonly();

/** Where the config has problems, in the place of an answer. */
export const problems: z.ZodType = z
  .strictObject({ schemaVersion: z.literal(1), exit, problems: z.array(problem).readonly() })
  .describe('when the config has problems');

const metrics = z.record(z.string(), z.number());

const check = z.strictObject({
  metric: z.string(),
  value: z.number(),
  threshold: z.string(),
  limit: z.number().exactOptional(),
  headroom: z.number().exactOptional().describe('negative: by how much it was missed'),
  level: z.enum(['require', 'want', 'promote']),
  held: z.boolean(),
  first: z.boolean().describe('there was nothing to compare with yet'),
  n: z.int().min(0).exactOptional().describe('of how many simulations'),
  noise: z.number().exactOptional().describe('standard deviation of the baseline'),
});

/** What a finished cycle keeps of a task. */
export const taskSummary: z.ZodType = z.strictObject({
  id: z.string(),
  kind: z.enum(['step', 'gate']),
  mode: z.enum(['strict', 'soft']),
  quarantined: day.exactOptional().describe('counts as soft through this day'),
  softUntil: day.exactOptional().describe('soft through this day'),
  phase: z.string(),
  at: instant,
  verdict,
  outcome: outcome.exactOptional(),
  rung: count.exactOptional(),
  rungs: z.record(z.string(), metrics).exactOptional(),
  sims: z.record(z.string(), simsEvidence).exactOptional().describe('by the count of the rung'),
  attempts: count,
  durationMs: ms,
  peakBytes: count.exactOptional().describe('the most memory that an attempt was seen to hold'),
  memoryLimitBytes: count.exactOptional().describe('of what ran out of memory: how much could be had'),
  metrics,
  labels: texts,
  reasons: z.array(z.string()),
  checks: z.array(check),
  inBaseline: z.literal(true).exactOptional().describe('failed as it did in the baseline'),
  flaky: z.literal(true).exactOptional(),
  prunedAt: count.exactOptional(),
  because: z.string().exactOptional(),
  fingerprint: z.string().exactOptional(),
  excerpt: z.string().exactOptional(),
  wasBroken: z.literal(true).exactOptional(),
  isExcused: z.literal(true).exactOptional(),
  log: z.string().exactOptional(),
  forensics: z.string().exactOptional().describe('more about an end that was bad'),
  exitCode: z.int().exactOptional(),
  inputs: z.string().exactOptional(),
  cached: z
    .strictObject({ at: instant, savedMs: ms })
    .exactOptional()
    .describe('answered from the cache: when that attempt ended, and how long it had taken'),
});
