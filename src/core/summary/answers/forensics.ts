// The file that an attempt leaves which ended badly: as `explain --cycle` reads it, and tells it on.

import { z } from 'zod';
import { STOP_CAUSES } from '../../judge/evidence.ts';
import type { Forensics } from '../../usage/forensics.ts';

const count = z.int().min(0);
const ms = z.number().min(0).describe('milliseconds');

const processLook = z.strictObject({
  pid: count,
  parent: count,
  name: z.string(),
  memoryBytes: count.describe('resident; pages that are shared count for each process that has them'),
});

const look = z.strictObject({
  atMs: ms.describe('since the attempt began'),
  memoryBytes: count,
  processes: count,
  cpuMs: ms.exactOptional(),
  peakBytes: count,
  largest: z.array(processLook),
});

export const forensics: z.ZodType<Forensics> = z
  .strictObject({
    schemaVersion: z.literal(1),
    task: z.string(),
    rung: count.nullable(),
    attempt: count,
    at: z.iso.datetime().describe('ISO 8601'),
    command: z.string(),
    end: z.string(),
    stopped: z.enum(STOP_CAUSES).nullable().describe('why gate-run made it end'),
    durationMs: ms,
    oomKills: count.describe('kills for want of memory that the kernel counted for it'),
    memory: z.strictObject({
      peakBytes: count.nullable().describe('null: nobody looked in time'),
      limitBytes: count.nullable().describe('of the cgroup whose kills are counted, or of the machine'),
      killed: z
        .array(z.strictObject({ pid: count, name: z.string(), memoryBytes: count }))
        .describe('by the kernel meanwhile, as its log says'),
    }),
    cpuMs: ms.nullable(),
    processes: z
      .strictObject({ atMs: ms, count, list: z.array(processLook.extend({ cpuMs: ms })) })
      .nullable()
      .describe(
        'at the last look, and of what ran out of memory at the one with the most; the largest first',
      ),
    looks: z.array(look).describe('some of them; the file beside the log has more'),
    activity: z.null().describe('what the stream of an agent said last; none is read yet'),
    output: z.strictObject({ bytes: count, lines: z.array(z.string()) }),
    kernel: z.array(z.string()).nullable().describe('null: its log may not be read'),
  })
  .describe('What stands beside the log of an attempt that ended badly, in `….forensics.json`');
