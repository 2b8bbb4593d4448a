// What `gate-run rehearse --json` prints.

import { z } from 'zod';
import { count, cycleVerdict, exit, level, ms, problems, restCause, texts } from './parts.ts';

const nearness = z.strictObject({
  use: z.enum(['target', 'budget', 'give up', 'mark']),
  rule: z.string(),
  kind: z.string(),
  limit: z.number(),
  value: z.number().nullable().describe('what came nearest; null: it was never known'),
  share: z.number().min(0).max(1).describe('1: it held; 0: as far away as can be'),
});

const end = z.discriminatedUnion('how', [
  z.strictObject({
    how: z.literal('ended'),
    reason: z.string(),
    rule: z.string().nullable(),
    exit,
    why: z.string(),
  }),
  z.strictObject({ how: z.literal('lasted') }),
  z.strictObject({ how: z.literal('cut'), limit: z.string() }),
  z.strictObject({ how: z.literal('hurt') }),
]);

const night = z.strictObject({
  night: z.int().min(1),
  end,
  atMs: ms,
  cycles: z.partialRecord(cycleVerdict, count),
  attempts: count,
  rests: z.array(z.strictObject({ cause: restCause, count, ms })),
  starts: z.array(
    z.strictObject({
      why: z.enum(['crash', 'full disk']),
      goneAtMs: ms,
      backAtMs: ms,
      found: z.enum(['nothing', 'carried on', 'closed']),
      interrupted: count,
      tornBytes: count,
    }),
  ),
  marks: z.array(z.strictObject({ mark: z.string(), level, cycle: count, atMs: ms })),
  conditions: z.array(nearness),
  clockSteps: count,
  suspendedMs: ms,
  hurt: z.array(z.string()).describe('broken promises; empty when all is well'),
});

const rehearsal = z.strictObject({
  schemaVersion: z.literal(1),
  exit,
  name: z.string(),
  mode: z.enum(['once', 'iterations', 'continuous']),
  seed: count,
  nightMs: ms,
  faults: z.array(z.string()),
  isScripted: z.boolean(),
  limits: texts,
  nights: z.array(night),
  summary: z.strictObject({
    ends: z.array(
      z.strictObject({ end: z.string(), rule: z.string().nullable(), exit: exit.nullable(), nights: count }),
    ),
    farAway: z.array(nearness),
    warnings: z.array(z.string()),
    isSound: z.boolean(),
  }),
});

export const rehearseAnswer: z.ZodType = z
  .union([rehearsal, problems])
  .describe('What `gate-run rehearse --json` prints');
