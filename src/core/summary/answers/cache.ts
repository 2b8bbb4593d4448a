// What `cache` prints with `--json`, and what `plan` and `explain` say of it.

import { z } from 'zod';
import { count, exit, instant, ms, problems, texts } from './parts.ts';

const weight = { bytes: count, answers: count };

export const cacheAnswer: z.ZodType = z
  .union([
    z.strictObject({
      schemaVersion: z.literal(1),
      exit,
      dir: z.string().describe('from the folder of the config'),
      ...weight,
      limitBytes: count,
      removed: z.strictObject(weight).exactOptional().describe('of `cache clean`'),
    }),
    problems,
  ])
  .describe('What `gate-run cache --json` prints');

const whole = z.strictObject({
  task: z.string(),
  would: z.enum(['be-answered', 'run', 'unknown']),
  keptAt: instant.exactOptional(),
  from: z.string().exactOptional(),
  savedMs: ms.exactOptional(),
  why: z.array(z.string()).describe('all of it; empty where it was never answered'),
  key: z
    .strictObject({
      sum: z.string(),
      platform: z.string(),
      command: z.string(),
      definition: z.string(),
      env: z.record(z.string(), z.enum(['set', 'not set'])),
      versions: texts,
      files: z.array(z.strictObject({ path: z.string(), sum: z.string(), bytes: count })),
    })
    .exactOptional(),
});

export const foretold: z.ZodType = whole;
/** Of `plan`: what the key is made of is left to `explain`. */
export const foretoldBriefly: z.ZodType = whole.omit({ key: true });
