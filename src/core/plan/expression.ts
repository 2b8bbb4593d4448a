// `exit.when` as written → checked: every variable is a measure, every operation fits its types, and something is read.

import { nearest } from '../config/nearest.ts';
import type { Path } from '../config/problem.ts';
import { unreachable } from '../unreachable.ts';
import type { Measures } from './measures.ts';
import type { ExpressionPlan, Measure, Variable } from './ends-plan.ts';
import type { Reader } from './reader.ts';

/** A mistake in an expression, with its place in the text. */
export interface Fault {
  readonly message: string;
  readonly mend?: string;
  readonly range: readonly [start: number, end: number];
}

export interface Named {
  readonly name: string;
  readonly range: readonly [start: number, end: number];
}

/** The expression language, from behind its one door. */
export interface Expressions {
  /** The variables that a text names, each once; or why it is no expression. */
  readonly read: (text: string) => { readonly names: readonly Named[] } | { readonly fault: Fault };
  /** Whether the types fit, and the whole is a condition. */
  readonly check: (expression: ExpressionPlan) => Fault | undefined;
  readonly holds: (expression: ExpressionPlan, values: ReadonlyMap<string, number>) => boolean | undefined;
}

interface Place {
  readonly path: Path;
  readonly reader: Reader;
  readonly measures: Measures;
  readonly expressions: Expressions | undefined;
}

const OVER = /^(.+)_over_([1-9]\d{0,3})$/;
const LEAST_OVER = 2;
const MOST_OVER = 1000;
const NAMES_SHOWN = 24;

/** Undefined after a problem, and where there is none. */
export function readExpression(written: string | undefined, place: Place): ExpressionPlan | undefined {
  const { path, reader, expressions, measures } = place;
  const filled = written === undefined || written === 'never' ? undefined : reader.text(written, path);
  if (filled === undefined || expressions === undefined) return undefined;
  const text = filled.trim();
  const checked = checkedExpression(text, variablesOf(measures), expressions);
  if (!Array.isArray(checked)) return checked;
  for (const { message, mend, range } of checked)
    reader.say(path, message, { ...(mend !== undefined && { mend }), part: { of: text, range } });
  return undefined;
}

function checkedExpression(
  text: string,
  variables: ReadonlyMap<string, readonly Known[]>,
  { read, check, holds }: Expressions,
): ExpressionPlan | Fault[] {
  const slip = spelledOtherwise(text, variables);
  if (slip) return [slip];
  const found = read(text);
  if ('fault' in found) return [found.fault];
  const range: Fault['range'] = [0, text.length];
  if (found.names.length === 0)
    return [{ message: 'it looks at no measure, so it holds always or never', range }];
  const faults: Fault[] = [];
  const reads: Variable[] = [];
  for (const named of found.names) {
    const one = resolve(named, variables);
    if ('message' in one) faults.push(one);
    else reads.push(one);
  }
  if (faults.length > 0) return faults;
  const wrong = check({ text, reads });
  if (wrong) return [wrong];
  const expression = { text: onOneLine(text), reads };
  return holds(expression, AT_THE_START) === true
    ? [{ message: 'it holds from the start, and would end every run at once', range }]
    : expression;
}

/** As it is told and recorded: without comments, in one line; what is quoted stays as it is. */
function onOneLine(text: string): string {
  return text.replaceAll(QUOTED_OR_BETWEEN, (_, quoted?: string) => quoted ?? ' ').trim();
}

/** From left to right: a quote inside a comment begins no text, and slashes inside a text no comment. */
const QUOTED_OR_BETWEEN = /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?:\/\/.*|\s)+/g;

/** What is known before the first cycle; shares, rates and metrics are not. */
const AT_THE_START: ReadonlyMap<string, number> = new Map(
  [
    'cycles',
    'runtime',
    'failures_in_a_row',
    'broken_in_a_row',
    'oom_in_a_row',
    'same_error',
    'accepted',
    'since_champion',
  ].map((name) => [name, 0]),
);

export interface Known extends Variable {
  /** Whether `_over_N` may stand behind it. */
  readonly looksBack: boolean;
}

/** Every measure as expressions name it; several under one name are kept apart by nobody. */
export function variablesOf(measures: Measures): ReadonlyMap<string, readonly Known[]> {
  const found = new Map<string, Known[]>();
  for (const of of measures.names()) {
    const measure = measures.peek(of)?.measure;
    if (!measure) continue;
    const name = spelled(of);
    const same = found.get(name) ?? [];
    found.set(name, same);
    const looksBack = mayLookBack(measure);
    same.push({ name, of, measure, over: undefined, type: typeOf(measure), looksBack });
  }
  return found;
}

function spelled(measure: string): string {
  return measure.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

function typeOf({ kind }: Measure): Variable['type'] {
  switch (kind) {
    case 'runtime':
      return 'duration';
    case 'cycles':
    case 'distinct':
    case 'failures-in-a-row':
    case 'broken-in-a-row':
    case 'oom-in-a-row':
    case 'same-error':
    case 'no-progress':
    case 'accepted':
    case 'since-champion':
      return 'int';
    case 'metric':
    case 'tokens':
    case 'cost':
    case 'failure-rate':
    case 'cycles-per-hour':
      return 'double';
    default:
      return unreachable(kind);
  }
}

/** `failures-in-a-row` would be a subtraction, and `edge.sd` a part of a number. */
function spelledOtherwise(text: string, variables: ReadonlyMap<string, readonly Known[]>): Fault | undefined {
  for (const { of, name } of [...variables.values()].flat()) {
    if (of === name) continue;
    const pattern = new RegExp(
      `(?<![\\w.-])${of.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}(?![\\w.-])`,
    );
    const at = pattern.exec(text)?.index;
    if (at === undefined) continue;
    return {
      message: `\`${of}\` is no name in an expression`,
      mend: `\`-\` and \`.\` are written as \`_\`: \`${name}\``,
      range: [at, at + of.length],
    };
  }
  return undefined;
}

function resolve({ name, range }: Named, variables: ReadonlyMap<string, readonly Known[]>): Variable | Fault {
  const [, bare = name, over] = variables.has(name) ? [] : (OVER.exec(name) ?? []);
  const [first, second] = variables.get(bare) ?? [];
  if (!first) return unknown({ name, range }, [...variables.keys()]);
  if (second) {
    const message = `\`${bare}\` may be ${[first, second].map(({ of }) => `\`${of}\``).join(' or ')}`;
    return { message, mend: 'rename one of them', range };
  }
  const { looksBack, ...variable } = first;
  if (over === undefined) return variable;
  const count = Number(over);
  if (!looksBack) {
    const message = `\`_over_${over}\` means nothing for \`${first.of}\``;
    return { message, mend: `write \`${bare}\``, range };
  }
  if (count >= LEAST_OVER && count <= MOST_OVER) return { ...variable, name, over: count };
  return { message: `\`over_${over}\` is no number of cycles from ${LEAST_OVER} to ${MOST_OVER}`, range };
}

function mayLookBack(measure: Measure): boolean {
  if (measure.kind === 'metric') return measure.statistic === 'sd' || measure.statistic === 'mean';
  return measure.kind === 'failure-rate' || measure.kind === 'cycles-per-hour';
}

function unknown({ name, range }: Named, known: readonly string[]): Fault {
  const near = nearest(name, known);
  const message = `unknown variable \`${name}\`${near === undefined ? '' : ` — did you mean \`${near}\`?`}`;
  const mend = `known are ${known.slice(0, NAMES_SHOWN).join(', ')}; \`gate-run explain exit\` lists all`;
  return near === undefined ? { message, mend, range } : { message, range };
}
