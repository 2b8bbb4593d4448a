// What many simulations measured, as a few numbers, and whether a challenger is better than the champion on the same seeds.

import { studentQuantile } from './student.ts';

/** Confidence of `lower` and `upper` where none is written. */
export const USUAL_CONFIDENCE = 0.95;

/** Of the simulations that were done. What takes two values is absent with one: unknown, never zero. */
export interface Statistics {
  readonly n: number;
  readonly mean: number;
  /** Of the sample, with n − 1. */
  readonly sd?: number;
  /** Standard error of the mean. */
  readonly se?: number;
  /** Two-sided bounds of the mean at `confidence`, by Student's t. */
  readonly lower?: number;
  readonly upper?: number;
  readonly min: number;
  readonly p05: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly confidence: number;
}

/** Gains of a challenger over the champion on the same seeds, positive where the challenger is better. */
export interface PairedStatistics {
  /** Pairs of which both sides are known, and those that are `lost`. */
  readonly n: number;
  /** Seeds that the challenger failed and the champion did not: each counts as the lowest of the other gains. Absent: none. */
  readonly lost?: number;
  readonly mean?: number;
  readonly sd?: number;
  readonly se?: number;
  /** One-sided lower bound of the mean gain at `confidence`. */
  readonly lower?: number;
  /** The full decision: `lower` lies above `minDelta`. */
  readonly wins: boolean;
  readonly confidence: number;
  readonly minDelta: number;
}

export interface Pairing {
  readonly confidence: number;
  /** At least 0. */
  readonly minDelta: number;
  readonly better: 'higher' | 'lower';
  /** Seeds that the challenger failed and the champion did not. */
  readonly lost?: number;
}

/** Undefined where there is no value. The order of `values` changes nothing, not even the last digit. */
export function statisticsOf(
  values: readonly number[],
  confidence: number = USUAL_CONFIDENCE,
): Statistics | undefined {
  const sorted = sortedOf(values);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const { n, mean, sd, se } = momentsOf(sorted);
  const half = se === undefined ? Number.NaN : se * studentQuantile((1 - confidence) / 2, n - 1);
  const lower = finite(mean - half);
  const upper = finite(mean + half);
  return {
    n,
    mean,
    ...(sd !== undefined && { sd }),
    ...(se !== undefined && { se }),
    ...(lower !== undefined && { lower }),
    ...(upper !== undefined && { upper }),
    min,
    p05: quantileOf(sorted, 5),
    p50: quantileOf(sorted, 50),
    p95: quantileOf(sorted, 95),
    max,
    confidence,
  };
}

/**
 * The full decision: Student's one-sided test of the differences, pair by pair (Student, The probable error of a mean, Biometrika 6, 1908).
 * With d the differences, `lower` = mean(d) − t(confidence, n − 1) · sd(d) / √n, and the challenger wins where that is above `minDelta`.
 * Both lists are in the order of the seeds; a seed that is undefined on either side makes no pair. Fewer than two pairs decide nothing. Nobody may win by
 * failing where it would lose: each of the `lost` seeds counts as the lowest gain that there is.
 * Gains that are all the same have no spread to judge them by: they decide from the number on at which that would be chance no more often than
 * `confidence` allows if gain and loss were as likely (the sign test of Arbuthnott, Philosophical Transactions 27, 1710): 7 pairs at 0.99.
 */
export function pairedOf(
  challenger: readonly (number | undefined)[],
  champion: readonly (number | undefined)[],
  { confidence, minDelta, better, lost = 0 }: Pairing,
): PairedStatistics {
  const gains = gainsOf(challenger, champion, better).filter((gain) => gain !== undefined);
  if (gains.length === 0) return { n: 0, wins: false, confidence, minDelta };
  const sorted = sortedOf(gains);
  const { n, mean, sd, se } = momentsOf(lost === 0 ? sorted : withLowest(sorted, lost));
  const isEven = sd !== undefined && sd <= DUST * largestOf([challenger, champion]);
  const decides = se !== undefined && !(isEven && 0.5 ** sorted.length > 1 - confidence);
  const lower = decides ? finite(mean - se * studentQuantile(1 - confidence, n - 1)) : undefined;
  return {
    n,
    ...(lost > 0 && { lost }),
    mean,
    ...(sd !== undefined && { sd }),
    ...(se !== undefined && { se }),
    ...(lower !== undefined && { lower }),
    wins: lower !== undefined && lower > minDelta,
    confidence,
    minDelta,
  };
}

function withLowest(sorted: Float64Array, more: number): Float64Array {
  const all = new Float64Array(sorted.length + more).fill(sorted[0] ?? 0, 0, more);
  all.set(sorted, more);
  return all;
}

/** Differences of decimals that are the same, such as 0.3 − 0.2 and 0.2 − 0.1, lie this share of the values apart. */
const DUST = 2 ** -50;

function largestOf(lists: readonly (readonly (number | undefined)[])[]): number {
  return lists.flat().reduce<number>((most, value = 0) => Math.max(most, Math.abs(value)), 0);
}

/** Seed by seed how much better the challenger is; undefined where a side is unknown. */
export function gainsOf(
  challenger: readonly (number | undefined)[],
  champion: readonly (number | undefined)[],
  better: 'higher' | 'lower',
): readonly (number | undefined)[] {
  return challenger.map((value, at) => {
    const other = champion[at];
    if (value === undefined || other === undefined) return undefined;
    const gain = better === 'higher' ? value - other : other - value;
    return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, gain));
  });
}

interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly sd: number | undefined;
  readonly se: number | undefined;
}

/**
 * Mean and standard deviation in two passes around the middle value, with the correction of Chan, Golub and LeVeque (Algorithms for computing
 * the sample variance, The American Statistician 37, 1983): 1e9 + 1e-6 and its neighbours keep every digit that they have.
 * Deviations are scaled by a power of two, which is exact, so that their squares neither overflow nor vanish.
 */
function momentsOf(sorted: Float64Array): Moments {
  const n = sorted.length;
  const middle = sorted[n >> 1] ?? 0;
  const widest = Math.max(middle / 4 - (sorted[0] ?? 0) / 4, (sorted[n - 1] ?? 0) / 4 - middle / 4);
  // Of the tiniest numbers a quarter is nothing.
  const scale = sorted[0] === sorted[n - 1] ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(widest)));
  const deviations = sorted.map((value) => value / scale - middle / scale);
  const shift = sumOf(deviations) / n;
  const mean = middle + shift * scale;
  if (n < 2) return { n, mean, sd: undefined, se: undefined };
  const squares = sumOf(deviations.map((deviation) => (deviation - shift) ** 2));
  const rest = sumOf(deviations.map((deviation) => deviation - shift));
  const sd = Math.sqrt(Math.max(0, squares - rest ** 2 / n) / (n - 1)) * scale;
  return { n, mean, sd: finite(sd), se: finite(sd / Math.sqrt(n)) };
}

/** What no double can hold is unknown. */
function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Neumaier's compensated sum (Zeitschrift für Angewandte Mathematik und Mechanik 54, 1974): its error does not grow with the number of values. */
function sumOf(values: Float64Array): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}

/** Type 7 of Hyndman and Fan (Sample quantiles in statistical packages, The American Statistician 50, 1996), the usual one of R and NumPy. */
function quantileOf(sorted: Float64Array, percent: number): number {
  const hundredths = (sorted.length - 1) * percent;
  const part = (hundredths % 100) / 100;
  const below = sorted[Math.floor(hundredths / 100)] ?? Number.NaN;
  const above = part === 0 ? below : (sorted[Math.floor(hundredths / 100) + 1] ?? Number.NaN);
  const gap = above - below;
  // A rounding must not lead past the neighbour, nor an overflow to infinity.
  return Number.isFinite(gap) ? Math.min(above, below + gap * part) : below * (1 - part) + above * part;
}

function sortedOf(values: readonly number[]): Float64Array {
  // A negative zero would not survive the ledger.
  const sorted = Float64Array.from(values, (value) => value + 0).toSorted();
  if (!Number.isFinite(sorted[0] ?? 0) || !Number.isFinite(sorted.at(-1) ?? 0))
    throw new Error('bug: statistics of values that are not finite');
  return sorted;
}
