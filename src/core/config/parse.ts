// Text or value → checked config or gate file, or every problem at once, each with its place.

import type * as z from 'zod';
import type { ConfigFile, GateFile } from './config.ts';
import { isMap } from '../is-map.ts';
import { describe } from './describe.ts';
import { gateFile } from './gate-schema.ts';
import { configFile } from './loop-schema.ts';
import { plainValue } from './plain-value.ts';
import type { Checked, Path, Problem } from './problem.ts';
import { restOf, type Rest } from './rest.ts';
import type { FileKind } from './room.ts';
import { configRules, gateRules } from './rules.ts';
import { readTree, type Tree } from './tree.ts';
import { schemaProblems } from './words.ts';

/** A checked config; or its problems, beside what is left of it without them. */
export type CheckedConfig = Checked<ConfigFile> & { readonly rest?: Rest<ConfigFile> | undefined };

/** A `loop.config.yaml` or `.json`. */
export function parseConfig(text: string, file: string): CheckedConfig {
  const tree = readTree(text);
  const checked = parse(tree, file, 'loop', configFile);
  if (checked.problems === undefined) return checked;
  const lost = tree.problems.length > 0 ? text : undefined;
  const isReported = (path: Path) => tree.isReported(path);
  return { ...checked, rest: restOf({ value: tree.value, told: checked.problems, isReported, text: lost }) };
}

/** A file of `gates/`. */
export function parseGateFile(text: string, file: string): Checked<GateFile> {
  return parse(readTree(text), file, 'gate', gateFile);
}

/** What a config in TypeScript or JavaScript exports: problems have paths, but no place in a text. */
export function checkConfig(value: unknown, file: string): CheckedConfig {
  const plain = plainValue(value);
  const problems = [...plain.problems];
  if (!isMap(plain.value)) {
    if (problems.length === 0) problems.push(noMap(plain.value, 'loop'));
  } else {
    problems.push(...contentProblems(plain.value, 'loop'));
  }
  if (problems.length === 0) return { value: configFile.parse(plain.value) };
  const rest = restOf({ value: plain.value, told: problems });
  return { problems: problems.map((problem) => ({ file, ...problem })), rest };
}

function parse<File>(tree: Tree, file: string, kind: FileKind, schema: z.ZodType<File>): Checked<File> {
  const problems = [...tree.problems];
  if (isMap(tree.value)) {
    const content = contentProblems(tree.value, kind);
    problems.push(
      ...content.filter((problem) => isNews(problem, tree)).map((problem) => placed(problem, tree)),
    );
  } else if (problems.length === 0) {
    problems.push({ range: [0, 0], ...noMap(tree.value, kind) });
  }
  if (problems.length > 0) return { problems: inOrder(problems.map((problem) => ({ file, ...problem }))) };
  return { value: schema.parse(tree.value) };
}

function contentProblems(value: unknown, kind: FileKind): Problem[] {
  const schema = kind === 'loop' ? configFile : gateFile;
  const rules = kind === 'loop' ? configRules(value) : gateRules(value);
  const later = rules.filter(({ message }) => message.endsWith('is not built yet'));
  const shape = schemaProblems({ schema, value, kind });
  return [...shape.filter(({ path = [] }) => !later.some((one) => isUnder(path, one.path ?? []))), ...rules];
}

function isUnder(path: Path, above: Path): boolean {
  return above.every((part, index) => path[index] === part);
}

function noMap(value: unknown, kind: FileKind): { message: string; mend: string } {
  const mend = kind === 'loop' ? '`gate-run init` writes a first one' : 'start with `about: WHAT IT PROVES`';
  if (value === null || value === undefined) return { message: 'the file is empty', mend };
  return { message: `expected a map of keys, not ${describe(value)}`, mend };
}

/** Whether a problem says more than what is told about the same place already. */
function isNews({ path, on, message }: Problem, tree: Tree): boolean {
  if (!tree.isWhole && /^(?:missing key|this \w+ has nothing|phase .* has neither)/.test(message))
    return false;
  if (path === undefined) return true;
  return on === 'key' && message.startsWith('unknown key') ? true : !tree.isReported(path);
}

function placed(problem: Problem, tree: Tree): Problem {
  const path: Path = problem.path ?? [];
  const range = tree.rangeOf(path, problem.on ?? 'value') ?? [0, 0];
  // A missing key of the whole file has no line of its own.
  return { ...problem, range: path.length === 0 ? [range[0], range[0]] : range };
}

function inOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((left, right) => (left.range?.[0] ?? 0) - (right.range?.[0] ?? 0));
}
