// The last match of a pattern with a named group `value`. It keeps one match at a time, however long the text is.

import type { Reading, Unread } from './evidence.ts';
import { numberFrom } from './number.ts';

/** A pattern can need longer than a night for a line of fifty letters, and nothing else happens meanwhile. */
export const PATTERN_LIMIT_MS = 10_000;

/** Does the work of one pattern, for at most `PATTERN_LIMIT_MS`. The core has no clock, so the world brings it. */
export type Search = <Found>(work: () => Found) => Found | 'too-long';

const UNBOUNDED: Search = (work) => work();

export interface Sought {
  readonly pattern: string;
  readonly text: string;
  readonly search?: Search | undefined;
}

export function readRegex(sought: Sought, where: string): Reading {
  const found = lastValue(sought, where);
  return typeof found === 'string' ? numberFrom(found, where) : found;
}

/** The text of the group `value` in the last match: an earlier number is never taken for the last one. */
export function lastValue(sought: Sought, where: string): string | Unread {
  const found = searched(sought, (matches) => {
    let last: RegExpExecArray | undefined;
    for (const match of matches) last = match;
    return { value: last?.groups?.['value'] };
  });
  if ('unread' in found) return found;
  return found.value ?? { unread: 'missing', detail: `was not found in ${where}` };
}

/** What `look` makes of all matches, or why they cannot be had. */
export function searched<Found extends object>(
  { pattern, text, search = UNBOUNDED }: Sought,
  look: (matches: Iterable<RegExpExecArray>) => Found,
): Found | Unread {
  const matcher = matcherOf(pattern);
  if (matcher === undefined) return unreadable(`has a pattern that does not compile: ${pattern}`);
  try {
    const found = search(() => look(text.matchAll(matcher)));
    if (found !== 'too-long') return found;
    return unreadable(
      `has a pattern that took longer than ${PATTERN_LIMIT_MS / 1000} s, so write one without repeats inside repeats: ${pattern}`,
    );
  } catch (error) {
    // What a pattern has to remember of a text has a bound in the engine, and only this error tells that it was met.
    if (!(error instanceof RangeError)) throw error;
    return unreadable(
      `has a pattern that a text of this length is too much for, so bound its repeats: ${pattern}`,
    );
  }
}

function unreadable(detail: string): Unread {
  return { unread: 'unreadable', detail };
}

/** Multiline and global, as every pattern in a config is read. */
function matcherOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'gm');
  } catch {
    return undefined;
  }
}
