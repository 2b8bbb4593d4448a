// The one line that says what went wrong with a task: its first reason, with the output's own words where the process itself failed.

import type { Outcome } from '../judge/evidence.ts';

export interface ErrorFacts {
  readonly outcome: Outcome | undefined;
  readonly reasons: readonly string[];
  readonly excerpt?: string | undefined;
}

const ERROR_LIMIT = 500;

export function errorOf({ outcome, reasons, excerpt }: ErrorFacts): string {
  const [first = 'no reason is known'] = reasons;
  // After exit 0 a threshold or a metric is what failed, and any line of the output would only mislead.
  const speaks = outcome !== 'exited' || first.startsWith('exit ');
  return excerpt === undefined || !speaks ? singleLine(first) : singleLine(`${first}: ${excerpt}`);
}

/** Fit to stand in one line of a file: no line breaks, no control characters, bounded. */
export function singleLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  if (line.length <= ERROR_LIMIT) return line;
  return `${line.slice(0, ERROR_LIMIT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
