// Collecting problems by path while walking a value that may be wrong anywhere.

import { MAX_PROBLEMS } from './limits.ts';
import type { Path, Problem } from './problem.ts';

export interface Mistake {
  readonly path: Path;
  readonly on?: 'key' | 'value';
  readonly message: string;
  readonly mend?: string;
}

export type Report = (mistake: Mistake) => void;

/** Entries of what may be a map: none when it is something else. */
export function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** Runs checks and returns what they reported, `on: 'value'` unless said otherwise. */
export function collect(check: (report: Report) => void): Problem[] {
  const problems: Problem[] = [];
  check((mistake) => {
    if (problems.length < MAX_PROBLEMS) problems.push({ on: 'value', ...mistake });
  });
  return problems;
}
