// How steady a champion is: its objective over batches of seeds that it was not chosen on. Pure; the batches come measured.

import type { RobustnessPlan } from '../plan/champion-plan.ts';

export interface RobustnessAnswer {
  readonly schemaVersion: 1;
  readonly exit: number;
  readonly cycle: number;
  readonly metric: string;
  /** Of the cycle that it was crowned in. */
  readonly crowned: number;
  readonly batches: readonly Batch[];
  /** Of the batches; null where fewer than two were measured. */
  readonly mean: number | null;
  /** Standard deviation of the batches as a whole population. */
  readonly spread: number | null;
  /** The narrowest band that the spread lies in; null: in none. */
  readonly band: string | null;
}

export interface Batch {
  /** The first seed; null: the command draws its own. */
  readonly base: number | null;
  /** Null: it could not be measured. */
  readonly value: number | null;
  readonly why: string | null;
}

type Found = Pick<RobustnessAnswer, 'mean' | 'spread' | 'band'>;

export function robustnessOf(batches: readonly Batch[], { bands }: RobustnessPlan): Found {
  const values = batches.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length < batches.length || values.length < 2) return { mean: null, spread: null, band: null };
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length);
  return { mean, spread, band: bands.find(({ below }) => spread < below)?.name ?? null };
}
