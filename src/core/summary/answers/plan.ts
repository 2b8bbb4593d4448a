// What `plan`, `explain` and `check` print with `--json`: the plan as it stands, every key resolved.

import { z } from 'zod';
import { REPORTER_NAMES } from '../../config/reporters.ts';
import { count, day, exit, instant, level, ms, problem, problems, texts } from './parts.ts';
import { foretold, foretoldBriefly } from './cache.ts';
import { conditionsStatus } from './state.ts';

const version = z.literal(1);
const limit = z.union([ms, z.literal('never')]);
const operator = z.enum(['<', '<=', '==', '!=', '>=', '>']);
const source = z.enum(['flag', 'variable', 'profile', 'file', 'gate', 'default']);

const measure = z.union([
  z.strictObject({
    kind: z.literal('metric'),
    key: z.string(),
    statistic: z.enum(['value', 'best', 'sd', 'mean']),
    better: z.enum(['higher', 'lower']).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('distinct'), label: z.string() }),
  z.strictObject({ kind: z.string() }),
]);
const variableType = z.enum(['int', 'double', 'duration']);

const condition = z.strictObject({
  name: z.string(),
  measure,
  operator,
  value: z.number(),
  over: count.exactOptional(),
  text: z.string(),
});
const conditions = z.array(condition);

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

const command = z.union([
  z.strictObject({ kind: z.literal('argv'), argv: z.array(z.string()) }),
  z.strictObject({ kind: z.literal('shell'), shell: z.enum(['sh', 'bash']), script: z.string() }),
]);
const env = z.strictObject({ pass: z.array(z.string()).exactOptional(), set: texts });

const task = z.strictObject({
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

const phase = z.strictObject({
  id: z.string(),
  title: z.string(),
  number: z.int().min(1),
  at: z.enum(['start', 'cycle', 'end']),
  always: z.boolean(),
  policy: z.enum(['finish-running', 'keep-going', 'kill']),
  jobs: z.int().min(1),
  timeoutMs: limit,
  tasks: z.array(task),
});

const loop = z.strictObject({
  mode: z.enum(['once', 'iterations', 'continuous']),
  sleepMs: ms,
  cron: z.strictObject({ expression: z.string(), timezone: z.string() }).exactOptional(),
  rest: z.record(z.string(), z.union([ms, z.enum(['sleep', 'backoff', 'reset'])])),
  backoff: z.strictObject({ fromMs: ms, factor: z.number().min(1), maxMs: ms, jitter: z.boolean() }),
  stopFile: z.string(),
  overlap: z.enum(['skip', 'queue']),
});

const plan = z.strictObject({
  schemaVersion: version,
  exit,
  name: z.string(),
  goal: z.string().exactOptional(),
  profile: z.string().exactOptional(),
  vars: texts,
  id: z.string(),
  jobs: z.int().min(1),
  cycleTimeoutMs: limit,
  stopWithinMs: ms,
  loop,
  ends: z.strictObject({
    target: conditions,
    budget: conditions,
    giveUp: conditions,
    halfOpen: z.strictObject({ afterMs: ms, times: count }).exactOptional(),
    when: z
      .strictObject({
        text: z.string(),
        reads: z.array(
          z.strictObject({
            name: z.string(),
            of: z.string(),
            measure,
            over: count.exactOptional(),
            type: variableType,
          }),
        ),
      })
      .exactOptional(),
  }),
  marks: z.array(z.strictObject({ id: z.string(), level, all: conditions, any: conditions })),
  objective: z
    .strictObject({
      metric: z.string(),
      task: z.string(),
      name: z.string(),
      key: z.string(),
      better: z.enum(['higher', 'lower']),
      minDelta: z.number().min(0),
      count: count.exactOptional().describe('of the top rung'),
      pairing: z
        .strictObject({ base: z.int(), confidence: z.number() })
        .exactOptional()
        .describe('challengers are compared seed by seed'),
      measuredBy: z.string(),
    })
    .exactOptional(),
  champion: z
    .strictObject({
      keep: z.array(z.strictObject({ from: z.enum(['cycle', 'tree']), path: z.string() })),
      robustness: z.strictObject({
        batches: count,
        bands: z.array(z.strictObject({ name: z.string(), below: z.number() })),
      }),
      confirm: z
        .strictObject({ every: count.describe('cycles'), seeds: count })
        .exactOptional()
        .describe('absent: the loop never measures an ageing champion again'),
    })
    .exactOptional(),
  keep: z.strictObject({
    cycles: z.union([count, z.literal('never')]),
    ageMs: limit,
    sizeBytes: z.union([count, z.literal('never')]),
  }),
  archive: z.strictObject({ afterMs: limit, to: z.string() }).exactOptional(),
  snapshots: z.strictObject({ every: count, keep: count }).exactOptional(),
  phases: z.array(phase),
  questions: z.strictObject({ file: z.string(), ask: z.string() }),
  redact: z.array(z.string()),
  reporters: z.array(
    z.strictObject({
      name: z.enum(REPORTER_NAMES),
      file: z.string().exactOptional(),
      top: z.int().min(1).exactOptional(),
      by: z.array(z.string()).exactOptional(),
    }),
  ),
  hooks: z.array(z.strictObject({ on: z.string(), command, timeoutMs: ms, env })).exactOptional(),
  notify: z
    .array(
      z.union([
        z.strictObject({
          kind: z.literal('webhook'),
          url: z.string(),
          for: z.array(z.enum(['info', 'warning', 'critical', 'champion', 'exit'])),
          secretEnv: z.string().exactOptional(),
          timeoutMs: ms,
        }),
        z.strictObject({
          kind: z.literal('heartbeat'),
          to: z.union([z.strictObject({ file: z.string() }), z.strictObject({ url: z.string() })]),
          everyMs: ms,
        }),
      ]),
    )
    .exactOptional(),
  protect: z
    .strictObject({
      paths: z.array(z.string()),
      appendOnly: z.array(z.string()),
      implied: z.array(z.string()).describe('of `paths`: the config and the gate files that it uses'),
      except: z.array(z.string()).describe('what gate-run itself writes'),
    })
    .exactOptional(),
  receipts: z.strictObject({ except: z.array(z.string()) }).exactOptional(),
  state: z.strictObject({
    dir: z.string(),
    history: z.string(),
    latest: z.string(),
    cycles: z.string(),
  }),
  failOn: z.enum(['any', 'soft']).exactOptional(),
  warnings: z.array(z.looseObject({ message: z.string() })),
  sources: z.record(z.string(), source),
  cache: z.strictObject({ dir: z.string(), sizeBytes: count }).exactOptional(),
  nextFires: z.array(instant).exactOptional(),
  fromCache: z.array(foretoldBriefly).exactOptional().describe('of tasks with `cache`'),
});

export const planAnswer: z.ZodType = z.union([plan, problems]).describe('What `gate-run plan --json` prints');

const ruleTexts = z.array(z.string());
const exits = z.strictObject({
  schemaVersion: version,
  exit,
  run: z.string().nullable().describe('whose values these are; null: there was none yet'),
  conditions: conditionsStatus,
  written: z.strictObject({ target: ruleTexts, budget: ruleTexts, giveUp: ruleTexts }),
  when: z
    .strictObject({
      text: z.string(),
      holds: z.boolean().nullable().describe('null: something that it reads is not known'),
      reads: z.record(z.string(), z.number().nullable()),
    })
    .nullable(),
  variables: z.array(
    z.strictObject({
      name: z.string(),
      measure: z.string(),
      type: variableType,
      unit: z.string(),
      value: z.number().nullable(),
      looksBack: z.boolean(),
    }),
  ),
});

export const explainAnswer: z.ZodType = z
  .union([
    z.strictObject({
      schemaVersion: version,
      exit,
      task: task.extend({ sources: z.record(z.string(), source) }),
      fromCache: foretold.exactOptional(),
    }),
    exits.describe('of `explain exit`'),
    problems,
  ])
  .describe('What `gate-run explain TASK|exit --json` prints');

export const checkAnswer: z.ZodType = z
  .strictObject({
    schemaVersion: version,
    exit,
    file: z.string().exactOptional(),
    problems: z.array(problem),
    warnings: z.array(problem),
    phases: z
      .array(z.strictObject({ id: z.string(), tasks: z.array(z.string()) }))
      .exactOptional()
      .describe('only where a plan could be made'),
  })
  .describe('What `gate-run check --json` prints');

export const planDiffAnswer: z.ZodType = z
  .union([
    z.strictObject({
      schemaVersion: version,
      exit,
      run: z.string(),
      before: z.string().describe('id of the plan that the run follows'),
      now: z.string(),
      differences: z.array(
        z.strictObject({ key: z.string(), before: z.string().nullable(), now: z.string().nullable() }),
      ),
    }),
    problems,
  ])
  .describe('What `gate-run plan --diff --json` prints');
