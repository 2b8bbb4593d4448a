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
 * Student's one-sided test of two samples with one spread (Student, The probable error of a mean, Biometrika 6, 1908; NIST/SEMATECH e-Handbook
 * 1.3.5.3): `lower` = d − t(confidence, n₁ + n₂ − 2) · s · √(1/n₁ + 1/n₂), where d is how much worse the fresh mean is and
 * s² = ((n₁ − 1) s₁² + (n₂ − 1) s₂²) / (n₁ + n₂ − 2). One spread, because a champion that is sound draws its fresh values from where it drew
 * the others: a spread of its own, as Welch's test has it, is nearly 0 where few fresh seeds have missed what is rare, and then accuses it.
 * Where neither sample has a spread, the values of one all lie on one side of the other's: that is chance in one of n₁ + n₂ over n₁
 * arrangements (Fisher's exact test by permutation, The Design of Experiments, 1935), and decides where that is rarer than `confidence` allows.
 * Fewer than two values on a side decide nothing.
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
  const freedom = one.n + other.n - 2;
  // Shares of the whole, so that no square overflows.
  const pooled = Math.hypot(
    one.sd * Math.sqrt((one.n - 1) / freedom),
    other.sd * Math.sqrt((other.n - 1) / freedom),
  );
  const se = pooled * Math.sqrt(1 / one.n + 1 / other.n);
  const lower = mean - se * studentQuantile(1 - confidence, freedom);
  return Number.isFinite(lower) ? lower : undefined;
}

/** One of n over k arrangements. */
function chanceApart(n: number, m: number): number {
  let chance = 1;
  for (let k = 1; k <= Math.min(n, m) && chance > 0; k += 1) chance *= k / (Math.max(n, m) + k);
  return chance;
}
