// How often a pattern matches. No match is zero; that the text itself is missing was decided before.

import type { Reading } from './evidence.ts';
import { searched, type Sought } from './regex.ts';

export function readCount(sought: Sought): Reading {
  return searched(sought, (matches) => {
    let value = 0;
    for (const _match of matches) value += 1;
    return { value };
  });
}
