// What `plan`, `explain` and `check` print with `--json`: the plan as it stands, every key resolved.

import { z } from 'zod';
import { REPORTER_NAMES } from '../../config/reporters.ts';
import { count, exit, instant, level, ms, problem, problems, texts } from './parts.ts';
import { foretold, foretoldBriefly } from './cache.ts';
import { conditionsStatus } from './conditions.ts';
import { command, env, limit, operator, source, task, taskWithSources } from './task.ts';

const version = z.literal(1);
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
const withheld = z
  .array(z.string())
  .describe('hidden variables that are there and pass only where `env.pass` lists them');

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
  tree: z
    .strictObject({ except: z.array(z.string()).describe('what gate-run itself writes') })
    .exactOptional()
    .describe('what is looked at where a task has `writes`'),
  state: z.strictObject({
    dir: z.string(),
    history: z.string(),
    latest: z.string(),
    cycles: z.string(),
  }),
  failOn: z.enum(['any', 'soft']).exactOptional(),
  withheld,
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
      task: taskWithSources,
      withheld,
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
