// What a file of `gates/` may say: what to run, what to read, what is good enough, and samples that prove it.

import * as z from 'zod';
import type { GateFile, ParameterConfig, SampleConfig } from './config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';
import { prove } from './prove-schema.ts';
import { command, env, exits, shell, stages } from './task-schema.ts';
import { labels, metrics, thresholds } from './metric-schema.ts';

const parameterShape = z.strictObject(
  {
    about: leaf.text.describe('What the parameter decides.'),
    type: leaf
      .oneOf('text', 'number', 'size', 'texts', 'numbers-by-name', 'boolean')
      .describe('What `with` must hold for it; a `size` such as `10g` is put in as a number of GiB.'),
    default: z
      .unknown()
      .exactOptional()
      .describe('The value when `with` has none; without it the parameter is due.'),
  },
  leaf.EXPECTED.map,
);
const parameter: z.ZodType<ParameterConfig> = parameterShape.meta({
  id: 'Parameter',
  description: 'A parameter of a gate.',
});

const EXPECTED_EXIT = 'expected an exit code from 0 to 255, or `{ not-started: not-found }`';
const exit = z.union(
  [
    z.number().int(EXPECTED_EXIT).min(0, EXPECTED_EXIT).max(255, EXPECTED_EXIT),
    z.strictObject({
      'not-started': leaf
        .oneOf('not-found', 'not-executable')
        .describe('The command could not be started at all.'),
    }),
  ],
  EXPECTED_EXIT,
);

const sampleShape = z.strictObject(
  {
    name: leaf.text.describe('What the sample shows.'),
    from: leaf.text.describe('The version of the tool that printed it.'),
    with: z
      .record(z.string(), z.unknown(), leaf.EXPECTED.map)
      .exactOptional()
      .describe('Parameters the sample was taken with.'),
    exit: exit.describe('How the command ended.'),
    output: z.string(leaf.EXPECTED.text).exactOptional().describe('What the command printed.'),
    files: z
      .record(z.string(), z.string(leaf.EXPECTED.text), leaf.EXPECTED.map)
      .exactOptional()
      .describe('Files the command left, by path.'),
    verdict: leaf.oneOf('passed', 'failed', 'broken').describe('How the gate must be judged on it.'),
    reason: leaf.text.exactOptional().describe('A part of the first reason.'),
  },
  leaf.EXPECTED.map,
);
const sample: z.ZodType<SampleConfig> = sampleShape.meta({
  id: 'Sample',
  description: 'Real output of the real tool.',
});

const fileShape = z.strictObject(
  {
    about: leaf.text.describe('What the gate proves, in one sentence.'),
    tool: leaf.text.describe('A page of the tool it serves.'),
    requires: leaf.texts.exactOptional().describe('Commands that have to be on PATH.'),
    parameters: z
      .record(z.string(), parameter, leaf.EXPECTED.map)
      .exactOptional()
      .describe('What the loop sets by `with`; `{{name}}` stands for the value.'),
    run: command.describe('The command; parameters reach it as words or environment, never as shell text.'),
    shell: shell.exactOptional().describe('The shell for text with shell characters.'),
    timeout: leaf.limit
      .exactOptional()
      .describe('Longest time for one attempt, unless the loop says otherwise.'),
    env: env.exactOptional(),
    exits: exits
      .exactOptional()
      .describe('What exit codes mean: `passed`, `failed`, `broken`, `skipped`, `limited` → codes.'),
    metrics: metrics.exactOptional().describe('Numbers read from what the gate left, by name.'),
    labels: labels.exactOptional().describe('Texts read from what the gate left, by name.'),
    thresholds: thresholds.exactOptional().describe('What the metrics must satisfy, by name of the metric.'),
    stages: stages.exactOptional().describe('A ladder from cheap to dear; counts ascend.'),
    each: z
      .strictObject(
        {
          of: leaf.id.describe('The parameter, a map of numbers by name.'),
          metrics: metrics.describe('Metrics of one entry.'),
          thresholds: thresholds.describe('Thresholds of one entry.'),
        },
        leaf.EXPECTED.map,
      )
      .exactOptional()
      .describe('Repeated for each entry of a map; `{{key}}` and `{{value}}` stand for the entry.'),
    prove: prove.exactOptional(),
    samples: z
      .array(sample, 'expected a list of samples')
      .describe('Real output that proves the gate, played by a test.'),
  },
  leaf.EXPECTED.map,
);
export const gateFile: z.ZodType<GateFile> = fileShape.meta({
  title: 'gate-run gate',
  description: 'What a gate runs, reads and calls good enough; never how much it matters.',
  examples: [
    {
      about: 'The types hold',
      tool: 'https://www.typescriptlang.org',
      run: ['tsc', '--noEmit'],
      samples: [],
    },
  ],
});

const held: [
  Same<z.infer<typeof parameterShape>, ParameterConfig>,
  Same<z.infer<typeof sampleShape>, SampleConfig>,
  Same<z.infer<typeof fileShape>, GateFile>,
] = [true, true, true];
void held;
