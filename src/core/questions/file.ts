// A questions file that people write in too, brought up to what the fold says. It works on bytes: whatever people wrote survives.

import type { QuestionProgress } from '../loop/progress.ts';
import { wholeSeconds } from './capture.ts';

const UTF8 = new TextEncoder();
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const MARK: Uint8Array = UTF8.encode('<!-- gate-run ');
/** A longer comment is not ours. */
const STATE_LIMIT = 200;
const STATE = /^<!-- gate-run ([0-9a-f]{8}) seen \d+ last \S+ (?:open|closed) -->/;

/** Where a state comment stands in the bytes. */
interface StatePlace {
  readonly fingerprint: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Known entries get their state comment changed and nothing else; unknown open ones are appended. A closed question without an entry
 * is one whose entry somebody took out after it was answered: it stays out.
 */
export function mergeQuestions(existing: Uint8Array, questions: readonly QuestionProgress[]): Uint8Array {
  const places = statePlaces(existing);
  const byFingerprint = new Map(questions.map((question) => [question.fingerprint, question]));
  const pieces: Uint8Array[] = [];
  const known = new Set<string>();
  let done = 0;
  for (const { fingerprint, start, end } of places) {
    known.add(fingerprint);
    const question = byFingerprint.get(fingerprint);
    if (!question) continue;
    pieces.push(existing.subarray(done, start), UTF8.encode(stateText(question)));
    done = end;
  }
  pieces.push(existing.subarray(done));
  const isCrlf = usesCrlf(existing);
  let isEmpty = existing.length === 0;
  let gap = isEmpty ? '' : gapAfter(existing);
  for (const question of byFingerprint.values()) {
    if (known.has(question.fingerprint) || question.closedAt !== undefined) continue;
    const entry = `${isEmpty ? '' : gap}${question.text.trimEnd()}\n${stateText(question)}\n`;
    pieces.push(UTF8.encode(isCrlf ? entry.replaceAll('\n', '\r\n') : entry));
    isEmpty = false;
    gap = '\n';
  }
  return joined(pieces);
}

/** `<!-- gate-run 7c1f03aa seen 3 last 2026-02-10T09:12:41Z open -->`. */
export function stateText({ fingerprint, seen, lastAt, closedAt }: QuestionProgress): string {
  const state = closedAt === undefined ? 'open' : 'closed';
  return `<!-- gate-run ${fingerprint} seen ${seen} last ${wholeSeconds(lastAt)} ${state} -->`;
}

/** A state comment begins its line, so that an error text which looks like one is none. */
function statePlaces(bytes: Uint8Array): readonly StatePlace[] {
  const places: StatePlace[] = [];
  for (let line = 0; line < bytes.length;) {
    let start = line;
    while (bytes[start] === SPACE || bytes[start] === TAB) start += 1;
    if (hasAt(bytes, start, MARK)) {
      const found = STATE.exec(String.fromCharCode(...bytes.subarray(start, start + STATE_LIMIT)));
      if (found) places.push({ fingerprint: found[1] ?? '', start, end: start + found[0].length });
    }
    const newline = bytes.indexOf(NEWLINE, start);
    line = newline < 0 ? bytes.length : newline + 1;
  }
  return places;
}

function hasAt(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  return part.every((byte, index) => bytes[at + index] === byte);
}

/** As the file's first line ends, so its new ones do. */
function usesCrlf(bytes: Uint8Array): boolean {
  const first = bytes.indexOf(NEWLINE);
  return first > 0 && bytes[first - 1] === RETURN;
}

/** What keeps a new entry one blank line away from the text above it. */
function gapAfter(bytes: Uint8Array): string {
  if (bytes.at(-1) !== NEWLINE) return '\n\n';
  const before = bytes.at(-2) === RETURN ? bytes.at(-3) : bytes.at(-2);
  return before === NEWLINE || before === undefined ? '' : '\n';
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
