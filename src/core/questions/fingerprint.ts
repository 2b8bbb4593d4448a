// The identity of a failure over its repeats: equal for what a person would call the same error, whatever its numbers say.

import { crc32Text } from '../crc32.ts';
import type { Outcome } from '../judge/evidence.ts';
import { errorOf } from './error.ts';

export interface FailureFacts {
  readonly task: string;
  readonly rung?: number | undefined;
  readonly outcome: Outcome | undefined;
  readonly reasons: readonly string[];
  readonly excerpt: string | undefined;
}

/** A bound that numbers of other lengths cannot shift much: the tail of a long error is no part of what it is. */
const COMPARED_LENGTH = 200;

/** Order matters: times and ids are recognised before their digits are. A code like TS2304 is a name, and stays. */
const PASSING: readonly (readonly [pattern: RegExp, stands: string])[] = [
  [/\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?/g, '<time>'],
  [/\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?\b/g, '<time>'],
  [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>'],
  [/\b0x[\da-f]+\b/gi, '<id>'],
  [
    /(?:\/private)?(?:\/var\/folders\/[^/\s]+\/[^/\s]+|\/(?:var\/)?tmp|\/dev\/shm)\/[^/\s:"'`)\],;]+/g,
    '<temp>',
  ],
  [/\b(?=[\da-f]*\d)(?=\d*[a-f])[\da-f]{6,}\b/gi, '<id>'],
  [/(?<![a-z_][\d.,]*)[+-]?\d[\d.,]*(?:e[+-]?\d+)?(?:\s?(?:ms|s|m|h|d|min|sec|seconds|minutes)\b)?/gi, '#'],
  [/#(?:\s*#)+/g, '#'],
  [/\s+/g, ' '],
];

/** Eight hex digits. */
export function fingerprintOf(facts: FailureFacts): string {
  const { task, rung, outcome = '' } = facts;
  const words = [task, rung ?? '', outcome, lasting(errorOf(facts)).slice(0, COMPARED_LENGTH)].join('\n');
  return crc32Text(words).toString(16).padStart(8, '0');
}

/** What stays of an error when it happens again. */
export function lasting(error: string): string {
  let text = error;
  for (const [pattern, stands] of PASSING) text = text.replace(pattern, stands);
  return text.trim();
}
