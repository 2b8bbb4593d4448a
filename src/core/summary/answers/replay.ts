// What `replay` prints with `--json`.

import { z } from 'zod';
import { count, exit, instant, level, ms, problems } from './parts.ts';

const amount = z.number().nullable().describe('null: nobody said');
const reached = z.strictObject({
  cycle: count,
  at: instant,
  cycles: count,
  failed: count,
  runtimeMs: ms,
  tokens: amount,
  cost: amount,
  bests: z.record(z.string(), z.strictObject({ value: z.number(), cycle: count })),
});

const status = z.strictObject({
  schemaVersion: z.literal(1),
  exit,
  run: z.string(),
  startedAt: instant,
  isLoop: z.boolean(),
  verdict: z
    .enum(['earlier', 'same', 'later'])
    .describe('where these settings end the run; later: nowhere in the record'),
  stop: reached
    .extend({ reason: z.enum(['target', 'budget', 'gave-up']), rule: z.string() })
    .nullable()
    .describe('where these settings end the run'),
  tries: count.describe('that `half-open` gives before that'),
  end: reached.describe('where the record of the run stops'),
  recorded: z
    .strictObject({ reason: z.string(), exit, why: z.string(), rule: z.string().nullable() })
    .nullable()
    .describe('null: it has no end yet'),
  marks: z.array(
    z.strictObject({
      mark: z.string(),
      level,
      cycle: count.nullable(),
      recordedIn: count.nullable(),
    }),
  ),
  saved: z.strictObject({ cycles: count, runtimeMs: ms, tokens: amount, cost: amount }).nullable(),
  lost: z
    .strictObject({
      passedCycles: count,
      bests: z.array(
        z.strictObject({
          metric: z.string(),
          before: z.number().nullable(),
          later: z.number(),
          cycle: count,
        }),
      ),
      marks: z.array(z.string()),
    })
    .nullable(),
});

export const replayAnswer: z.ZodType = z
  .union([status, problems])
  .describe('What `gate-run replay --json` prints');
