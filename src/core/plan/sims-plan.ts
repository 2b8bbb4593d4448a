// The simulations of a ladder that gate-run runs itself (form b of LANGUAGE.md §4), as a plan holds them.

import type { ShareOrCount } from '../config/quantity.ts';

/** On the gate, not on a stage: the rungs share their seeds. */
export interface SimsPlan {
  /** How many seeds a process gets: one, some, or as many as it lives for. */
  readonly per: 'seed' | 'batch' | 'worker';
  /** Seed number i of every rung is `base + i`. */
  readonly base: number;
  /** Seeds of one process; 1 unless `per` is `batch`. */
  readonly batch: number;
  /** For one simulation; undefined: as long as the whole rung may take. */
  readonly timeoutMs: number | 'never' | undefined;
  readonly maxFailed: ShareOrCount;
  /** Undefined: every rung runs to its end. */
  readonly stopEarly?: { readonly confidence: number };
}

/** A field of the JSON line that each simulation prints. */
export interface LineSource {
  readonly reader: 'line';
  readonly field: string;
  readonly in: { readonly stream: 'output' | 'stdout' };
}

/** How many simulations of a rung may fail before nobody may trust the rest. */
export function mayFail({ maxFailed }: SimsPlan, count: number): number {
  if ('count' in maxFailed) return Math.min(count, maxFailed.count);
  // Binary dust must not take one away: 0.07 × 100 is 7.000000000000001, and 0.29 × 100 is 28.999999999999996.
  return Math.floor(Number((maxFailed.share * count).toPrecision(12)));
}
