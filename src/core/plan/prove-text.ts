// What is planted to prove a gate, in words.

import type { ProveConfig } from '../config/prove-schema.ts';

export function proveText({ write = {}, append = {}, remove = [], with: given = {} }: ProveConfig): string {
  const parts = [
    ['writes', Object.keys(write)],
    ['appends to', Object.keys(append)],
    ['removes', remove],
    ['sets', Object.keys(given)],
  ] as const;
  return parts
    .filter(([, names]) => names.length > 0)
    .map(([deed, names]) => `${deed} ${names.join(' ')}`)
    .join(', ');
}
