// What a task may say: the keys of steps, gates, defaults and the overrides of a profile.
// Which of them fit together is the business of rules.ts.

import * as z from 'zod';
import type { EnvConfig, RetryConfig, Scalar, SeedsConfig, StageConfig } from './config.ts';
import type { StopEarlyConfig, TaskConfig, WhenConfig } from './config.ts';
import type { WritesConfig } from './holding-config.ts';
import { cacheOf } from './cache-schema.ts';
import type { Same } from './exact.ts';
import { isolation } from './isolation-schema.ts';
import * as leaf from './leaf.ts';
import { labels, metrics, named, thresholds } from './metric-schema.ts';
import { network } from './network-schema.ts';
import { prove } from './prove-schema.ts';
import { resources } from './resources-schema.ts';

export const command: z.ZodType<string | readonly Scalar[]> = z.union(
  [leaf.text, z.array(leaf.scalar, leaf.EXPECTED.command).min(1, leaf.EXPECTED.command)],
  leaf.EXPECTED.command,
);

export const shell: z.ZodType<'sh' | 'bash'> = leaf.oneOf('sh', 'bash');

const code = z.number(leaf.EXPECTED.codes).int(leaf.EXPECTED.codes).min(0, leaf.EXPECTED.codes);
const codes = code.max(255, leaf.EXPECTED.codes);

/** What an exit code may be said to mean. */
export const EXIT_WORDS = ['passed', 'failed', 'broken', 'skipped', 'limited'] as const;

export const exits: z.ZodType<Readonly<Record<string, number | readonly number[]>>> = z
  .record(z.string(), z.union([codes, z.array(codes)], leaf.EXPECTED.codes), leaf.EXPECTED.map)
  .meta({ propertyNames: { enum: [...EXIT_WORDS] } });

const whenShape = z.strictObject(
  {
    changed: leaf.texts
      .exactOptional()
      .describe('Globs: a file of these changed since the task last passed, or since `--since REF`.'),
    exists: leaf.textOrTexts.exactOptional().describe('Paths that must all exist.'),
    command: leaf.textOrTexts.exactOptional().describe('Commands that must all be on PATH.'),
    env: leaf.textOrTexts
      .exactOptional()
      .describe('Environment variables that must all be set and not empty.'),
    every: leaf.count.exactOptional().describe('Only every Nth cycle.'),
    profile: leaf.textOrTexts.exactOptional().describe('Only under one of these profiles.'),
    passed: leaf.ids
      .exactOptional()
      .describe('Tasks that must have passed so far in this cycle; `"*"` stands for all.'),
    failed: leaf.ids.exactOptional().describe('Tasks of which one must have failed so far in this cycle.'),
  },
  leaf.EXPECTED.map,
);
export const when: z.ZodType<WhenConfig> = whenShape.meta({
  id: 'When',
  description: 'Conditions; all must hold, else the task is skipped and the skip names the key that decided.',
});

const retryShape = z.strictObject(
  {
    limit: z
      .number('expected a whole number from 0 to 100')
      .int('expected a whole number from 0 to 100')
      .min(0, 'expected a whole number from 0 to 100')
      .max(100, 'expected a whole number from 0 to 100')
      .describe('Attempts after the first one.'),
    when: leaf.texts
      .exactOptional()
      .describe(
        'Causes worth another attempt: `timeout`, `stall`, `oom`, `signal`, `exit`, `exit.75`; default: every cause.',
      ),
    delay: leaf.span.exactOptional().describe('The pause before the second attempt.'),
    factor: z
      .number('expected a number from 1 to 100')
      .min(1, 'expected a number from 1 to 100')
      .max(100, 'expected a number from 1 to 100')
      .exactOptional()
      .describe('What the pause is multiplied with for each further attempt.'),
  },
  leaf.EXPECTED.map,
);
export const retry: z.ZodType<RetryConfig> = retryShape.meta({
  id: 'Retry',
  description: 'When and how often a task is attempted again.',
  examples: [{ limit: 2, when: ['timeout', 'exit.75'], delay: '2s', factor: 2 }],
});

const stageShape = z.strictObject(
  {
    count: leaf.count.describe(
      'How many simulations this rung runs; `{{count}}` in the command. With `per`, 1,000,000 at most.',
    ),
    timeout: leaf.limit.exactOptional().describe('Longest time for this rung.'),
    thresholds: thresholds
      .exactOptional()
      .describe('What must hold on this rung, beside the thresholds of the gate.'),
    promote: thresholds
      .exactOptional()
      .describe('What must hold to climb on; a miss ends the ladder as passed, pruned at this rung.'),
  },
  leaf.EXPECTED.map,
);
const stage: z.ZodType<StageConfig> = stageShape.meta({ id: 'Stage', description: 'One rung of a ladder.' });
export const stages: z.ZodType<readonly StageConfig[]> = z
  .array(stage, 'expected a list of rungs')
  .min(1, 'expected at least one rung');

const seedsShape = z.strictObject(
  {
    base: leaf.wholeNumber.exactOptional().describe('The first seed; default 0.'),
    batch: leaf.jobs.exactOptional().describe('Seeds of one process with `per: batch`; default 10.'),
    timeout: leaf.limit
      .exactOptional()
      .describe('Longest time for one simulation; default: that of the whole rung.'),
  },
  leaf.EXPECTED.map,
);
export const seeds: z.ZodType<SeedsConfig> = seedsShape.meta({
  id: 'Seeds',
  description: 'Which seeds the simulations of a gate with `per` have, and how long one may take.',
  examples: [{ base: 1000, timeout: '10s' }],
});

const stopEarlyShape = z.strictObject(
  {
    confidence: z
      .number(leaf.EXPECTED.confidence)
      .min(0.5, leaf.EXPECTED.confidence)
      .max(0.999999, leaf.EXPECTED.confidence)
      .describe('How sure a decision before the end of a rung has to be.'),
  },
  leaf.EXPECTED.map,
);
export const stopEarly: z.ZodType<StopEarlyConfig> = stopEarlyShape.meta({
  id: 'StopEarly',
  description: 'Ends a rung as soon as it is decided.',
  examples: [{ confidence: 0.99 }],
});

const envShape = z.strictObject(
  {
    pass: leaf.texts
      .exactOptional()
      .describe(
        'Names and globs of the variables that pass; `"*"` stands for the default: all that are no secrets.',
      ),
    set: z
      .record(z.string(), leaf.scalar, leaf.EXPECTED.map)
      .exactOptional()
      .describe('Variables set for the task; numbers are taken as written.'),
  },
  leaf.EXPECTED.map,
);
export const env: z.ZodType<EnvConfig> = envShape.meta({
  id: 'Env',
  description: 'The environment that a task sees.',
});

const writesShape = z.strictObject(
  {
    files: leaf.wholeNumber
      .exactOptional()
      .describe('Most files that it may add, change or remove; 0: none at all.'),
    lines: leaf.wholeNumber
      .exactOptional()
      .describe('Most lines that it may add and take away, in all files together, as a diff counts them.'),
    only: leaf.texts
      .exactOptional()
      .describe('Globs from the folder of the config; outside of them nothing may be written.'),
    'on-violation': leaf
      .oneOf('fail', 'restore')
      .exactOptional()
      .describe('`restore`: what the task changed is put back as it was. Default `fail`.'),
  },
  leaf.EXPECTED.map,
);
export const writes: z.ZodType<WritesConfig> = writesShape.meta({
  id: 'Writes',
  description: 'What the task may change of the folder of the config; more is a failure. It runs alone.',
  examples: [{ files: 3, only: ['src/**'], 'on-violation': 'restore' }],
});

const stall = z.union(
  [
    leaf.limit,
    z.strictObject({
      warn: leaf.limit.exactOptional().describe('Quiet time after which people are warned.'),
      kill: leaf.limit.exactOptional().describe('Quiet time after which the attempt is ended.'),
    }),
  ],
  `${leaf.EXPECTED.limit}, or a map with \`warn\` and \`kill\``,
);

const taskShape = z.strictObject(
  {
    run: command
      .exactOptional()
      .describe(
        'The command. A list is started as it stands; text without shell characters is split at spaces; any other text goes through the shell.',
      ),
    shell: shell
      .exactOptional()
      .describe('The shell for text with shell characters: `sh` (`-ec`) or `bash` (`-euo pipefail -c`).'),
    uses: leaf.text
      .exactOptional()
      .describe('A gate of `./gates`, else of the library that ships with gate-run.'),
    with: z
      .record(z.string(), z.unknown(), leaf.EXPECTED.map)
      .exactOptional()
      .describe('Parameters of the gate that is used.'),
    judges: leaf.id
      .exactOptional()
      .describe('Gates only: judges what another task of this cycle left; implies `needs`.'),
    needs: leaf.ids.exactOptional().describe('Tasks that must not have failed before this one starts.'),
    mode: leaf
      .oneOf('strict', 'soft')
      .exactOptional()
      .describe('`strict` (default) fails the cycle; `soft` is recorded, counted and shown. Gates only.'),
    'on-broken': leaf
      .oneOf('soft')
      .exactOptional()
      .describe('`soft`: a soft gate that is broken counts as soft-failed.'),
    'fail-on': leaf
      .oneOf('new')
      .exactOptional()
      .describe('`new`: what was red in the baseline already is soft-failed; what is new fails.'),
    'soft-until': leaf.day
      .exactOptional()
      .describe('A soft gate is soft through this day (UTC), and strict from the next one on.'),
    'quarantine-until': leaf.day
      .exactOptional()
      .describe('A flaky gate counts as soft through this day (UTC), and is shown as quarantined.'),
    when: when.exactOptional(),
    timeout: leaf.limit.exactOptional().describe('Longest time for one attempt; default 10m.'),
    stall: stall
      .exactOptional()
      .describe(
        'No output, no activity and no CPU time for so long: warn, then kill. Bare text kills, and warns at half.',
      ),
    'kill-after': leaf.span.exactOptional().describe('Time between TERM and KILL; default 10s.'),
    retry: retry.exactOptional(),
    exits: exits
      .exactOptional()
      .describe('What exit codes mean: `passed`, `failed`, `broken`, `skipped`, `limited` → codes.'),
    metrics: metrics.exactOptional().describe('Numbers read from what the gate left, by name.'),
    labels: labels.exactOptional().describe('Texts read from what the gate left, for reports, by name.'),
    thresholds: thresholds.exactOptional().describe('What the metrics must satisfy, by name of the metric.'),
    stages: stages.exactOptional().describe('A ladder from cheap to dear; counts ascend.'),
    per: leaf
      .oneOf('seed', 'batch', 'worker')
      .exactOptional()
      .describe(
        'gate-run runs the simulations of each rung itself, `jobs` at once: `seed`, a process each; `batch`, some seeds a process; `worker`, long-lived processes that speak JSON lines.',
      ),
    seeds: seeds.exactOptional(),
    'max-failed': leaf.shareOrCount
      .exactOptional()
      .describe('How many simulations of a rung may fail, as a share or a number; default 0.'),
    'stop-early': stopEarly.exactOptional(),
    inputs: leaf.texts
      .exactOptional()
      .describe('What the verdict depends on: globs, `!` takes away, and `env:NAME`. With `cache`.'),
    outputs: leaf.texts
      .exactOptional()
      .describe('Globs of the files that the task leaves; they are kept with its answer and put back.'),
    cache: cacheOf
      .exactOptional()
      .describe(
        '`true`: the task is answered from the cache while nothing changed that it depends on. `{ failed: true }`: also where it failed.',
      ),
    versions: leaf.texts
      .exactOptional()
      .describe(
        'Commands such as `node --version`, asked where the task runs; what they print belongs to the key.',
      ),
    env: env.exactOptional(),
    isolation: isolation.exactOptional(),
    network: network.exactOptional(),
    'log-limit': leaf.size
      .exactOptional()
      .describe('Largest log of one attempt; head and tail are kept. Default 1g.'),
    cwd: leaf.text.exactOptional().describe('Folder the command starts in, from the folder of the config.'),
    stdin: leaf.text.exactOptional().describe('File the command reads on standard input; default: nothing.'),
    resources: resources.exactOptional(),
    writes: writes.exactOptional(),
    prove: prove.exactOptional(),
  },
  leaf.EXPECTED.map,
);
export const task: z.ZodType<TaskConfig> = taskShape.meta({ id: 'Task', description: 'A step or a gate.' });
export const tasks: z.ZodType<Readonly<Record<string, TaskConfig>>> = named(task);

const held: [
  Same<z.infer<typeof whenShape>, WhenConfig>,
  Same<z.infer<typeof retryShape>, RetryConfig>,
  Same<z.infer<typeof stageShape>, StageConfig>,
  Same<z.infer<typeof seedsShape>, SeedsConfig>,
  Same<z.infer<typeof stopEarlyShape>, StopEarlyConfig>,
  Same<z.infer<typeof envShape>, EnvConfig>,
  Same<z.infer<typeof writesShape>, WritesConfig>,
  Same<z.infer<typeof taskShape>, TaskConfig>,
] = [true, true, true, true, true, true, true, true];
void held;
