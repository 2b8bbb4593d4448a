// A count of a SARIF 2.1.0 log: what its tools found and nobody suppressed. A tool that did not run to its end has not found nothing.

import { isMap } from '../is-map.ts';
import type { Reading } from './evidence.ts';
import { parseJson } from './json.ts';

const LEVELS: Readonly<Record<string, string | undefined>> = {
  results: undefined,
  errors: 'error',
  warnings: 'warning',
  notes: 'note',
};

export function readSarif(field: string, text: string, where: string): Reading {
  if (!Object.hasOwn(LEVELS, field))
    return { unread: 'missing', detail: `was not found: ${where} has no field \`${field}\`` };
  const parsed = parseJson(text, where);
  if ('unread' in parsed) return parsed;
  const { version, runs } = isMap(parsed.json) ? parsed.json : {};
  if (!Array.isArray(runs) || typeof version !== 'string' || !version.startsWith('2.'))
    return { unread: 'unreadable', detail: `could not be read: ${where} is no SARIF log of version 2` };
  if (runs.length === 0) return { unread: 'missing', detail: `is unknown: ${where} speaks of no run` };
  let count = 0;
  for (const run of runs as readonly unknown[]) {
    const fault = faultOf(run);
    if (fault !== undefined) return { unread: 'unreadable', detail: `is unknown: ${where} ${fault}` };
    count += resultsOf(run).filter((result) => isCounted(result, run, LEVELS[field])).length;
  }
  return { value: count };
}

function faultOf(run: unknown): string | undefined {
  if (!isMap(run) || !Array.isArray(run['results'])) return 'has a run without results';
  const invocations = run['invocations'];
  const hasFailed =
    Array.isArray(invocations) &&
    invocations.some((one) => isMap(one) && one['executionSuccessful'] === false);
  return hasFailed ? 'says that its tool did not run to its end' : undefined;
}

function resultsOf(run: unknown): readonly unknown[] {
  const results = isMap(run) ? run['results'] : undefined;
  return Array.isArray(results) ? results : [];
}

function isCounted(result: unknown, run: unknown, level: string | undefined): boolean {
  if (!isMap(result) || isSuppressed(result) || result['baselineState'] === 'absent') return false;
  const found = levelOf(result, run);
  return level === undefined ? found !== 'none' : found === level;
}

function isSuppressed({ suppressions }: Readonly<Record<string, unknown>>): boolean {
  if (!Array.isArray(suppressions)) return false;
  return suppressions.some((one) => isMap(one) && (one['status'] ?? 'accepted') === 'accepted');
}

/** Its own; else what kind of result it is, its rule's usual level, and in the end SARIF's: a warning. */
function levelOf(result: Readonly<Record<string, unknown>>, run: unknown): string {
  if (typeof result['level'] === 'string') return result['level'];
  if (typeof result['kind'] === 'string' && result['kind'] !== 'fail') return 'none';
  const { defaultConfiguration } = ruleOf(result, run) ?? {};
  const level = isMap(defaultConfiguration) ? defaultConfiguration['level'] : undefined;
  return typeof level === 'string' ? level : 'warning';
}

function ruleOf(
  result: Readonly<Record<string, unknown>>,
  run: unknown,
): Readonly<Record<string, unknown>> | undefined {
  const tool = isMap(run) ? run['tool'] : undefined;
  const driver = isMap(tool) ? tool['driver'] : undefined;
  const rules: unknown = isMap(driver) ? driver['rules'] : undefined;
  if (!Array.isArray(rules)) return undefined;
  const all: readonly unknown[] = rules;
  const { ruleIndex, ruleId } = result;
  const rule =
    typeof ruleIndex === 'number' && ruleIndex >= 0
      ? all[ruleIndex]
      : all.find((one) => isMap(one) && one['id'] === ruleId);
  return isMap(rule) ? rule : undefined;
}
