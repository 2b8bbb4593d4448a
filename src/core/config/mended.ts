// Parses YAML in spite of its traps: each is noted, read as it was meant, and the rest is parsed again.
// So one trap hides no problem behind it. Offsets are given in the text as the person wrote it.

import * as yaml from 'yaml';
import type { Problem } from './problem.ts';
import { trapsOn } from './traps.ts';

/** Each pass mends every line the parser stumbled over; a later one only what an earlier one uncovered. */
const MAX_PASSES = 6;
/** A text with more of them is no config with slips in it; parsing it again would only cost time. */
const MAX_ERRORS = 1_000;
const MAX_EDITS = 200;
/** Places looked at in one pass: a file with more is no config, and each costs time. */
const MAX_SPOTS = 500;
/** Nobody writes a longer line by hand. */
const MAX_LINE = 2_000;

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly meant: string;
}

export interface Mended {
  readonly document: yaml.Document.Parsed;
  /** The text the document was parsed from. */
  readonly text: string;
  /** Traps, each with its range. */
  readonly problems: readonly Problem[];
  /** From an offset in `text` to the offset in the person's text. */
  readonly origin: (offset: number) => number;
}

export function parseMended(written: string): Mended {
  const problems: Problem[] = [];
  let edits: Edit[] = [];
  for (let pass = 1; ; pass += 1) {
    const text = apply(written, edits);
    const document = yaml.parseDocument(text, {
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
      version: '1.2',
    });
    const origin = (offset: number): number => originOf(offset, edits);
    const found =
      pass < MAX_PASSES && edits.length < MAX_EDITS && document.errors.length < MAX_ERRORS
        ? findTraps(text, document, origin, edits)
        : [];
    if (found.length === 0) return { document, text, problems, origin };
    for (const { start, end, message, mend } of found) problems.push({ range: [start, end], message, mend });
    edits = [...edits, ...found].toSorted((left, right) => left.start - right.start);
  }
}

type Found = Edit & { readonly message: string; readonly mend: string };

/** Traps on the lines that the parser complains about or reads oddly, none where an edit stands already. */
function findTraps(
  text: string,
  document: yaml.Document.Parsed,
  origin: (offset: number) => number,
  edits: readonly Edit[],
): Found[] {
  const { odd, flows } = survey(document);
  const spots = [...document.errors, ...document.warnings].map(({ pos }) => pos[0]);
  const starts = new Set(
    [...spots.slice(0, MAX_SPOTS), ...odd.slice(0, MAX_SPOTS)].map((offset) => lineStart(text, offset)),
  );
  const found: Found[] = [];
  for (const start of starts) {
    if (found.length + edits.length >= MAX_EDITS) break;
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end);
    const inFlow = flows.some(([from, to]) => from < start && start < to);
    if (line.length > MAX_LINE) continue;
    for (const trap of trapsOn(line, inFlow)) {
      const [from, to] = [origin(start + trap.start), origin(start + trap.end)];
      if (edits.some((edit) => from < edit.end && edit.start < to)) continue;
      found.push({ start: from, end: to, meant: trap.meant, message: trap.message, mend: trap.mend });
    }
  }
  return found;
}

/** Places of nodes that people hardly ever mean, and the ranges of `{ }` and `[ ]`. */
function survey(document: yaml.Document.Parsed): { odd: number[]; flows: [number, number][] } {
  const odd: number[] = [];
  const flows: [number, number][] = [];
  yaml.visit(document, {
    Alias: (_, node) => void odd.push(node.range?.[0] ?? 0),
    Pair: (_, { key }) => {
      if (yaml.isMap(key) && Array.isArray(key.range)) odd.push(key.range[0]);
    },
    Collection: (_, node) => {
      if (node.flow === true && Array.isArray(node.range)) flows.push([node.range[0], node.range[1]]);
    },
    Scalar: (_, node) => {
      if (node.tag === '!' || node.anchor !== undefined) odd.push(node.range?.[0] ?? 0);
    },
  });
  return { odd, flows };
}

function lineStart(text: string, offset: number): number {
  return offset <= 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

function apply(written: string, edits: readonly Edit[]): string {
  let text = '';
  let from = 0;
  for (const { start, end, meant } of edits) {
    text += written.slice(from, start) + meant;
    from = end;
  }
  return text + written.slice(from);
}

function originOf(offset: number, edits: readonly Edit[]): number {
  let grown = 0;
  for (const { start, end, meant } of edits) {
    const begins = start + grown;
    if (offset <= begins) break;
    if (offset < begins + meant.length) return Math.min(start + (offset - begins), end);
    grown += meant.length - (end - start);
  }
  return offset - grown;
}
