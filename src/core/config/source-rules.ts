// What zod cannot say about metrics, labels, thresholds and rungs: readers, patterns, bounds, order.

import { isMap } from '../is-map.ts';
import { describe } from './describe.ts';
import { checkIds } from './id-rules.ts';
import { isFilledIn } from './leaf.ts';
import { notBuiltValue } from './not-built.ts';
import type { Path } from './problem.ts';
import { entries, type Report } from './report.ts';

const READERS = ['regex', 'count', 'json', 'junit', 'istanbul', 'lcov', 'cobertura', 'sarif'] as const;
const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const COMPARISON = new RegExp(
  `^(?:[<>]=?|==|!=)\\s*(?:${NUMBER}|(?<word>[a-z-]+)(?:\\s*[+-]\\s*\\d+(?:\\.\\d+)?(?<sd>sd)?)?)$`,
);
const REFERENCES = new Set(['best', 'last', 'baseline', 'champion']);

/** Metrics, labels, thresholds and stages of a task or of a gate file. */
export function checkSources(task: Readonly<Record<string, unknown>>, path: Path, report: Report): void {
  for (const key of ['metrics', 'labels']) {
    checkIds(task[key], [...path, key], report);
    // A rung's simulations say their metrics by name, so a ladder's metric may need no reader: the plan knows.
    const mayLack = key === 'metrics' && ['per', 'stages'].some((one) => Object.hasOwn(task, one));
    for (const [name, source] of entries(task[key]))
      checkSource(source, [...path, key, name], { mayLack, report });
  }
  checkThresholds(task['thresholds'], [...path, 'thresholds'], report);
  checkStages(task['stages'], [...path, 'stages'], report);
}

function checkSource(
  source: unknown,
  path: Path,
  { mayLack, report }: { readonly mayLack: boolean; readonly report: Report },
): void {
  if (!isMap(source)) return;
  const used = READERS.filter((reader) => Object.hasOwn(source, reader));
  if (used.length > 1 || (used.length === 0 && !mayLack)) {
    const found =
      used.length === 0 ? 'none stands here' : `not ${used.map((one) => `\`${one}\``).join(' and ')}`;
    const message = `expected exactly one reader (\`${READERS.join('`, `')}\`), ${found}`;
    report({ path, on: 'key', message, mend: "such as regex: 'Lines: (?<value>[\\d.]+)'" });
  }
  for (const key of ['regex', 'count'] as const) checkPattern(source[key], key, [...path, key], report);
  if (used.length === 1) checkCompanions(source, used[0] ?? 'regex', path, report);
  const bounds = source['bounds'];
  if (Array.isArray(bounds) && typeof bounds[0] === 'number' && typeof bounds[1] === 'number') {
    if (bounds[0] >= bounds[1]) {
      const message = `expected the lower bound first, not [${bounds[0]}, ${bounds[1]}]`;
      report({ path: [...path, 'bounds'], message, mend: `write [${bounds[1]}, ${bounds[0]}]` });
    }
  }
}

/** Keys that only say something beside some readers: elsewhere they would be settings that do nothing. */
function checkCompanions(
  source: Readonly<Record<string, unknown>>,
  reader: (typeof READERS)[number],
  path: Path,
  report: Report,
): void {
  const companions = {
    at: ['json'],
    field: ['junit', 'istanbul', 'lcov', 'cobertura', 'sarif'],
    folder: ['istanbul', 'lcov', 'cobertura'],
    in: ['regex', 'count'],
  };
  for (const [key, readers] of Object.entries(companions)) {
    if (!Object.hasOwn(source, key) || readers.includes(reader)) continue;
    const message = `\`${key}\` says nothing beside \`${reader}\``;
    report({ path: [...path, key], on: 'key', message, mend: `it belongs to \`${readers.join('` or `')}\`` });
  }
  const { at, in: stream } = source;
  if (reader === 'json' && at === undefined) {
    const mend = 'add the JSON pointer of the value, such as `at: /total/lines`';
    report({ path, on: 'key', message: 'missing key `at` beside `json`', mend });
  } else if (typeof at === 'string' && at !== '' && !at.startsWith('/') && !isFilledIn(at)) {
    report({
      path: [...path, 'at'],
      message: `expected a JSON pointer, not ${describe(at)}`,
      mend: `write \`/${at}\``,
    });
  }
  const message = typeof stream === 'string' ? notBuiltValue('in', stream) : undefined;
  if (message !== undefined)
    report({ path: [...path, 'in'], message, mend: 'read `output`, `stdout`, `stderr` or a file' });
}

function checkPattern(pattern: unknown, key: 'regex' | 'count', path: Path, report: Report): void {
  if (typeof pattern !== 'string' || isFilledIn(pattern)) return;
  if (pattern.includes('(?P<')) {
    return report({
      path,
      message: '`(?P<value>…)` is not read here',
      mend: 'write the group as `(?<value>…)`',
    });
  }
  const fault = patternFault(pattern, key === 'regex');
  if (fault !== undefined) report({ path, ...fault });
}

function patternFault(pattern: string, needsValue: boolean): { message: string; mend: string } | undefined {
  try {
    // With an empty alternative it matches at once, and its groups are known by name.
    const groups = new RegExp(`${pattern}|`, 'm').exec('')?.groups ?? {};
    if (!needsValue || 'value' in groups) return undefined;
    const mend = 'put what is to be read into `(?<value>…)`';
    return { message: 'the regular expression has no group named `value`', mend };
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/m?: /, '') : String(error);
    const mend = 'a literal `(`, `[`, `*`, `+` or `?` needs a `\\` before it';
    return { message: `the regular expression does not compile: ${why}`, mend };
  }
}

export function checkThresholds(thresholds: unknown, path: Path, report: Report): void {
  for (const [metric, threshold] of entries(thresholds)) {
    const at = [...path, metric];
    if (typeof threshold === 'string') checkComparison(threshold, at, report);
    if (!isMap(threshold)) continue;
    for (const key of ['require', 'want']) checkComparison(threshold[key], [...at, key], report);
    if (!['require', 'want', 'at-least', 'at-most'].some((key) => Object.hasOwn(threshold, key))) {
      const mend = 'add `require`, `want`, `at-least` or `at-most`';
      report({ path: at, on: 'key', message: `the threshold of \`${metric}\` asks for nothing`, mend });
    }
  }
}

function checkComparison(comparison: unknown, path: Path, report: Report): void {
  if (typeof comparison !== 'string' || comparison === '' || isFilledIn(comparison)) return;
  const match = COMPARISON.exec(comparison.trim());
  const word = match?.groups?.['word'];
  if (match?.groups?.['sd'] !== undefined && word !== 'baseline')
    return report({
      path,
      message: `expected a comparison, not ${describe(comparison)}`,
      mend: 'only a baseline has noise: ">= baseline - 2sd"',
    });
  if (match !== null && (word === undefined || REFERENCES.has(word))) return;
  const isNumber = new RegExp(`^${NUMBER}$`).test(comparison.trim());
  const mend = isNumber ? `say how: ">= ${comparison.trim()}"` : 'such as ">= 80", "< 5" or ">= best - 0.2"';
  report({ path, message: `expected a comparison, not ${describe(comparison)}`, mend });
}

function checkStages(stages: unknown, path: Path, report: Report): void {
  if (!Array.isArray(stages)) return;
  let highest = 0;
  for (const [index, stage] of stages.entries()) {
    if (!isMap(stage)) continue;
    const at = [...path, index];
    checkThresholds(stage['thresholds'], [...at, 'thresholds'], report);
    checkThresholds(stage['promote'], [...at, 'promote'], report);
    const count = stage['count'];
    if (typeof count !== 'number') continue;
    if (count <= highest) {
      const message = `expected a count above ${highest}, not ${count}: a ladder climbs`;
      report({ path: [...at, 'count'], message, mend: 'order the rungs by `count`, none twice' });
    }
    highest = Math.max(highest, count);
  }
}
