// How metrics and labels are read, and what metrics must satisfy.

import * as z from 'zod';
import type { MetricConfig, SourceConfig, ThresholdConfig } from './config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const sourceKeys = {
  regex: leaf.text
    .exactOptional()
    .describe('A regular expression over many lines with a group named `value`; the last match counts.'),
  count: leaf.text.exactOptional().describe('A regular expression whose matches are counted; none is 0.'),
  json: leaf.text.exactOptional().describe('A JSON file that the task writes; `at` points into it.'),
  at: z
    .string(leaf.EXPECTED.text)
    .exactOptional()
    .describe('JSON pointer of the value, such as `/total/lines`.'),
  junit: leaf.text.exactOptional().describe('A JUnit report that the task writes.'),
  istanbul: leaf.text
    .exactOptional()
    .describe('A coverage summary in the form of Istanbul (`coverage-summary.json`).'),
  lcov: leaf.text.exactOptional().describe('A coverage report in the form of lcov (`lcov.info`).'),
  cobertura: leaf.text
    .exactOptional()
    .describe('A coverage report in the form of Cobertura (`coverage.xml`).'),
  sarif: leaf.text
    .exactOptional()
    .describe('Findings in the form of SARIF 2.1.0; what is suppressed there is not counted.'),
  field: leaf.text
    .exactOptional()
    .describe('Which number of the report is meant, such as `failures` or `lines`.'),
  folder: leaf.text.exactOptional().describe('Only the files below this folder of the coverage report.'),
  in: leaf.text
    .exactOptional()
    .describe(
      'What `regex` and `count` read: `output` (default), `stdout`, `stderr`, or a file that the task writes.',
    ),
};
const sourceShape = z.strictObject(sourceKeys, leaf.EXPECTED.map);
export const source: z.ZodType<SourceConfig> = sourceShape.meta({
  id: 'Source',
  description:
    'Where a text is read from what the task left; exactly one of `regex`, `count`, `json`, `junit`, `istanbul`, `lcov`, `cobertura`, `sarif`.',
});

const metricShape = z.strictObject(
  {
    ...sourceKeys,
    better: leaf.oneOf('higher', 'lower').exactOptional().describe('Which direction is progress.'),
    bounds: z
      .tuple([leaf.number, leaf.number], 'expected a list of two numbers, the lower one first')
      .exactOptional()
      .describe('The lowest and highest value that can be true; anything else breaks the gate.'),
    unit: leaf.text.exactOptional().describe('Shown behind the value.'),
  },
  leaf.EXPECTED.map,
);
export const metric: z.ZodType<MetricConfig> = metricShape.meta({
  id: 'Metric',
  description:
    'A number read from what the task left. One that is missing, not finite, stale or out of bounds breaks the gate. In a gate with `per` it needs no source: it is the field of that name in the line of each simulation.',
  examples: [{ regex: 'Edge: (?<value>-?[\\d.]+)', better: 'higher' }],
});

const EXPECTED_THRESHOLD =
  'expected a comparison such as `">= 80"`, or a map with `require`, `want`, `at-least` or `at-most`';
const thresholdShape = z.union(
  [
    leaf.text,
    z.strictObject({
      require: leaf.text.exactOptional().describe('A comparison; a miss fails the gate.'),
      want: leaf.text.exactOptional().describe('A comparison; a miss is a soft failure.'),
      'at-least': leaf.number.exactOptional().describe('Lowest value that passes.'),
      'at-most': leaf.number.exactOptional().describe('Highest value that passes.'),
      'on-missing': leaf
        .oneOf('fail')
        .exactOptional()
        .describe(
          '`fail`: no `best`, `last` or `baseline` to compare with fails instead of counting as the first.',
        ),
    }),
  ],
  EXPECTED_THRESHOLD,
);
export const threshold: z.ZodType<ThresholdConfig> = thresholdShape.meta({
  id: 'Threshold',
  description: 'What a metric must satisfy: a comparison with a number, `best`, `last` or `baseline`.',
  examples: ['>= 80', '>= best - 0.2', { require: '>= 80', want: '>= 90' }, { 'at-least': 80 }],
});

/** Thresholds, metrics … by name. */
export function named<Value>(values: z.ZodType<Value>): z.ZodType<Readonly<Record<string, Value>>> {
  return z.record(z.string(), values, leaf.EXPECTED.map).meta({ propertyNames: { pattern: '^[A-Za-z]' } });
}

export const metrics: z.ZodType<Readonly<Record<string, MetricConfig>>> = named(metric);
export const labels: z.ZodType<Readonly<Record<string, SourceConfig>>> = named(source);
export const thresholds: z.ZodType<Readonly<Record<string, ThresholdConfig>>> = named(threshold);

const held: [
  Same<z.infer<typeof sourceShape>, SourceConfig>,
  Same<z.infer<typeof metricShape>, MetricConfig>,
  Same<z.infer<typeof thresholdShape>, ThresholdConfig>,
] = [true, true, true];
void held;
