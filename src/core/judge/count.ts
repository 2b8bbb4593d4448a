// How often a pattern matches. No match is zero; that the text itself is missing was decided before.

import type { Reading } from './evidence.ts';
import { matcherOf } from './regex.ts';

export function readCount(pattern: string, text: string): Reading {
  const matcher = matcherOf(pattern);
  if (matcher === undefined)
    return { unread: 'unreadable', detail: `has a pattern that does not compile: ${pattern}` };
  let value = 0;
  for (const _match of text.matchAll(matcher)) value += 1;
  return { value };
}
