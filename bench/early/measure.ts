// Many rungs drawn from a seed, each decided early and in full: how often the two agree, and how much was saved.

import { EarlyWatch, type EarlySide } from '../../src/core/judge/early.ts';
import { pairedOf } from '../../src/core/judge/statistics.ts';
import { studentQuantile } from '../../src/core/judge/student.ts';
import { drawer, type Shape } from './draw.ts';

export const EFFECTS = [-2, -1, -0.5, -0.2, -0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];

export interface Size {
  readonly repetitions: number;
  /** Simulations of a whole rung. */
  readonly planned: number;
  readonly confidence: number;
  readonly seed: number;
}

export type Asks = 'lower' | 'mean';

/** Counts over all repetitions of one shape and one effect. */
export interface Cell extends Size {
  readonly shape: Shape;
  readonly effect: number;
  readonly asks: Asks;
  /** The whole rung clears the limit. */
  readonly full: number;
  /** The bound ends on both sides: it said above, or said nothing and the whole rung clears it. */
  readonly promoted: number;
  /** The top rung: only `below` ends it, and who is left is judged in full. */
  readonly crowned: number;
  readonly agreed: number;
  readonly policyAgreed: number;
  /** Sums of the shares of simulations that were not run. */
  readonly saved: number;
  readonly policySaved: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** `lower`: gains over the champion against no gain at all. `mean`: the mean against a constant. */
export function measure(shape: Shape, effect: number, size: Size): readonly [lower: Cell, mean: Cell] {
  const { repetitions, planned, confidence } = size;
  const draw = drawer(shape, size.seed, String(effect));
  const cells = [emptyCell(shape, effect, 'lower', size), emptyCell(shape, effect, 'mean', size)] as const;
  const gains: number[] = Array.from({ length: planned }, () => 0);
  const zeros = gains.slice();
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (let at = 0; at < planned; at += 1) gains[at] = effect + draw();
    const { wins, mean = 0 } = pairedOf(gains, zeros, { confidence, minDelta: 0, better: 'higher' });
    count(cells[0], gains, wins);
    count(cells[1], gains, mean > 0);
  }
  return cells;
}

function count(cell: Writable<Cell>, gains: readonly number[], full: boolean): void {
  const { planned, confidence, asks } = cell;
  const { at, side } = decide(gains, new EarlyWatch({ planned, confidence, limit: 0, asks }));
  const promoted = side === undefined ? full : side === 'above';
  const crowned = side === 'below' ? false : full;
  const saved = 1 - at / planned;
  if (full) cell.full += 1;
  if (promoted) cell.promoted += 1;
  if (crowned) cell.crowned += 1;
  if (promoted === full) cell.agreed += 1;
  if (crowned === full) cell.policyAgreed += 1;
  cell.saved += saved;
  if (side === 'below') cell.policySaved += saved;
}

function decide(values: readonly number[], watch: EarlyWatch): { at: number; side: EarlySide | undefined } {
  for (let at = 0; at < values.length; at += 1) {
    const side = watch.add(values[at]);
    if (side) return { at: at + 1, side };
  }
  return { at: values.length, side: undefined };
}

/**
 * The bound where it is hardest: rungs of normal values that end exactly at the border of the full decision. How many of them it ends, on
 * either side; its theorem allows the share 1 − confidence.
 */
export function endedAtTheBorder({ repetitions, planned, confidence, seed }: Size): number {
  const draw = drawer('normal', seed, 'border');
  const border = studentQuantile(1 - confidence, planned - 1) / Math.sqrt(planned);
  let ended = 0;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const values = Array.from({ length: planned }, draw);
    const { mean = 0, sd = 1 } = pairedOf(values, zerosFor(values), {
      confidence,
      minDelta: 0,
      better: 'higher',
    });
    const moved = values.map((value) => value - mean + border * sd);
    if (decide(moved, new EarlyWatch({ planned, confidence, limit: 0, asks: 'lower' })).side) ended += 1;
  }
  return ended;
}

function zerosFor(values: readonly number[]): readonly number[] {
  return values.map(() => 0);
}

function emptyCell(shape: Shape, effect: number, asks: Asks, size: Size): Writable<Cell> {
  const none = { full: 0, promoted: 0, crowned: 0, agreed: 0, policyAgreed: 0, saved: 0, policySaved: 0 };
  return { ...size, shape, effect, asks, ...none };
}

/** Of a normal deviate: 95 % of both sides together. */
const USUAL_Z = 1.959964;

/** Wilson's interval of a share, at 95 % where `z` is not given (Journal of the American Statistical Association 22, 1927). */
export function intervalOf(
  count: number,
  of: number,
  z: number = USUAL_Z,
): readonly [lower: number, upper: number] {
  const share = count / of;
  const middle = (share + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
