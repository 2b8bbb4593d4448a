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
}

export interface RungQuestions {
  readonly planned: number;
  readonly confidence: number;
  readonly questions: readonly RungQuestion[];
  /** Something else is asked too, which only the whole rung can answer: nothing is decided for the candidate. */
  readonly hasMore: boolean;
  /** Earlier whole rungs are compared with it: the champion alone does not end it. */
  readonly needsWhole: boolean;
  readonly rival: Rival | undefined;
}

interface Asked {
  readonly text: string;
  readonly watch: EarlyWatch;
  readonly valueOf: (seed: number, outcome: SeedOutcome) => number | undefined;
  side: EarlySide | undefined;
}

/** Undefined where nothing could be decided early. */
export function watchRung(rung: RungQuestions): SeedWatch | undefined {
  const { planned, confidence, questions, hasMore, needsWhole, rival } = rung;
  const asked: Asked[] = questions.map(({ metric, limit, better, text }) => {
    const sign = better === 'higher' ? 1 : -1;
    return {
      text,
      watch: new EarlyWatch({ planned, confidence, limit: sign * limit, asks: 'mean' }),
      valueOf: (_seed, outcome) => signed(valueIn(outcome, metric), sign),
      side: undefined,
    };
  });
  if (rival && !needsWhole) {
    asked.push({
      text: 'champion',
      watch: new EarlyWatch({ planned, confidence: rival.confidence, limit: rival.minDelta, asks: 'lower' }),
      valueOf: (seed, outcome) => gain(valueIn(outcome, rival.metric), rival.values.get(seed), rival.better),
      side: undefined,
    });
  }
  if (asked.length === 0) return undefined;
  let seen = 0;
  return {
    see: (seed, outcome) => {
      seen += 1;
      for (const one of asked) one.side ??= one.watch.add(one.valueOf(seed, outcome));
      return endOf({ asked, hasMore, at: seen, confidence });
    },
  };
}

/** Against the candidate one answer is enough; for it, all of them are needed. */
function endOf({
  asked,
  hasMore,
  at,
  confidence,
}: {
  readonly asked: readonly Asked[];
  readonly hasMore: boolean;
  readonly at: number;
  readonly confidence: number;
}): EarlyEnd | undefined {
  const against = asked.find(({ side }) => side === 'below');
  if (against) return { at, side: 'below', of: against.text, confidence };
  if (hasMore || asked.some(({ side }) => side !== 'above')) return undefined;
  return { at, side: 'above', of: asked.map(({ text }) => text).join(', '), confidence };
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
