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
  /** What it used up, or why nobody knows. */
  readonly used: Evidence['metrics'][string];
  /** Seconds from now, or since 1970, until a limit resets. */
  readonly retryAt: Evidence['metrics'][string];
  readonly idea: string;
  readonly oomKills: number;
  /** Files that it changes. */
  readonly writes: number;
  /** Of those, how many cannot be put back. */
  readonly unable: number;
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

/** What went wrong with several cycles in a row, so that streaks come about. */
export type Mood = 'fair' | 'failing' | 'broken' | 'oom' | 'limited';

/** Cycles in a row of one mood. */
const MOOD_CYCLES = 3;

/** Of the cycles around `cycle`; only moods that this night knows. */
export function moodOf(seed: number, cycle: number, moods: readonly Mood[]): Mood {
  const dice = new Dice(seed, `mood ${Math.floor((cycle + (seed % MOOD_CYCLES)) / MOOD_CYCLES)}`);
  return dice.pick(['fair', ...moods]);
}

const MOOD_ENDS: Readonly<Record<Exclude<Mood, 'fair'>, ProcessEnd>> = {
  failing: { code: 1 },
  broken: { signal: 'SIGSEGV' },
  oom: { signal: 'SIGKILL' },
  limited: { code: 75 },
};

export function fateOf(
  seed: number,
  { task, rung, attempt }: AttemptRef,
  trouble: number,
  mood: Mood = 'fair',
): Fate {
  const dice = new Dice(seed, `${task}/${rung ?? 0}/${attempt}`);
  const isMoody = mood !== 'fair' && dice.chance(0.6);
  const isTroubled = !isMoody && dice.chance(trouble);
  const hangs = isTroubled && dice.chance(0.35);
  const end = isTroubled && !hangs ? dice.pick(ENDS) : isMoody ? MOOD_ENDS[mood] : { code: 0 };
  return {
    end,
    durationMs: hangs ? undefined : dice.whole(1, 400),
    termMs: dice.chance(0.7) ? dice.whole(0, 300) : undefined,
    quietFromMs: hangs && dice.chance(0.7) ? dice.whole(0, 100) : undefined,
    metric: metricOf(dice, trouble),
    unmet: dice.chance(0.15),
    answerMs: dice.chance(0.5) ? dice.whole(0, 3) : dice.whole(0, 400),
    used: dice.chance(0.1) ? { unread: 'missing', detail: 'nobody said' } : { value: dice.whole(0, 40) },
    retryAt: dice.chance(0.2)
      ? { unread: 'missing', detail: 'nobody said' }
      : { value: dice.pick([0, 30, 3600, 1_770_710_400, 4_000_000_000]) },
    idea: `idea ${dice.whole(1, 5)}`,
    // Now and then the kernel kills a child, and the command exits with 0 all the same.
    oomKills: mood === 'oom' && (isMoody || dice.chance(0.1)) ? 1 : 0,
    writes: dice.chance(0.6) ? dice.whole(0, 2) : dice.whole(0, 6),
    unable: dice.chance(0.2) ? 1 : 0,
  };
}

function metricOf(dice: Dice, trouble: number): Evidence['metrics'][string] {
  if (dice.chance(trouble / 4))
    return { unread: 'missing', detail: 'metric `score` was not found in the output' };
  if (dice.chance(trouble / 8)) return { unread: 'not-finite', detail: 'metric `score` is NaN' };
  return { value: dice.whole(0, 100) };
}
