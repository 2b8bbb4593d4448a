// What each attempt will do, drawn from the seed and from nothing else: the next cycle meets the same fates.

import type { AttemptRef } from '../core/cycle/event.ts';
import type { Evidence, ProcessEnd } from '../core/judge/evidence.ts';
import { Dice } from './random.ts';

export interface Fate {
  readonly end: ProcessEnd;
  /** Ends by itself after so long; undefined: it would run for ever. */
  readonly durationMs: number | undefined;
  /** How long after TERM it ends; undefined: it ignores TERM. */
  readonly termMs: number | undefined;
  /** Silent from here on. */
  readonly quietFromMs: number | undefined;
  readonly metric: Evidence['metrics'][string];
  readonly unmet: boolean;
  /** How long the answer to a `when` takes. */
  readonly answerMs: number;
}

const ENDS: readonly ProcessEnd[] = [
  { code: 1 },
  { code: 2 },
  { code: 75 },
  { code: 127 },
  { code: 137 },
  { signal: 'SIGSEGV' },
  { signal: 'SIGKILL' },
  { notStarted: 'not-found', detail: 'no such command' },
  { storage: 'ENOSPC' },
];

export function fateOf(seed: number, { task, rung, attempt }: AttemptRef, trouble: number): Fate {
  const dice = new Dice(seed, `${task}/${rung ?? 0}/${attempt}`);
  const isTroubled = dice.chance(trouble);
  const hangs = isTroubled && dice.chance(0.35);
  const end = isTroubled && !hangs ? dice.pick(ENDS) : { code: 0 };
  return {
    end,
    durationMs: hangs ? undefined : dice.whole(1, 400),
    termMs: dice.chance(0.7) ? dice.whole(0, 300) : undefined,
    quietFromMs: hangs && dice.chance(0.7) ? dice.whole(0, 100) : undefined,
    metric: metricOf(dice, trouble),
    unmet: dice.chance(0.15),
    answerMs: dice.chance(0.5) ? dice.whole(0, 3) : dice.whole(0, 400),
  };
}

function metricOf(dice: Dice, trouble: number): Evidence['metrics'][string] {
  if (dice.chance(trouble / 4))
    return { unread: 'missing', detail: 'metric `score` was not found in the output' };
  if (dice.chance(trouble / 8)) return { unread: 'not-finite', detail: 'metric `score` is NaN' };
  return { value: dice.whole(0, 100) };
}
