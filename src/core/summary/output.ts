// The schema of what `--json` prints. Loaded by `gate-run schema` and by tests, never by a run: zod costs its start.

import { simsEvidence } from './answers/sims.ts';
import { z } from 'zod';
import { CYCLE_VERDICTS } from '../loop/words.ts';
import { day, outcome, problem, verdict } from './answers/parts.ts';
import { RESULT_VERSION } from './result.ts';
import type { Result } from './result.ts';

const cycleVerdict = z.enum([...CYCLE_VERDICTS, 'none']);

const task = z
  .strictObject({
    id: z.string(),
    phase: z.string(),
    kind: z.enum(['step', 'gate']),
    mode: z.enum(['strict', 'soft']).describe('as it held in this cycle'),
    verdict,
    outcome: outcome.nullable().describe('how the last attempt ended; null when nothing was started'),
    attempts: z.int().min(0),
    durationMs: z.number().min(0).describe('sum over all attempts'),
    metrics: z.record(z.string(), z.number()),
    sims: z
      .record(z.string(), simsEvidence)
      .exactOptional()
      .describe('by count of the rung, what its simulations left'),
    labels: z.record(z.string(), z.string()),
    reasons: z.array(z.string()).describe('for people, the cause first'),
    because: z.string().nullable().describe('the task whose failure cancelled or skipped this one'),
    inBaseline: z.boolean().describe('failed as it did in the baseline'),
    flaky: z.boolean().describe('passed, but not on its first attempt'),
    cached: z
      .strictObject({ at: z.iso.datetime().describe('ISO 8601'), savedMs: z.number().min(0) })
      .nullable()
      .describe('answered from the cache: when that attempt ended, and how long it had taken'),
    quarantined: day.nullable().describe('counts as soft through this day, because it is flaky'),
    log: z.string().nullable().describe('output of the last attempt, from the folder of the config'),
  })
  .readonly();

export const outputSchema: z.ZodType<Result> = z
  .strictObject({
    schemaVersion: z.literal(RESULT_VERSION),
    exit: z.int().min(0).max(255),
    reason: z
      .string()
      .describe(
        'finished, target, budget, gave-up, stopped, start-failed, interrupted, storage-failed, ' +
          'ledger-damaged, problems, plan-changed, locked',
      ),
    rule: z.string().nullable().describe('the condition that ended the run, as people wrote it'),
    why: z.string().describe('one sentence for people'),
    run: z.string().nullable(),
    cycles: z
      .strictObject({ finished: z.int().min(0), passed: z.int().min(0), failed: z.int().min(0) })
      .readonly()
      .describe('of the run; stopped, limited and interrupted cycles are not counted'),
    cycle: z.int().min(0).nullable(),
    verdict: cycleVerdict,
    tasks: z.array(task).readonly(),
    problems: z.array(problem).readonly().exactOptional().describe('only when nothing ran'),
    type: z
      .literal('result')
      .exactOptional()
      .describe('only with `--json=lines`, when nothing ran: this object is then the one line'),
  })
  .readonly()
  .describe('What `gate-run --json` prints at the end of a run');
