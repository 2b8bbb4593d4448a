// Problems as people read them: place and message, a frame with a caret under the mistake, the mend.

import type { Path, PlacedProblem, Problem } from './problem.ts';
import { locateIn } from './locate.ts';
import { readTree, type Tree } from './tree.ts';

/** More would scroll the first, and mostly the cause of the others, off the screen. */
export const MAX_SHOWN: number = 40;
/** A slip that runs through a whole file is one thing to learn, and many places to mend. */
const ALIKE_SHOWN = 3;
const LINES_SHOWN = 20;
/** What of a long line is shown around the mistake. */
const MAX_WIDTH = 100;
const TAB = '  ';

interface Placed {
  readonly problem: Problem;
  readonly file: string;
  readonly text: string | undefined;
  readonly range: readonly [number, number] | undefined;
}

/** All problems, by file and place, up to a limit; `texts` are the files by the names the problems carry. */
export function renderProblems(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
  { color }: { readonly color: boolean },
): string {
  const trees = new Map<string, Tree>();
  const placed = problems.map((problem) => placeOf(problem, texts, trees));
  const files = [...new Set(placed.map(({ file }) => file))];
  placed.sort((left, right) => {
    const byFile = files.indexOf(left.file) - files.indexOf(right.file);
    return byFile === 0 ? (left.range?.[0] ?? 0) - (right.range?.[0] ?? 0) : byFile;
  });
  const groups = folded(placed);
  const shown = groups
    .slice(0, MAX_SHOWN)
    .map(({ first, like }) => render(first, color) + (like.length > 0 ? `\n  ${likeText(like)}` : ''));
  const left = groups.slice(MAX_SHOWN).reduce((sum, { like }) => sum + 1 + like.length, 0);
  if (left > 0) shown.push(`and ${left} more`);
  return shown.length === 0 ? '' : `${shown.join('\n\n')}\n`;
}

interface Group {
  readonly first: Placed;
  /** Those that say the same elsewhere. */
  readonly like: Placed[];
}

/** The first few that say the same of one file stand for themselves; all others stand behind the last of these. */
function folded(placed: readonly Placed[]): readonly Group[] {
  const groups: Group[] = [];
  const same = new Map<string, Group[]>();
  for (const one of placed) {
    const key = JSON.stringify([one.file, one.problem.message]);
    const alike = same.get(key) ?? [];
    same.set(key, alike);
    const last = alike.at(-1);
    if (last !== undefined && alike.length >= ALIKE_SHOWN) last.like.push(one);
    else {
      const group = { first: one, like: [] };
      alike.push(group);
      groups.push(group);
    }
  }
  return groups;
}

function likeText(like: readonly Placed[]): string {
  const lines = like.flatMap(({ text, range }) =>
    text === undefined || range === undefined ? [] : [lineAndColumn(text, range[0]).line],
  );
  const shown = [...new Set(lines)].slice(0, LINES_SHOWN);
  const more = new Set(lines).size > shown.length ? ' …' : '';
  const where =
    shown.length === 0 ? '' : `, on line${shown.length > 1 ? 's' : ''} ${shown.join(', ')}${more}`;
  return `and ${like.length} more like it${where}`;
}

/** The same problems for programs: with line and column in place of a frame. */
export function placesOf(
  problems: readonly Problem[],
  texts: ReadonlyMap<string, string>,
): readonly PlacedProblem[] {
  const trees = new Map<string, Tree>();
  return problems.map((problem) => {
    const { file, text, range } = placeOf(problem, texts, trees);
    const { path, message, mend } = problem;
    const place = text === undefined || range === undefined ? undefined : lineAndColumn(text, range[0]);
    const said = {
      ...(file !== '' && { file }),
      ...place,
      ...(path !== undefined && { path: dotted(path) }),
      message,
    };
    return mend === undefined ? said : { ...said, mend };
  });
}

/** 1-based line and column of an offset. */
export function lineAndColumn(
  text: string,
  offset: number,
): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const start = before.lastIndexOf('\n') + 1;
  const isMarked = start === 0 && text.startsWith('\uFEFF') && offset > 0;
  return { line: before.split('\n').length, column: offset - start + (isMarked ? 0 : 1) };
}

function placeOf(problem: Problem, texts: ReadonlyMap<string, string>, trees: Map<string, Tree>): Placed {
  const file = problem.file ?? '';
  const text = texts.get(file);
  let range = problem.range;
  if (range === undefined && problem.path !== undefined && text !== undefined) {
    const tree = trees.get(file) ?? readTree(text);
    trees.set(file, tree);
    range = partOf(text, locateIn(tree, problem.path, problem.on ?? 'value'), problem.part);
  }
  return { problem, file, text, range };
}

/** Where the value stands in the file as it was read; a folded or escaped one is marked whole. */
function partOf(
  text: string,
  [start, end]: readonly [number, number],
  part: Problem['part'],
): readonly [number, number] {
  const at = part ? text.slice(start, end).indexOf(part.of) : -1;
  return part && at >= 0 ? [start + at + part.range[0], start + at + part.range[1]] : [start, end];
}

function render({ problem, file, text, range }: Placed, color: boolean): string {
  const paint = (code: number, words: string): string => (color ? `\u001B[${code}m${words}\u001B[0m` : words);
  const mend = problem.mend === undefined ? [] : [`  ${paint(36, problem.mend)}`];
  if (text === undefined || range === undefined) {
    const at = problem.path === undefined || problem.path.length === 0 ? '' : `${dotted(problem.path)}: `;
    const place = file === '' ? '' : `${paint(1, file)}  `;
    return [`${place}${at}${paint(31, problem.message)}`, ...mend].join('\n');
  }
  const { line, column } = lineAndColumn(text, range[0]);
  const head = `${paint(1, `${file}:${line}:${column}`)}  ${paint(31, problem.message)}`;
  return [head, ...frame(text, range, line, paint), ...mend].join('\n');
}

/** The line of the mistake and the marks under it; of a long line only the part around it. */
function frame(
  text: string,
  [start, end]: readonly [number, number],
  line: number,
  paint: (code: number, words: string) => string,
): string[] {
  const from = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const to = text.indexOf('\n', from);
  const whole = text.slice(from, to < 0 ? text.length : to).replace(/\r$/, '');
  if (whole.replace('\uFEFF', '').trim() === '') return [];
  const skipped = Math.max(0, Math.min(start - from - MAX_WIDTH / 2, whole.length - MAX_WIDTH));
  const left = (skipped > 0 ? '…' : '') + show(whole.slice(skipped, start - from));
  const isClipped = whole.length > skipped + MAX_WIDTH;
  const right = show(whole.slice(start - from, skipped + MAX_WIDTH)) + (isClipped ? '…' : '');
  const marked = show(whole.slice(start - from, Math.min(end - from, skipped + MAX_WIDTH)));
  const number = String(line).padStart(3);
  const marks = ' '.repeat(widthOf(left)) + '^'.repeat(Math.max(1, widthOf(marked.trimEnd())));
  const bar = paint(2, '│');
  return [`${paint(2, number)} ${bar} ${left}${right}`.trimEnd(), `    ${bar} ${paint(31, marks)}`];
}

function show(piece: string): string {
  return piece.replaceAll('\t', TAB).replaceAll(/[\p{Cc}\uFEFF]/gu, '');
}

/** Columns of a terminal: East Asian letters and emoji take two, marks that join take none. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) {
    if (/\p{Mn}|\u200D|\uFE0F/u.test(letter)) continue;
    const isWide =
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uFF01-\uFF60]/u.test(letter);
    width += isWide || /\p{Emoji_Presentation}/u.test(letter) ? 2 : 1;
  }
  return width;
}

function dotted(path: Path): string {
  return path.join('.');
}
