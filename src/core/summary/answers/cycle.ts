// What `explain --cycle` prints with `--json`, and what of a cycle other answers hold as well.

import { z } from 'zod';
import { STOP_CAUSES } from '../../judge/evidence.ts';
import { forensics } from './forensics.ts';
import { count, cycleVerdict, exit, instant, lockHolder, ms, taskSummary, turn } from './parts.ts';

/** What of the protected files changed. */
export const tampering: z.ZodType = z.strictObject({
  phase: z.string().exactOptional().describe('absent: before the first one'),
  after: z.enum(['steps', 'run']).exactOptional(),
  changed: z.array(
    z.strictObject({
      path: z.string(),
      how: z.enum(['changed', 'removed', 'added', 'truncated']),
      before: z.string().exactOptional(),
      after: z.string().exactOptional(),
    }),
  ),
  more: count.exactOptional(),
  diff: z.string().exactOptional(),
});

/** How the work tree stood, and what moved since the cycle before. */
export const receipts: z.ZodType = z.strictObject({
  tree: z.string().exactOptional(),
  head: z.string().exactOptional().describe('the commit that it stood on'),
  commits: count.exactOptional().describe('since the cycle before'),
  failed: z.string().exactOptional(),
  red: z
    .array(z.string())
    .exactOptional()
    .describe('gates that did not run, and were red when they last did'),
  held: z.record(z.string(), z.number()).exactOptional().describe('what was not measured, as it was last'),
  moved: z.array(z.string()).describe('tree, commits, metrics, gates that pass now; empty: nothing moved'),
});

const attempt = z.strictObject({
  task: z.string(),
  rung: count.nullable(),
  attempt: count,
  startedAt: instant,
  end: z.string().nullable().describe('null: it has no end in the ledger'),
  durationMs: ms.nullable(),
  command: z.string().nullable(),
  bytes: count.nullable(),
  stopped: z.enum(STOP_CAUSES).nullable().describe('why gate-run made it end'),
  quietMs: ms,
  oomKills: count,
  leftBehind: count,
  peakBytes: count.nullable().describe('the most memory that it was seen to hold; null: nobody looked'),
  cpuMs: ms.nullable().describe('up to the last look, or of all simulations of a rung; null: unknown'),
  writes: z
    .strictObject({
      files: count,
      lines: count.exactOptional(),
      outside: count.exactOptional().describe('of the files, outside of `only`'),
      changed: z
        .array(
          z.strictObject({
            path: z.string(),
            how: z.enum(['added', 'changed', 'removed']),
            outside: z.literal(true).exactOptional(),
          }),
        )
        .exactOptional(),
      more: count.exactOptional(),
      list: z.string().exactOptional().describe('all of them, a file in the folder of the cycle'),
      failed: z.string().exactOptional(),
    })
    .nullable()
    .describe('what it changed of the tree, where `writes` caps that'),
  putBack: count.nullable().describe('how many paths were put back as they were; null: nothing had to be'),
  hasForensics: z.boolean().describe('there is more about its end in a file beside its log'),
  forensics: forensics
    .nullable()
    .exactOptional()
    .describe('what that file says; null: it is gone or damaged'),
  excerpt: z.string().nullable(),
});

export const cycleAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: z.literal(1),
    exit,
    cycle: count,
    turns: z.array(
      z.strictObject({
        run: z.string(),
        turn,
        at: instant,
        verdict: cycleVerdict,
        durationMs: ms,
        cause: z.string().nullable(),
        tampering: tampering.exactOptional(),
        receipts: receipts.exactOptional(),
        champion: z.string().exactOptional().describe('what was decided over the champion behind it'),
        tasks: z.array(taskSummary),
        attempts: z.array(attempt).nullable().describe('null: its folder is gone'),
        waits: z
          .array(
            z.strictObject({
              task: z.string(),
              lock: z.string(),
              holder: lockHolder.nullable().describe('who had it, as far as they said so'),
              waitedMs: ms,
              got: z.boolean(),
            }),
          )
          .describe('for locks that other runs had'),
        questions: z.array(z.strictObject({ fingerprint: z.string(), isOpen: z.boolean() })),
      }),
    ),
  })
  .describe('What `gate-run explain --cycle N --json` prints');
