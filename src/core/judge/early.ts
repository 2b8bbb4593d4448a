// Whether the end of a rung can be foretold: an anytime-valid bound on the full decision, looked at after every further seed.

import { studentQuantile } from './student.ts';

/** The smallest number of values that it may speak on: before, the spread of skewed values is not known well enough. */
export const MIN_VALUES = 50;

/** Where on the way the bound is narrowest, as s = τ/(1 − τ): after a fifth of the rung. Tuned on other seeds than those of the benchmark. */
const MIXTURE = 0.25;

/**
 * The bound is wider by the share 3/√n, because the spread is itself only known by n values. The relative standard error of a standard deviation is
 * √((κ − 1)/4n) with κ the kurtosis: this is two of them where the kurtosis is 10, four where the values are normal.
 */
const WIDENING = 3;

export interface EarlyQuestion {
  /** How many values the whole rung has. */
  readonly planned: number;
  readonly confidence: number;
  /** What the mean of all is held to: a threshold's constant, or `minDelta` for gains over the champion. */
  readonly limit: number;
  /** `lower`: whether the one-sided lower bound of the whole rung will be above `limit`, which is the full decision. `mean`: whether its mean will. */
  readonly asks: 'lower' | 'mean';
}

export type EarlySide = 'below' | 'above';

/**
 * Takes the values in the order of their seeds and says, as soon as it is sure enough, on which side of the limit the whole rung will end.
 *
 * Let x₁ … x_N be the values less `limit`, S_n their sum, σ their standard deviation, τ = n/N. The question about the whole rung is
 * S_N ≥ c·σ·√N with c = t(confidence, N − 1) for `lower` and c = 0 for `mean`.
 *
 * 1. Given that the rung ends exactly at that border, whatever the true mean is, B(τ) = S_n/(σ√N) − τ·c is a Brownian bridge: the drift of a random walk
 *    is forgotten once its end is given (exact at each n for normal values with a known σ; for others by Donsker's invariance principle).
 * 2. W(s) = (1 + s)·B(s/(1 + s)) with s = τ/(1 − τ) is a Brownian motion on all s ≥ 0 (Doob, Heuristic approach to the Kolmogorov-Smirnov
 *    theorems, Annals of Mathematical Statistics 20, 1949).
 * 3. |W(s)| < u(s) = √((s + ρ)·ln((s + ρ)/(ρ·a²))) holds for all s at once with a probability of at least 1 − a. This is the boundary of a normal mixture: the
 *    martingale exp(λW − λ²s/2), averaged over λ ~ N(0, 1/ρ), reaches 1/a with a probability of at most a by Ville's inequality (Robbins, Statistical methods
 *    related to the law of the iterated logarithm, Annals of Mathematical Statistics 41, 1970; Howard, Ramdas, McAuliffe and Sekhon,
 *    Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals of Statistics 49, 2021, proposition on two-sided normal mixtures).
 * 4. It says `below` at the first n with B(τ) ≤ −(1 − τ)·u(s), `above` at the first with B(τ) ≥ (1 − τ)·u(s). Of a rung that would end above the border, the
 *    paths lie higher than those that end at it, so `below` is said wrongly with a probability of at most a; the mirror image holds for `above`.
 *    A rung ends on one side only, so both together err with at most a = 1 − confidence, whatever the true mean is and however often one looks.
 *
 * σ is estimated by the standard deviation of the values so far, which no theorem above covers: hence `MIN_VALUES` and `WIDENING`, and the benchmark
 * (docs/statistics.md) that measures what is left. A spread of zero says nothing about the values to come and decides nothing.
 */
export class EarlyWatch {
  readonly #question: EarlyQuestion;
  readonly #error: number;
  #planned: number;
  #critical: number | undefined;
  #first = 0;
  #count = 0;
  /** Of the differences from the first value, so that large values lose no digits. */
  #mean = 0;
  #squares = 0;

  constructor(question: EarlyQuestion) {
    this.#question = question;
    this.#error = 1 - question.confidence;
    this.#planned = question.planned;
  }

  /** `undefined` for a simulation that failed: the rung has one value less. */
  add(value: number | undefined): EarlySide | undefined {
    if (value === undefined) {
      this.#planned -= 1;
      this.#critical = undefined;
      return undefined;
    }
    this.#take(value);
    const n = this.#count;
    return n < MIN_VALUES || n >= this.#planned ? undefined : this.#side(n / this.#planned);
  }

  /** Welford's running mean and sum of squares (Technometrics 4, 1962). */
  #take(value: number): void {
    if (this.#count === 0) this.#first = value;
    this.#count += 1;
    const shifted = value - this.#first;
    const step = shifted - this.#mean;
    this.#mean += step / this.#count;
    this.#squares += step * (shifted - this.#mean);
  }

  #side(tau: number): EarlySide | undefined {
    const n = this.#count;
    const sd = Math.sqrt(this.#squares / (n - 1));
    if (!(sd > 0) || sd === Infinity) return undefined;
    const excess = this.#mean + (this.#first - this.#question.limit);
    const bridge = (n * excess) / (sd * Math.sqrt(this.#planned)) - tau * this.#border();
    const bound = (1 - tau) * mixtureBound(tau / (1 - tau), this.#error) * (1 + WIDENING / Math.sqrt(n));
    if (bridge <= -bound) return 'below';
    return bridge >= bound ? 'above' : undefined;
  }

  #border(): number {
    if (this.#question.asks === 'mean') return 0;
    this.#critical ??= studentQuantile(this.#error, this.#planned - 1);
    return this.#critical;
  }
}

/** The first moment at which the values decide, in their order. */
export function earlyDecision(
  values: readonly (number | undefined)[],
  question: EarlyQuestion,
): { readonly at: number; readonly side: EarlySide } | undefined {
  const watch = new EarlyWatch(question);
  for (const [index, value] of values.entries()) {
    const side = watch.add(value);
    if (side) return { at: index + 1, side };
  }
  return undefined;
}

/** u(s) of the docstring above. */
function mixtureBound(s: number, error: number): number {
  const wide = s + MIXTURE;
  return Math.sqrt(wide * Math.log(wide / (MIXTURE * error * error)));
}
