// One task as `plan` and `explain` print it with `--json`: every key resolved.

import { z } from 'zod';
import { ENGINES, LAYERS } from '../../plan/isolation.ts';
import { count, day, ms, texts } from './parts.ts';

export const limit: z.ZodType = z.union([ms, z.literal('never')]);
export const operator: z.ZodType = z.enum(['<', '<=', '==', '!=', '>=', '>']);
/** Where a value comes from. */
export const source: z.ZodType = z.enum(['flag', 'variable', 'profile', 'file', 'gate', 'default']);

const stream = z.strictObject({ stream: z.enum(['output', 'stdout', 'stderr']) });
const readIn = z.union([stream, z.strictObject({ file: z.string() })]);
const reading = z.union([
  z.strictObject({ reader: z.enum(['regex', 'count']), pattern: z.string(), in: readIn }),
  z.strictObject({ reader: z.literal('json'), at: z.string(), in: readIn }),
  z.strictObject({
    reader: z.enum(['junit', 'istanbul', 'lcov', 'cobertura', 'sarif']),
    field: z.string(),
    folder: z.string().exactOptional(),
    in: readIn,
  }),
  z.strictObject({
    reader: z.literal('line').describe('of the JSON line that each simulation prints'),
    field: z.string(),
    in: z.strictObject({ stream: z.enum(['output', 'stdout']) }),
  }),
]);

/** Simulations that gate-run runs itself. */
const sims = z.strictObject({
  per: z.enum(['seed', 'batch', 'worker']),
  base: z.int(),
  batch: z.int().min(1),
  timeoutMs: limit.exactOptional(),
  maxFailed: z.union([z.strictObject({ count }), z.strictObject({ share: z.number().min(0).max(1) })]),
  stopEarly: z.strictObject({ confidence: z.number() }).exactOptional(),
});

const comparison = z.strictObject({
  text: z.string(),
  operator,
  reference: z.enum(['value', 'best', 'last', 'baseline', 'champion']),
  offset: z.number(),
});
const threshold = z.strictObject({
  metric: z.string(),
  require: comparison.exactOptional(),
  want: comparison.exactOptional(),
  failOnMissing: z.boolean(),
});

const ask = z.union([
  z.strictObject({ key: z.literal('exists'), paths: z.array(z.string()) }),
  z.strictObject({ key: z.literal('command'), names: z.array(z.string()) }),
  z.strictObject({
    key: z.literal('changed'),
    globs: z.array(z.string()),
    since: z.string().exactOptional(),
  }),
]);

export const command: z.ZodType = z.union([
  z.strictObject({ kind: z.literal('argv'), argv: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('shell'), shell: z.enum(['sh', 'bash']), script: z.string() }),
]);
export const env: z.ZodType = z.strictObject({ pass: z.array(z.string()).exactOptional(), set: texts });

const writes = z.strictObject({
  files: z.int().min(0).exactOptional(),
  lines: z.int().min(0).exactOptional(),
  only: z.array(z.string()).exactOptional(),
  onViolation: z.enum(['fail', 'restore']),
});

const shape = z.strictObject({
  id: z.string(),
  kind: z.enum(['step', 'gate']),
  phase: z.string(),
  number: z.string(),
  command: command.exactOptional(),
  judges: z.string().exactOptional(),
  needs: z.array(z.string()),
  mode: z.enum(['strict', 'soft']),
  onBroken: z.enum(['broken', 'soft']),
  leftOut: z.string().exactOptional(),
  when: z.strictObject({
    every: count.exactOptional(),
    passed: z.array(z.string()),
    failed: z.array(z.string()),
    asks: z.array(ask),
  }),
  timeoutMs: limit,
  stall: z.strictObject({ warnMs: limit, killMs: limit }),
  killAfterMs: ms,
  retry: z.strictObject({ limit: count, when: z.array(z.string()), delayMs: ms, factor: z.number() }),
  exits: z.array(
    z.strictObject({
      codes: z.array(z.int()),
      means: z.enum(['passed', 'failed', 'broken', 'skipped', 'limited']),
    }),
  ),
  metrics: z.array(
    z.strictObject({
      name: z.string(),
      source: reading,
      better: z.enum(['higher', 'lower']).exactOptional(),
      bounds: z.tuple([z.number(), z.number()]).exactOptional(),
      unit: z.string().exactOptional(),
    }),
  ),
  labels: z.array(z.strictObject({ name: z.string(), source: reading })),
  thresholds: z.array(threshold),
  sims: sims.exactOptional(),
  stages: z.array(
    z.strictObject({
      count,
      timeoutMs: limit,
      thresholds: z.array(threshold),
      promote: z.array(threshold),
    }),
  ),
  env,
  logLimitBytes: count,
  cwd: z.string().exactOptional(),
  stdin: z.string().exactOptional(),
  isolation: z
    .strictObject({
      layer: z.enum(LAYERS),
      fallback: z.boolean(),
      sandbox: z
        .strictObject({ isReadOnly: z.boolean(), writable: z.array(z.string()), hasOwnTmp: z.boolean() })
        .exactOptional(),
      container: z
        .strictObject({
          engine: z.enum(ENGINES).exactOptional(),
          image: z.string(),
          mounts: z.array(z.strictObject({ host: z.string(), inside: z.string(), isReadOnly: z.boolean() })),
          user: z.string().exactOptional(),
        })
        .exactOptional(),
    })
    .exactOptional(),
  network: z
    .union([
      z.enum(['none', 'full']),
      z.strictObject({ name: z.string() }),
      z.strictObject({ allow: z.array(z.string()) }),
    ])
    .exactOptional(),
  resources: z
    .strictObject({
      memoryBytes: count.exactOptional(),
      cpus: z.number().exactOptional(),
      pids: count.exactOptional(),
      openFiles: count.exactOptional(),
      fileSizeBytes: count.exactOptional(),
      cpuTimeMs: ms.exactOptional(),
      locks: z.array(z.string()),
      weight: count,
    })
    .exactOptional(),
  writes: writes.exactOptional(),
  prove: z
    .strictObject({
      write: texts.exactOptional(),
      append: texts.exactOptional(),
      remove: z.array(z.string()).exactOptional(),
      with: z.record(z.string(), z.unknown()).exactOptional(),
    })
    .exactOptional()
    .describe('what `doctor --prove` plants'),
  usedFrom: z.string().exactOptional(),
  cache: z
    .strictObject({
      inputs: z.array(z.string()),
      env: z.array(z.string()),
      versions: z.array(z.strictObject({ text: z.string(), argv: z.array(z.string()) })),
      failed: z.boolean(),
    })
    .exactOptional(),
  outputs: z.array(z.string()).exactOptional(),
  softness: z
    .strictObject({
      until: day.exactOptional(),
      quarantineUntil: day.exactOptional(),
      failOn: z.literal('new').exactOptional(),
    })
    .exactOptional(),
});
export const task: z.ZodType = shape;
export const taskWithSources: z.ZodType = shape.extend({ sources: z.record(z.string(), source) });
