// Whether a rung can end before its last seed: its questions, held to the values in the order of their seeds.

import type { Rival } from '../loop/rival.ts';
import { EarlyWatch, type EarlySide } from './early.ts';
import type { SeedOutcome } from './line.ts';
import { valueIn, type SeedWatch } from './rung.ts';
import type { EarlyEnd } from './sims.ts';

/** A threshold or a `promote` on the mean against a number. */
export interface RungQuestion {
  readonly metric: string;
  readonly limit: number;
  readonly better: 'higher' | 'lower';
  /** `edge > 300`, for people. */
  readonly text: string;
  /** A missed `require` is a failure, a missed `want` a soft one, and a missed `promote` saves the rungs above. */
  readonly role: 'require' | 'want' | 'promote';
}

export interface RungQuestions {
  readonly planned: number;
  /** How many simulations of the whole rung may fail. */
  readonly mayFail: number;
  readonly confidence: number;
  readonly questions: readonly RungQuestion[];
  /** `promote` asks something too that only the whole rung can answer: it is not earned early. */
  readonly hasMore: boolean;
  /** The verdict takes the whole rung: nothing but a missed requirement ends it. */
  readonly needsWhole: boolean;
  readonly rival: Rival | undefined;
}

interface Asked {
  readonly text: string;
  readonly role: RungQuestion['role'] | 'champion';
  readonly watch: EarlyWatch;
  readonly valueOf: (seed: number, outcome: SeedOutcome) => number | undefined;
  side: EarlySide | undefined;
}

/** Undefined where nothing could be decided early. */
export function watchRung(rung: RungQuestions): SeedWatch | undefined {
  const { planned, confidence, questions, needsWhole, rival } = rung;
  const asked: Asked[] = questions.map(({ metric, limit, better, text, role }) => {
    const sign = better === 'higher' ? 1 : -1;
    return {
      text,
      role,
      watch: new EarlyWatch({ planned, confidence, limit: sign * limit, asks: 'mean' }),
      valueOf: (_seed, outcome) => signed(valueIn(outcome, metric), sign),
      side: undefined,
    };
  });
  if (rival && !needsWhole) {
    asked.push({
      text: 'champion',
      role: 'champion',
      watch: new EarlyWatch({ planned, confidence: rival.confidence, limit: rival.minDelta, asks: 'lower' }),
      valueOf: (seed, outcome) => gain(valueIn(outcome, rival.metric), rival.values.get(seed), rival.better),
      side: undefined,
    });
  }
  if (asked.length === 0) return undefined;
  let seen = 0;
  let failed = 0;
  return {
    see: (seed, outcome) => {
      seen += 1;
      if ('failed' in outcome) failed += 1;
      for (const one of asked) one.side ??= one.watch.add(one.valueOf(seed, outcome));
      return endOf(asked, rung, { seen, failed });
    },
  };
}

/**
 * A missed requirement ends the rung, since its verdict is a failure whatever else is asked. Every other end is one of a rung that passes: it takes
 * that each threshold is decided too, so that none is judged by a prefix that says nothing of it, and that failures are no more frequent
 * than they may be in the whole rung.
 */
function endOf(
  asked: readonly Asked[],
  { planned, mayFail, confidence, hasMore, needsWhole }: RungQuestions,
  { seen, failed }: { readonly seen: number; readonly failed: number },
): EarlyEnd | undefined {
  const missed = asked.find(({ role, side }) => role === 'require' && side === 'below');
  if (missed) return { at: seen, side: 'below', of: missed.text, confidence };
  if (needsWhole || failed * planned > mayFail * seen || asked.some(isOpen)) return undefined;
  const against = asked.find(({ role, side }) => role !== 'want' && side === 'below');
  if (against) return { at: seen, side: 'below', of: against.text, confidence };
  const needed = asked.filter(({ role }) => role !== 'want');
  if (hasMore || needed.length === 0 || needed.some(({ side }) => side !== 'above')) return undefined;
  return { at: seen, side: 'above', of: needed.map(({ text }) => text).join(', '), confidence };
}

/** Of the thresholds alone: of what decides cost, one answer against the candidate is enough. */
function isOpen({ role, side }: Asked): boolean {
  return side === undefined && (role === 'require' || role === 'want');
}

function signed(value: number | undefined, sign: 1 | -1): number | undefined {
  return value === undefined ? undefined : sign * value;
}

function gain(
  own: number | undefined,
  other: number | undefined,
  better: 'higher' | 'lower',
): number | undefined {
  if (own === undefined || other === undefined) return undefined;
  const difference = better === 'higher' ? own - other : other - own;
  return Number.isFinite(difference) ? difference : undefined;
}
