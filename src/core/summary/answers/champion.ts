// What `champion` and its words print with `--json`.

import { z } from 'zod';
import { count, exit, instant, texts } from './parts.ts';
import { simsEvidence } from './sims.ts';

const version = z.literal(1);
const confirmation = z.enum(['held', 'lucky', 'unknown']);
const place = z.strictObject({ cycle: count, value: z.number() });

const brief = {
  cycle: count,
  metric: z.string(),
  value: z.number(),
  better: z.enum(['higher', 'lower']),
  count: count.nullable().describe('of the top rung; null: it is no ladder'),
  at: instant.describe('when it was crowned'),
  age: count.describe('cycles that have begun since'),
  before: place.nullable().describe('whose place it took; null: it was the first'),
  confirmed: z
    .strictObject({
      ran: count.describe('the number that it ran under'),
      at: instant,
      verdict: confirmation,
      seeds: count.describe('fresh ones'),
      value: z.number().nullable().describe('null: it could not be measured whole'),
      why: z.string(),
    })
    .nullable()
    .describe('its last confirmation on fresh seeds; null: there was none'),
  lucky: z.string().nullable().describe('the confirmation that called it lucky; null: none did'),
};

/** As `status` has it. */
export const championBrief: z.ZodType = z.strictObject(brief).nullable();

export const championShowAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    champion: z
      .strictObject({
        ...brief,
        folder: z.string(),
        files: count,
        bytes: count,
        metrics: z.record(z.string(), z.number()),
        labels: texts,
        sims: simsEvidence.nullable().describe('of the rung that it was crowned on'),
        plan: z.string(),
        measuredBy: z.string(),
      })
      .nullable(),
    trouble: z.string().nullable().describe('why it can no longer be compared with; null: it can'),
  })
  .describe('What `gate-run champion --json` prints, `show` and `restore N` too');

export const championHistoryAnswer: z.ZodType = z
  .array(
    z.strictObject({
      at: instant,
      run: z.string(),
      cycle: count,
      what: z.enum(['crowned', 'not kept', 'set aside', 'restored', 'held', 'lucky', 'unknown']),
      metric: z.string().nullable(),
      value: z.number().nullable(),
      why: z.string(),
      isKept: z.boolean().describe('`champion restore` finds its files'),
    }),
  )
  .describe('What `gate-run champion history --json` prints, the newest last');

export const robustnessAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    cycle: count,
    metric: z.string(),
    crowned: z.number(),
    batches: z.array(
      z.strictObject({
        base: z.int().nullable().describe('the first seed; null: the command draws its own'),
        value: z.number().nullable().describe('null: `why` says why'),
        why: z.string().nullable(),
      }),
    ),
    mean: z.number().nullable(),
    spread: z.number().nullable().describe('standard deviation of the batches, as a whole population'),
    band: z.string().nullable(),
  })
  .describe('What `gate-run champion robustness --json` prints');
