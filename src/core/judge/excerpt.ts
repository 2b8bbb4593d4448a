// The line of an output that best says what went wrong, fit for one line of a report. It reads a bounded tail, never a whole log.

import { CUT } from '../cut-text.ts';

const EXCERPT_LIMIT = 500;
/** Bounds what the patterns see. */
const LINE_LIMIT = 2_000;
/** Of a longer line its end is another one: what a progress bar led to stands behind it. */
const END_LENGTH = 400;

const ESCAPE = '\u001B';
const BELL = '\u0007';
/** Colours and cursor movements, titles and other strings up to the line's end, and two-character escapes. */
const ANSI: RegExp = new RegExp(
  [
    `${ESCAPE}\\[[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}\\][^${BELL}${ESCAPE}\\n]*(?:${BELL}|${ESCAPE}\\\\)?`,
    `${ESCAPE}[PX^_][^${ESCAPE}\\n]*(?:${ESCAPE}\\\\)?`,
    `${ESCAPE}[ -/]*[0-~]?`,
    '\u009B[0-?]*[ -/]*[@-~]',
  ].join('|'),
  'g',
);
const CONTROLS: RegExp = new RegExp(
  `[${codes([
    [0x00, 0x08],
    [0x0b, 0x1f],
    [0x7f, 0x9f],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x2069],
    [0xfeff, 0xfeff],
    [0xfffe, 0xffff],
  ])}]`,
  'g',
);

/** Most telling first; the first line of the best kind is taken, because the first error is most often the cause. */
const TELLING: readonly RegExp[] = [
  /^\s*(?:[\w.$]+(?:Error|Exception)\b(?:\s*\[|:)|panic:|fatal(?: error)?:|Fatal |thread '.*' panicked)/,
  /\berror(?:\[\w+\])?\s*(?:TS\d+)?\s*:|\berror\s+TS\d+|^\s*error\b/i,
  /^\s*(?:FAIL(?:ED)?\b|not ok\b|[✗✖×✘❯]\s|E\s{2,}\S)|\bAssertionError\b/,
  /\b(?:errors?|failed|failure|exception|cannot|can't|could not|unable to|not found|no such|denied|refused|undefined reference)\b/i,
];
const HARMLESS =
  /\b(?:0|no|without) (?:errors?|failures?|failed|problems?)\b|\b(?:errors?|failures?|failed)\s*[:=]\s*0\b/i;
/** Package managers repeat below the cause that a script failed. */
const ECHO = /^\s*(?:npm (?:ERR!|error)|ELIFECYCLE|error Command failed|make(?:\[\d+\])?: \*\*\*)/;

/** A line of source, quoted in a frame: what it says is not what went wrong. */
const FRAME = /^\s*\d*\s*[|│┃:]\s/;

const HEAP_MESSAGE =
  /JavaScript heap out of memory|Reached heap limit Allocation failed|ERR_WORKER_OUT_OF_MEMORY|CALL_AND_RETRY_LAST/;

export function excerptOf(tail: string): string | undefined {
  const lines = linesOf(tail);
  const candidates = lines.filter(({ text }) => ![HARMLESS, ECHO, FRAME].some((kind) => kind.test(text)));
  for (const kind of TELLING) {
    const telling = candidates.find(({ text }) => kind.test(text));
    if (telling !== undefined) return bounded(telling.text);
  }
  const last = saidAbove(candidates) ?? candidates.at(-1) ?? lines.at(-1);
  return last === undefined ? undefined : bounded(last.text);
}

interface Line {
  readonly text: string;
  readonly isIndented: boolean;
}

/** `program: message`, as programs speak of themselves. */
const MESSAGE = /^[\w./-]+: \S+\s+\S/;

/** An indented last line is the advice below a message: the message says more. */
function saidAbove(lines: readonly Line[]): Line | undefined {
  if (lines.at(-1)?.isIndented !== true) return undefined;
  const above = lines.findLast(({ isIndented }) => !isIndented);
  return above !== undefined && MESSAGE.test(above.text) ? above : undefined;
}

export function stripAnsi(text: string): string {
  return text.includes(ESCAPE) || text.includes('\u009B') ? text.replace(ANSI, '') : text;
}

/** Tabs and newlines stay; what a terminal would act on or hide goes. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, '');
}

/** What is shown of it: lines, without what a terminal acts on, or shows nothing of. */
export function shownText(text: string): string {
  return withoutControls(stripAnsi(text.replaceAll('\r', '\n')));
}

/** Whether there is any of that. */
export function holdsUnshown(text: string): boolean {
  return text.search(CONTROLS) >= 0;
}

/** The output names the limit of a JavaScript heap. */
export function heapMessage(tail: string): boolean {
  return HEAP_MESSAGE.test(tail);
}

/** Of a line that was written over (a progress bar), what was visible last. */
function linesOf(tail: string): readonly Line[] {
  const lines: Line[] = [];
  for (const written of stripAnsi(tail).split('\n')) {
    const visible = written.trimEnd();
    for (const part of partsOf(visible.slice(visible.lastIndexOf('\r') + 1))) {
      const line = withoutControls(part);
      const text = line.trim();
      if (text !== '') lines.push({ text, isIndented: /^\s/.test(line) });
    }
  }
  return lines;
}

function partsOf(line: string): readonly string[] {
  if (line.length <= LINE_LIMIT) return [line];
  const end = line.slice(-END_LENGTH).replace(/^[\uDC00-\uDFFF]/, '');
  return [line.slice(0, LINE_LIMIT) + CUT, CUT + end];
}

function bounded(line: string): string {
  const plain = line.replaceAll('\t', ' ');
  if (plain.length <= EXCERPT_LIMIT) return plain;
  const cut = plain.slice(0, EXCERPT_LIMIT - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

function codes(ranges: readonly (readonly [from: number, to: number])[]): string {
  return ranges.map(([from, to]) => `${String.fromCharCode(from)}-${String.fromCharCode(to)}`).join('');
}
