// A count of a SARIF 2.1.0 log: what its tools found and nobody suppressed. A tool that did not run to its end has not found nothing.

import { isMap } from '../is-map.ts';
import type { Reading } from './evidence.ts';
import { identitiesOf } from './identities.ts';
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
  const found: (readonly unknown[])[] = [];
  for (const run of runs as readonly unknown[]) {
    const fault = faultOf(run);
    if (fault !== undefined) return { unread: 'unreadable', detail: `is unknown: ${where} ${fault}` };
    for (const result of resultsOf(run)) {
      if (!isThere(result)) continue;
      const level = levelOf(result, run);
      if (level === undefined)
        return { unread: 'unreadable', detail: `is unknown: ${where} has a result whose rule is not there` };
      if (isOf(level, LEVELS[field])) found.push(identityOf(result));
    }
  }
  const identities = identitiesOf(found);
  return { value: found.length, ...(identities && { found: identities }) };
}

/** Its rule, its file, and what its tool says tells it from others; without that its words. */
function identityOf(result: Known): readonly unknown[] {
  const { partialFingerprints, fingerprints, message, locations } = result;
  const named = namedBy(result);
  const first: unknown = Array.isArray(locations) ? locations[0] : undefined;
  const physical = isMap(first) ? first['physicalLocation'] : undefined;
  const artifact = isMap(physical) ? physical['artifactLocation'] : undefined;
  const own = [fingerprints, partialFingerprints].find((one) => isMap(one) && Object.keys(one).length > 0);
  const told = isMap(own)
    ? Object.entries(own).toSorted(([one], [other]) => (one < other ? -1 : 1))
    : message;
  return [named.id ?? named.guid ?? named.index, isMap(artifact) ? artifact['uri'] : undefined, told];
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

type Known = Readonly<Record<string, unknown>>;

function isThere(result: unknown): result is Known {
  return isMap(result) && !isSuppressed(result) && result['baselineState'] !== 'absent';
}

function isOf(found: string, level: string | undefined): boolean {
  return level === undefined ? found !== 'none' : found === level;
}

function isSuppressed({ suppressions }: Known): boolean {
  if (!Array.isArray(suppressions)) return false;
  return suppressions.some((one) => isMap(one) && (one['status'] ?? 'accepted') === 'accepted');
}

/**
 * Its own; else what kind of result it is, its rule's usual level, and in the end SARIF's: a warning. Undefined where it names a rule that
 * is not there: that may be an error.
 */
function levelOf(result: Known, run: unknown): string | undefined {
  if (typeof result['level'] === 'string') return result['level'];
  if (typeof result['kind'] === 'string' && result['kind'] !== 'fail') return 'none';
  const named = namedBy(result);
  if (Object.values(named).every((part) => part === undefined)) return 'warning';
  const rule = ruleOf(named, run);
  if (rule === undefined) return undefined;
  const { defaultConfiguration } = rule;
  const level = isMap(defaultConfiguration) ? defaultConfiguration['level'] : undefined;
  return typeof level === 'string' ? level : 'warning';
}

/** What a result says about its rule; an index of -1 is SARIF's way to say none. */
interface Named {
  readonly index: number | undefined;
  readonly guid: unknown;
  readonly id: unknown;
  /** The part of the tool that has the rule, where that is not its driver. */
  readonly component: Known | undefined;
}

function namedBy({ rule, ruleIndex, ruleId }: Known): Named {
  const { index = ruleIndex, guid, id = ruleId, toolComponent } = isMap(rule) ? rule : {};
  return { index: indexIn(index), guid, id, component: isMap(toolComponent) ? toolComponent : undefined };
}

function ruleOf({ index, guid, id, component }: Named, run: unknown): Known | undefined {
  const { rules } = componentOf(component, run) ?? {};
  return index === undefined ? identified(rules, { guid, id }) : at(rules, index);
}

function componentOf(component: Known | undefined, run: unknown): Known | undefined {
  const tool = isMap(run) ? run['tool'] : undefined;
  const { driver, extensions } = isMap(tool) ? tool : {};
  if (component === undefined) return isMap(driver) ? driver : undefined;
  const index = indexIn(component['index']);
  if (index !== undefined) return at(extensions, index);
  const { guid, name } = component;
  return identified([driver, ...(Array.isArray(extensions) ? extensions : [])], { guid, name });
}

function indexIn(index: unknown): number | undefined {
  return typeof index === 'number' && index >= 0 ? index : undefined;
}

function at(all: unknown, index: number): Known | undefined {
  const one: unknown = Array.isArray(all) ? all[index] : undefined;
  return isMap(one) ? one : undefined;
}

/** The first that is the same in all that is given of it. */
function identified(all: unknown, by: Known): Known | undefined {
  const given = Object.entries(by).filter(([, value]) => value !== undefined);
  if (!Array.isArray(all) || given.length === 0) return undefined;
  return (all as readonly unknown[])
    .filter(isMap)
    .find((one) => given.every(([key, value]) => one[key] === value));
}
