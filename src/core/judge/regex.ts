// The last match of a pattern with a named group `value`. It keeps one match at a time, however long the text is.

import type { Reading, Unread } from './evidence.ts';
import { numberFrom } from './number.ts';

export function readRegex(pattern: string, text: string, where: string): Reading {
  const found = lastValue(pattern, text, where);
  return typeof found === 'string' ? numberFrom(found, where) : found;
}

/** The text of the group `value` in the last match: an earlier number is never taken for the last one. */
export function lastValue(pattern: string, text: string, where: string): string | Unread {
  const matcher = matcherOf(pattern);
  if (matcher === undefined)
    return { unread: 'unreadable', detail: `has a pattern that does not compile: ${pattern}` };
  let last: RegExpExecArray | undefined;
  for (const match of text.matchAll(matcher)) last = match;
  return last?.groups?.['value'] ?? { unread: 'missing', detail: `was not found in ${where}` };
}

/** Multiline and global, as every pattern in a config is read. */
export function matcherOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'gm');
  } catch {
    return undefined;
  }
}
