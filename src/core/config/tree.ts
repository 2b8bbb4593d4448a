// YAML text → plain value, the place of every part, and every problem of the YAML itself.
// No alias is followed and no tag obeyed, so a value is never larger than its text.

import { clip } from './describe.ts';
import { MAX_CONFIG_LENGTH, MAX_DEPTH, MAX_NODES } from './limits.ts';
import { parseMended } from './mended.ts';
import type { Path, Problem } from './problem.ts';
import { syntaxProblems } from './syntax.ts';
import { nameOf, type Range, Walk } from './walk.ts';

export interface Tree {
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Nothing was lost to a syntax error: what is missing here is missing in the file. */
  readonly isWhole: boolean;
  rangeOf(path: Path, on: 'key' | 'value'): Range | undefined;
  /** Whether this place has its problem already, so that another one would only repeat it. */
  isReported(path: Path): boolean;
}

/** Deep at a glance: the parser would take seconds to say the same. */
const DEEP = new RegExp(`(?:[[{]\\s*){${2 * MAX_DEPTH}}|(?:[-?] +){${2 * MAX_DEPTH}}`);

/** The tree of a text; `value` is undefined when nothing of it can be read. */
export function readTree(text: string): Tree {
  if (text.length > MAX_CONFIG_LENGTH) {
    const size = `${Math.round(text.length / 1024)} KiB`;
    return nothing(
      `the file has ${size}; a config may have ${MAX_CONFIG_LENGTH / 1024} KiB`,
      'keep data out of the config, in files of its own',
    );
  }
  if (DEEP.test(text)) return tooDeep();
  try {
    return treeOf(text);
  } catch (error) {
    // The parser of `yaml` recurses, so a file can be nested too deeply even for it.
    if (!(error instanceof RangeError)) throw error;
    return tooDeep();
  }
}

function tooDeep(): Tree {
  return nothing(`nested deeper than ${MAX_DEPTH} levels`, 'check the brackets and the indentation');
}

function nothing(message: string, mend: string): Tree {
  const problems = [{ range: [0, 0] as const, message, mend }];
  return { value: undefined, problems, isWhole: false, rangeOf: () => undefined, isReported: () => true };
}

function treeOf(text: string): Tree {
  const mended = parseMended(text);
  const { document, origin } = mended;
  const walk = new Walk(mended.text, origin);
  const value = walk.read(document.contents, []);
  if (walk.isTooLarge)
    return nothing(`more than ${MAX_NODES} values`, 'keep data out of the config, in files of its own');
  if (walk.isTooDeep) return tooDeep();
  const syntax = syntaxProblems(mended.text, document.errors, origin);
  if (document.directives.yaml.explicit === true) {
    syntax.push({ range: [0, 1], message: 'a `%` directive is not read here', mend: 'remove it' });
  }
  for (const { code, message, pos } of document.warnings) {
    if (code === 'TAG_RESOLVE_FAILED') continue;
    const words = `YAML warns: ${clip(message.charAt(0).toLowerCase() + message.slice(1), 120)}`;
    syntax.push({ range: [origin(pos[0]), origin(pos[1])], message: words, mend: 'quote the value' });
  }
  const trapped = [...mended.problems, ...syntax].flatMap(({ range }) =>
    range === undefined ? [] : [range],
  );
  const rangeOf = (path: Path, on: 'key' | 'value'): Range | undefined => walk.places.get(nameOf(path))?.[on];
  const isReported = (path: Path): boolean => {
    if (path.some((_, index) => walk.reported.has(nameOf(path.slice(0, index + 1))))) return true;
    const range = rangeOf(path, 'value');
    return range !== undefined && trapped.some(([start, end]) => range[0] < end && start < range[1]);
  };
  const problems = [...mended.problems, ...syntax, ...walk.problems];
  return { value, problems, isWhole: document.errors.length === 0, rangeOf, isReported };
}
