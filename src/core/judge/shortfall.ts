// Whether a mean fell behind another one that other seeds gave: what a champion is worth on seeds that it was not chosen on.

import type { Statistics } from './statistics.ts';
import { studentQuantile } from './student.ts';

/** What the fresh mean lacks of the one before, positive where it is worse. */
export interface Shortfall {
  readonly mean: number;
  /** One-sided lower bound at `confidence`; undefined: so few, or ones so alike, may be by chance. */
  readonly lower?: number;
  readonly confidence: number;
  /** `lower` lies above 0. */
  readonly isReal: boolean;
}

type Sample = Pick<Statistics, 'n' | 'mean' | 'sd'>;

/**
 * Welch's one-sided test of two samples of their own spreads (Welch, The generalization of "Student's" problem when several different population
 * variances are involved, Biometrika 34, 1947): `lower` = d − t(confidence, ν) · √(s₁²/n₁ + s₂²/n₂), where d is how much worse the fresh mean is
 * and ν the degrees of freedom of Welch and Satterthwaite. Where neither sample has a spread, the values of one all lie on one side of
 * the other's: that is chance in one of n₁ + n₂ over n₁ arrangements (Fisher's exact test by permutation, The Design of Experiments, 1935), and
 * decides where that is rarer than `confidence` allows. Fewer than two values on a side decide nothing.
 */
export function shortfallOf(
  before: Sample,
  fresh: Sample,
  { better, confidence }: { readonly better: 'higher' | 'lower'; readonly confidence: number },
): Shortfall {
  const mean = better === 'higher' ? before.mean - fresh.mean : fresh.mean - before.mean;
  const lower = Number.isFinite(mean) ? lowerOf(mean, [before, fresh], confidence) : undefined;
  return {
    mean: Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, mean)),
    ...(lower !== undefined && { lower }),
    confidence,
    isReal: lower !== undefined && lower > 0,
  };
}

/** What rounding alone makes of equal values. */
const DUST = 2 ** -50;

function lowerOf(mean: number, samples: readonly [Sample, Sample], confidence: number): number | undefined {
  const [one, other] = samples;
  if (one.sd === undefined || other.sd === undefined) return undefined;
  const dust = DUST * Math.max(Math.abs(one.mean), Math.abs(other.mean));
  if (one.sd <= dust && other.sd <= dust) {
    const isRare = chanceApart(one.n, other.n) <= 1 - confidence;
    return isRare && Math.abs(mean) > dust ? mean : undefined;
  }
  const [a, b] = [one.sd / Math.sqrt(one.n), other.sd / Math.sqrt(other.n)];
  const se = Math.hypot(a, b);
  // Shares of the whole, so that no square overflows.
  const [shareA, shareB] = [(a / se) ** 2, (b / se) ** 2];
  const freedom = 1 / (shareA ** 2 / (one.n - 1) + shareB ** 2 / (other.n - 1));
  const lower = mean - se * studentQuantile(1 - confidence, freedom);
  return Number.isFinite(lower) ? lower : undefined;
}

/** One of n over k arrangements. */
function chanceApart(n: number, m: number): number {
  let chance = 1;
  for (let k = 1; k <= Math.min(n, m) && chance > 0; k += 1) chance *= k / (Math.max(n, m) + k);
  return chance;
}
