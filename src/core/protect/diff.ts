// Two texts → what differs, as a unified diff of a few lines. A difference that is too large is not searched for its shortest form.

import { cutAt } from '../cut-text.ts';

/** Lines around a difference. */
const CONTEXT = 2;
/** Cells of the table of common lines; beyond it everything between the first and the last difference is one. */
const MOST_CELLS = 250_000;
const LINE_LENGTH = 200;

export interface DiffLimits {
  /** Lines at most, the two of the head among them. */
  readonly lines: number;
}

interface Edit {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** Without a newline at the end; empty where nothing differs. */
export function unifiedDiff(path: string, before: string, after: string, { lines }: DiffLimits): string {
  const edits = editsOf(linesOf(before), linesOf(after));
  const shown = hunks(edits);
  if (shown.length === 0) return '';
  const head = [`--- ${path} (noted)`, `+++ ${path} (now)`];
  const room = Math.max(1, lines - head.length);
  const rest = shown.length - room;
  const body = rest > 0 ? [...shown.slice(0, room - 1), `… ${rest + 1} more lines`] : shown;
  return [...head, ...body].join('\n');
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else if (lines.length > 0) lines[lines.length - 1] += ' (no newline at the end)';
  return lines;
}

function editsOf(before: readonly string[], after: readonly string[]): readonly Edit[] {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let [lastBefore, lastAfter] = [before.length, after.length];
  while (lastBefore > from && lastAfter > from && before[lastBefore - 1] === after[lastAfter - 1]) {
    lastBefore -= 1;
    lastAfter -= 1;
  }
  return [
    ...same(before.slice(0, from)),
    ...between(before.slice(from, lastBefore), after.slice(from, lastAfter)),
    ...same(before.slice(lastBefore)),
  ];
}

const same = (texts: readonly string[]): Edit[] => texts.map((text) => ({ mark: ' ', text }));
const gone = (text = ''): Edit => ({ mark: '-', text });
const come = (text = ''): Edit => ({ mark: '+', text });

function between(before: readonly string[], after: readonly string[]): readonly Edit[] {
  if (before.length * after.length > MOST_CELLS)
    return [...before.map((line) => gone(line)), ...after.map((line) => come(line))];
  const common = commonLines(before, after);
  const width = after.length + 1;
  const edits: Edit[] = [];
  let [at, to] = [0, 0];
  while (at < before.length && to < after.length) {
    if (before[at] === after[to]) {
      edits.push({ mark: ' ', text: before[at] ?? '' });
      at += 1;
      to += 1;
    } else if ((common[(at + 1) * width + to] ?? 0) >= (common[at * width + to + 1] ?? 0)) {
      edits.push(gone(before[at]));
      at += 1;
    } else {
      edits.push(come(after[to]));
      to += 1;
    }
  }
  return [
    ...edits,
    ...before.slice(at).map((line) => gone(line)),
    ...after.slice(to).map((line) => come(line)),
  ];
}

/** How many lines two texts have in common from each pair of places on. */
function commonLines(before: readonly string[], after: readonly string[]): Uint16Array {
  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  for (let at = before.length - 1; at >= 0; at -= 1) {
    for (let to = after.length - 1; to >= 0; to -= 1) {
      const cell = at * width + to;
      common[cell] =
        before[at] === after[to]
          ? (common[cell + width + 1] ?? 0) + 1
          : Math.max(common[cell + width] ?? 0, common[cell + 1] ?? 0);
    }
  }
  return common;
}

/** Only what differs and a little around it, each part under its place. */
function hunks(edits: readonly Edit[]): readonly string[] {
  const lines: string[] = [];
  let [before, after, last] = [1, 1, -1];
  edits.forEach((edit, at) => {
    const isNear = edits.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ mark }) => mark !== ' ');
    if (isNear) {
      if (last !== at - 1 || lines.length === 0) lines.push(`@@ -${before} +${after} @@`);
      lines.push(edit.mark + cutAt(edit.text, LINE_LENGTH));
      last = at;
    }
    if (edit.mark !== '+') before += 1;
    if (edit.mark !== '-') after += 1;
  });
  return lines;
}
