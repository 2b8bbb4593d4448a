// What zod found, said in the words of the config language: one problem each, with expectation and mend.

import type * as z from 'zod';
import { isMap } from '../is-map.ts';
import { clip, describe, quoted } from './describe.ts';
import { EXPECTED } from './leaf.ts';
import { MAX_PROBLEMS } from './limits.ts';
import { nearest } from './nearest.ts';
import { neighbourWord } from './neighbours.ts';
import { notBuiltKey } from './not-built.ts';
import type { Path, Problem } from './problem.ts';
import { type FileKind, roomOf } from './room.ts';
import { keysAt } from './schema-keys.ts';

type Issue = z.core.$ZodIssue;

interface Found {
  readonly schema: z.ZodType;
  readonly value: unknown;
  readonly kind: FileKind;
}

/** Every problem of a value that a schema does not accept. */
export function schemaProblems(found: Found): Problem[] {
  const result = found.schema.safeParse(found.value);
  const problems: Problem[] = [];
  for (const issue of result.success ? [] : result.error.issues) {
    if (problems.length >= MAX_PROBLEMS) break;
    problems.push(...problemsOf(issue, [], found));
  }
  return problems;
}

function problemsOf(issue: Issue, base: Path, found: Found): Problem[] {
  const path: Path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKey(path, key, found));
  const value = valueAt(found.value, path);
  if (issue.code === 'invalid_union') {
    const branch = issue.errors.find(
      (issues) => issues.length > 0 && issues.every((one) => isInside(one, value)),
    );
    if (branch !== undefined) return branch.flatMap((inner) => problemsOf(inner, path, found));
  }
  if (value === undefined) return [missingKey(path, issue.message)];
  const mend = mendOf(issue.message, value, path);
  const message = `${issue.message}, not ${describe(value)}`;
  return [{ path, on: 'value', message, ...(mend === undefined ? {} : { mend }) }];
}

/** Whether the value had the type of this branch, so that the branch knows better than the union. */
function isInside(issue: Issue, value: unknown): boolean {
  if (issue.path.length > 0) return true;
  // One of a few words is no map.
  if (issue.code === 'invalid_value') return typeof value !== 'object';
  return issue.code !== 'invalid_type' && issue.code !== 'invalid_union';
}

function unknownKey(path: Path, key: string, { schema, kind }: Found): Problem {
  const at = { path: [...path, key], on: 'key' } as const;
  const room = roomOf(path, kind);
  const notBuilt = notBuiltKey(room, key);
  if (notBuilt !== undefined) {
    return { ...at, message: notBuilt, mend: 'leave it out; this version of gate-run would not act on it' };
  }
  const only = onlyElsewhere(room, key);
  if (only !== undefined) return { ...at, ...only };
  const word = neighbourWord(room, key);
  if (word !== undefined) return { ...at, message: `unknown key \`${key}\``, mend: `write \`${word}\`` };
  const known = keysAt(schema, path);
  const near = nearest(key, known);
  if (near !== undefined) return { ...at, message: `unknown key \`${key}\` — did you mean \`${near}\`?` };
  return { ...at, message: `unknown key \`${clip(key)}\``, mend: `known here: ${known.join(', ')}` };
}

const LOOP_ONLY = new Set([
  'mode',
  'on-broken',
  'fail-on',
  'soft-until',
  'quarantine-until',
  'needs',
  'when',
  'retry',
  'judges',
  'uses',
  'with',
  'resources',
]);
const FILE_ONLY = new Set(['version', 'name', 'phases', 'profiles']);

function onlyElsewhere(room: string, key: string): { message: string; mend: string } | undefined {
  if (room === 'gate' && LOOP_ONLY.has(key)) {
    const message = `\`${key}\` is set by the loop, never by the gate file`;
    return { message, mend: 'write it in the loop.config.yaml, beside `uses`' };
  }
  if (room === 'profile' && FILE_ONLY.has(key)) {
    return { message: `a profile cannot change \`${key}\``, mend: 'write it at the top of the file' };
  }
  return undefined;
}

function missingKey(path: Path, expected: string): Problem {
  const key = String(path.at(-1) ?? '');
  const mend =
    key === 'version' ? 'add `version: 1`' : `add \`${key}: …\` (${expected.replace(/^expected /, '')})`;
  return { path: path.slice(0, -1), on: 'key', message: `missing key \`${key}\``, mend };
}

/** What to do, where the kind of value that stands there tells it. */
function mendOf(expected: string, value: unknown, path: Path): string | undefined {
  const key = path.findLast((part) => typeof part === 'string') ?? '';
  if (expected === EXPECTED.command && typeof value === 'boolean') {
    return `unquoted, \`${value}\` is a boolean; as a command write ${key}: "${value}"`;
  }
  if (expected === EXPECTED.limit || expected === EXPECTED.span || expected === EXPECTED.rest)
    return durationMend(expected, value);
  if (expected === EXPECTED.ids || expected === EXPECTED.texts) {
    return typeof value === 'string' ? `write a list: ${key}: [${listed(value)}]` : undefined;
  }
  if (OF_RESOURCES.has(expected)) return resourceMend(expected, value);
  if (expected === EXPECTED.count && typeof value === 'string') return 'digits only, no unit, no sign';
  const isText = expected === EXPECTED.text || expected === EXPECTED.scalar || expected === EXPECTED.id;
  if (isText && (typeof value === 'number' || typeof value === 'boolean')) return `quote it: "${value}"`;
  if (expected === EXPECTED.boolean && (value === 'true' || value === 'false')) return 'leave the quotes out';
  if (expected === EXPECTED.number && typeof value === 'string' && value.trim() !== '') {
    return Number.isFinite(Number(value)) ? 'leave the quotes out' : undefined;
  }
  return isMap(value) && isText ? 'a `: ` inside text needs quotes around the whole text' : undefined;
}

const OF_RESOURCES: ReadonlySet<string> = new Set([EXPECTED.sizeLimit, EXPECTED.countLimit, EXPECTED.cpus]);

/** Nobody means a limit of nothing; a limit of all there is has a word. */
function resourceMend(expected: string, value: unknown): string | undefined {
  if (Number.parseFloat(String(value)) <= 0) return '`never` stands for no limit';
  if (
    expected === EXPECTED.sizeLimit &&
    typeof value === 'string' &&
    /^\d+(?:\.\d+)?\s*[kmgt]i?b?$/i.test(value)
  )
    return 'a whole number and one letter, without a space: `512m` is 512 MiB, `8g` is 8 GiB';
  return undefined;
}

function durationMend(expected: string, value: unknown): string | undefined {
  if (typeof value === 'number' && value > 0) return `add the unit: \`${value}s\` or \`${value}m\``;
  const isZero = value === 0 || (typeof value === 'string' && /^0+(?:ms|[smhd])?$/.test(value));
  if (isZero) return expected === EXPECTED.limit ? '`never` switches it off' : 'write `0s`';
  if (typeof value === 'string' && /^\d+$/.test(value)) return `add the unit: \`${value}s\` or \`${value}m\``;
  if (value === 'never') return 'this one cannot be switched off';
  return typeof value === 'string' ? 'units are d, h, m, s, ms, in this order, without spaces' : undefined;
}

function listed(value: string): string {
  return /^[\w./-]+$/.test(value) ? value : quoted(value);
}

function valueAt(value: unknown, path: Path): unknown {
  let at: unknown = value;
  for (const part of path) {
    if (Array.isArray(at) && typeof part === 'number') at = at[part];
    else if (isMap(at)) at = at[String(part)];
    else return undefined;
  }
  return at;
}
