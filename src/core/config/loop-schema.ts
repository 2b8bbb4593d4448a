// What a `loop.config.yaml` may say. Keys that later versions bring are in not-built.ts.

import * as z from 'zod';
import type { ConfigFile, PhaseConfig, ProfileConfig, QuestionsConfig } from './config.ts';
import type { ReportConfig, ReporterConfig, StateConfig, VariableConfig } from './config.ts';
import { cacheStore } from './cache-schema.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';
import { champion, objective } from './champion-schema.ts';
import { REPORTER_FORMS } from './reporters.ts';
import { archive, exit, keep, loop, mark, snapshots } from './run-schema.ts';
import { task, tasks, when } from './task-schema.ts';
import { hooks, notify, protect } from './work-schema.ts';

const variableShape = z.strictObject({
  env: leaf.text.describe('The environment variable to read; an empty one counts as unset.'),
  default: leaf.scalar.exactOptional().describe('The value when the variable is not set.'),
});
const variable = z.union(
  [leaf.scalar, variableShape],
  'expected text, a number, or a map with `env` and `default`',
);

const phaseShape = z.strictObject(
  {
    title: leaf.text.exactOptional().describe('What people read instead of the id.'),
    when: when.exactOptional(),
    jobs: leaf.jobs.exactOptional().describe('Gates of this phase at once.'),
    timeout: leaf.limit.exactOptional().describe('Longest time for the whole phase.'),
    at: leaf
      .oneOf('start', 'cycle', 'end')
      .exactOptional()
      .describe('Once before the first cycle of a run, in each cycle (default), or once when the run ends.'),
    always: leaf.boolean.exactOptional().describe('Runs even when an earlier phase failed.'),
    policy: leaf
      .oneOf('finish-running', 'keep-going', 'kill')
      .exactOptional()
      .describe('What happens to the other tasks after a strict failure; dependents never run.'),
    steps: tasks.exactOptional().describe('Commands that do work, one after another.'),
    gates: tasks.exactOptional().describe('Commands that are judged, in parallel, after the steps.'),
  },
  leaf.EXPECTED.map,
);
const phase: z.ZodType<PhaseConfig> = phaseShape.meta({
  id: 'Phase',
  description: 'A named, ordered part of a cycle.',
});

const questionsShape = z.strictObject(
  {
    file: leaf.text
      .exactOptional()
      .describe('Where open failures are written down; default `questions.md` in the state directory.'),
    ask: leaf.text.exactOptional().describe('Whom the questions are for; default `ChatGPT @codex`.'),
  },
  leaf.EXPECTED.map,
);

const reportShape = z.strictObject(
  {
    file: leaf.text
      .exactOptional()
      .describe(
        'Ends with `.md` or `.html`; the other one is written beside it. Default: `report.md` in the state directory.',
      ),
    top: leaf.jobs.exactOptional().describe('How many rows a table shows; default 10.'),
    by: leaf.texts.exactOptional().describe('Labels whose values get a table each.'),
  },
  leaf.EXPECTED.map,
);

const report: z.ZodType<ReportConfig> = reportShape.meta({
  id: 'Report',
  description: 'Where the report of a run goes, and what it shows.',
});

const reporter: z.ZodType<ReporterConfig> = z.union(
  [z.string(), z.record(z.string(), z.union([leaf.text, report], 'expected text, or what the report holds'))],
  `expected a reporter: ${REPORTER_FORMS}`,
);

const stateShape = z.strictObject(
  {
    dir: leaf.text.exactOptional().describe('The state directory; default `.gate-run`.'),
    history: leaf.text
      .exactOptional()
      .describe('The ledger; default `history.jsonl` in the state directory.'),
    latest: leaf.text.exactOptional().describe('The small file that monitors tail; default `latest.json`.'),
    logs: leaf.text.exactOptional().describe('The folder of the cycles and their logs; default `cycles`.'),
    keep: keep
      .exactOptional()
      .describe('How many cycles stay; whichever limit is reached first removes the oldest.'),
    archive: archive.exactOptional().describe('Folders of old cycles are packed, each into one file.'),
    snapshots: snapshots.exactOptional().describe('Backups of the ledger, made by the run itself.'),
    cache: cacheStore.exactOptional().describe('Where answers of tasks with `cache` are kept.'),
  },
  leaf.EXPECTED.map,
);

/** What a profile may override. */
const common = {
  goal: leaf.text.exactOptional().describe('Free text for prompts, questions and reports.'),
  profile: leaf.id.exactOptional().describe('The profile in force without a flag.'),
  vars: z
    .record(z.string(), variable, leaf.EXPECTED.map)
    .exactOptional()
    .describe('Values for `{{vars.name}}`, fixed or from the environment.'),
  defaults: task.exactOptional().describe('What every task inherits.'),
  jobs: leaf.jobs.exactOptional().describe('Gates at once; default: the number of cores.'),
  loop: loop.exactOptional().describe('The pauses between cycles, and the limits of cycles and stops.'),
  exit: exit.exactOptional().describe('What ends a run: a target, a budget, giving up.'),
  marks: z
    .record(z.string(), mark, leaf.EXPECTED.map)
    .exactOptional()
    .describe('Named conditions that are announced when they are reached.'),
  objective: objective.exactOptional().describe('Which metric says which cycle is the best so far.'),
  champion: champion
    .exactOptional()
    .describe('What is kept of the best cycle so far, and how it is held to its word.'),
  questions: questionsShape.exactOptional().describe('Where and to whom open failures are written down.'),
  redact: leaf.texts
    .exactOptional()
    .describe(
      'Names and globs of variables whose values are secrets, beside those that usually are (`*_TOKEN`, `*_PASSWORD`, `*_API_KEY` …); `"!NAME"` lets one go, the last entry that matches decides.',
    ),
  reporters: z
    .array(reporter, 'expected a list of reporters')
    .exactOptional()
    .describe(`Who tells about the run: ${REPORTER_FORMS}.`),
  hooks: hooks.exactOptional().describe('Commands at moments of the loop; they judge nothing.'),
  notify: z
    .array(notify, 'expected a list of webhooks and heartbeats')
    .exactOptional()
    .describe('Who is told of marks and ends, and signs of life.'),
  protect: z
    .array(protect, 'expected a list of paths, globs and `{ append-only: PATH }`')
    .exactOptional()
    .describe(
      'Files that the work may not change: hashed when a run starts and behind every phase. The config and the gate files join them.',
    ),
  state: stateShape.exactOptional().describe('Where the ledger and everything beside it is kept.'),
};

/** A profile has `profile` too in its type only because a profile may hold any key of the file but four. */
const profileShape = z.strictObject(
  {
    ...common,
    skip: leaf.ids.exactOptional().describe('Tasks left out, by id or glob.'),
    only: leaf.ids.exactOptional().describe('The only tasks left in, by id or glob.'),
    steps: tasks
      .exactOptional()
      .describe('Keys that replace those of steps, by id or glob; the exact id wins.'),
    gates: tasks
      .exactOptional()
      .describe('Keys that replace those of gates, by id or glob; the exact id wins.'),
  },
  leaf.EXPECTED.map,
);
const profile: z.ZodType<ProfileConfig> = profileShape.meta({
  id: 'Profile',
  description: 'A named set of other settings.',
});

const fileShape = z.strictObject(
  {
    version: z
      .literal(1, 'expected the version of the config language, `1`')
      .describe('Version of the config language.'),
    name: leaf.text.describe("The loop's name."),
    ...common,
    profiles: z
      .record(z.string(), profile, leaf.EXPECTED.map)
      .exactOptional()
      .describe('Named sets of other settings, chosen by `--profile`.'),
    phases: z
      .record(z.string(), phase, leaf.EXPECTED.map)
      .meta({ propertyNames: { pattern: '^[A-Za-z]' } })
      .describe('The phases of a cycle, in order.'),
  },
  leaf.EXPECTED.map,
);
export const configFile: z.ZodType<ConfigFile> = fileShape.meta({
  title: 'gate-run loop config',
  description: 'What a cycle does, what must hold, and what people see of it.',
  examples: [
    { version: 1, name: 'my-parser', phases: { check: { gates: { test: { run: 'npm run -s test' } } } } },
  ],
});

const held: [
  Same<z.infer<typeof variableShape>, VariableConfig>,
  Same<z.infer<typeof phaseShape>, PhaseConfig>,
  Same<z.infer<typeof questionsShape>, QuestionsConfig>,
  Same<z.infer<typeof reportShape>, ReportConfig>,
  Same<z.infer<typeof stateShape>, StateConfig>,
  Same<z.infer<typeof profileShape>, ProfileConfig>,
  Same<z.infer<typeof fileShape>, ConfigFile>,
] = [true, true, true, true, true, true, true];
void held;
