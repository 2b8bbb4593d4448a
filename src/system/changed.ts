// When a file or folder was last changed, by the wall clock. It follows links, and says nothing about what changed.

import { statSync } from 'node:fs';

/** Milliseconds since 1970; undefined when nothing is there. */
export function changedMs(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    return undefined;
  }
}
