// What `status` and `explain exit` print of the conditions of a run with `--json`.

import { z } from 'zod';
import { count, level, ms } from './parts.ts';

const condition = z.strictObject({
  name: z.string(),
  limit: z.string(),
  limitValue: z.number(),
  unit: z.enum(['cycles', 'ms', 'tokens', 'dollars', 'share', 'per-hour', 'values', 'number']),
  value: z.number().nullable().describe('null: not measured yet, or never'),
  holds: z.boolean(),
  distance: z.number().nullable(),
  inMs: z.number().nullable().describe('until it holds; null: `unknown` says why'),
  unknown: z.string().nullable(),
  basis: z.enum(['actual', 'estimated', 'unknown']).nullable(),
});
const conditions = z.array(condition);

const mark = z.strictObject({
  id: z.string(),
  level,
  reachedIn: count.nullable(),
  all: conditions,
  any: conditions,
});

const reads = z.record(z.string(), z.number().nullable()).describe('null: not known');

/** Of `status` and of `explain exit`. */
export const conditionsStatus: z.ZodType = z
  .strictObject({
    target: conditions,
    budget: conditions,
    giveUp: conditions,
    when: z.strictObject({ text: z.string(), reads }).nullable(),
    halfOpen: z.strictObject({ tries: count, of: count, afterMs: ms }).nullable(),
    marks: z.array(mark),
  })
  .nullable();
