// Closed shapes of what CI servers read, written down from their own pages, and readers that hold a report to them.
// SARIF: the part of the 2.1.0 schema that gate-run uses. https://docs.oasis-open.org/sarif/sarif/v2.1.0/

import { Parser, type Result } from 'tap-parser';
import * as z from 'zod';

const text = z.strictObject({ text: z.string().min(1) });
const location = z.strictObject({
  physicalLocation: z.strictObject({
    artifactLocation: z
      .strictObject({ uri: z.string().min(1), uriBaseId: z.literal('%SRCROOT%').exactOptional() })
      .refine(
        ({ uri, uriBaseId }) =>
          new URL(uri, 'file:///root/').href !== '' && (uriBaseId === undefined) === uri.startsWith('file:'),
      ),
    region: z.strictObject({ startLine: z.int().min(1), startColumn: z.int().min(1).exactOptional() }),
  }),
});
const level = z.enum(['none', 'note', 'warning', 'error']);
const sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.literal('gate-run'),
          semanticVersion: z.string(),
          rules: z.array(
            z.strictObject({
              id: z.string(),
              shortDescription: text,
              defaultConfiguration: z.strictObject({ level }),
            }),
          ),
        }),
      }),
      automationDetails: z.strictObject({ id: z.string().regex(/\/$/) }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      originalUriBaseIds: z.record(
        z.string(),
        z.strictObject({ uri: z.string().regex(/^file:\/\/\/.*\/$/) }),
      ),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(
            z.strictObject({
              associatedRule: z.strictObject({ id: z.string() }).exactOptional(),
              level,
              message: text,
              locations: z.array(location).exactOptional(),
            }),
          ),
        }),
      ),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level,
          message: text,
          locations: z.array(location).min(1),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
});
export type SarifLog = z.infer<typeof sarif>;

export function readSarifLog(written: string): SarifLog['runs'][number] {
  const { runs } = sarif.parse(JSON.parse(written));
  const [run] = runs;
  if (!run || runs.length > 1) throw new Error('not one run');
  const names = run.tool.driver.rules.map(({ id }) => id);
  for (const { ruleId, ruleIndex } of run.results)
    if (names[ruleIndex] !== ruleId) throw new Error(`rule ${ruleIndex} is not ${ruleId}`);
  return run;
}

/** https://docs.gitlab.com/ci/testing/code_quality/: entries of one fingerprint are shown once, so no two may share one. */
const codeQuality = z
  .array(
    z.strictObject({
      description: z.string().min(1),
      check_name: z.string().min(1),
      fingerprint: z.string().regex(/^[0-9a-f]{24}$/),
      severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
      location: z.strictObject({
        path: z.string().regex(/^(?!\.\/)./),
        lines: z.strictObject({ begin: z.int().min(1) }),
      }),
    }),
  )
  .refine((entries) => new Set(entries.map(({ fingerprint }) => fingerprint)).size === entries.length);
export type CodeQuality = z.infer<typeof codeQuality>;

export function readCodeQuality(written: string): CodeQuality {
  return codeQuality.parse(JSON.parse(written));
}

export interface TapRead {
  readonly version: number;
  readonly ok: boolean;
  readonly points: readonly Result[];
}

/** By the parser of node-tap; anything that it does not know as TAP is an error. */
export function readTap(written: string): TapRead {
  const parser = new Parser({ strict: true });
  const points: Result[] = [];
  let version = 0;
  const extra: string[] = [];
  parser.on('version', (found) => (version = Number(found)));
  parser.on('assert', (point) => points.push(point));
  parser.on('extra', (line) => extra.push(String(line)));
  parser.end(written);
  if (extra.length > 0) throw new Error(`no TAP: ${extra.join('')}`);
  const { results } = parser;
  const faults = results?.failures.filter((failure) => 'tapError' in failure && failure.tapError) ?? [];
  if (!results || faults.length > 0) throw new Error(`broken TAP: ${JSON.stringify(faults)}`);
  return { version, ok: results.ok, points };
}
