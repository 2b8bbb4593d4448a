// What the simulations of one rung left: facts that the world reports with the end of an attempt, and all that judging them needs.

import type { PairedStatistics, Statistics } from './statistics.ts';

/** Of one attempt on one rung of a ladder whose seeds gate-run runs itself. */
export interface SimsEvidence {
  /** The rung's count. */
  readonly planned: number;
  /** Simulations that gave every metric, reused ones among them. */
  readonly done: number;
  readonly failed: number;
  /** How many of those that are done or failed were taken over from the rung below. */
  readonly reused: number;
  /** How many may fail, as `max-failed` says of this rung. */
  readonly mayFail: number;
  /** The first seed. */
  readonly base: number;
  /** By metric, over the simulations that are done; empty where none is. */
  readonly metrics: Readonly<Record<string, Statistics>>;
  /** Against the champion, over the seeds that both have. */
  readonly paired?: PairedStatistics;
  /** The rung was decided before its end. */
  readonly early?: EarlyEnd;
  /** The first simulation that failed, for people: `exit 3`, `edge is not a finite number`. */
  readonly firstFailed?: { readonly seed: number; readonly why: string };
  /** In the words of `retry.when`: why simulations of this attempt failed. */
  readonly causes?: readonly string[];
  /** Per-seed values, beside the cycle's logs: name and CRC-32 of the file. */
  readonly values?: { readonly file: string; readonly crc: string };
}

/** A decision before the end of the rung. */
export interface EarlyEnd {
  /** Simulations of the prefix of seeds that decided. */
  readonly at: number;
  /** `above`: for the candidate. On the top rung such a rung runs on. */
  readonly side: 'below' | 'above';
  /** What was decided: `champion`, or the threshold that is missed or earned, `edge > 300`. */
  readonly of: string;
  readonly confidence: number;
}

/** Whether every simulation of the rung was run, and none is left out because the rung was decided before. */
export function isWhole({ planned, done, failed }: SimsEvidence): boolean {
  return done + failed === planned;
}

/** Whether each of them gave its values: only then a mean may be compared with that of another cycle. */
export function isComplete({ planned, done }: SimsEvidence): boolean {
  return done === planned;
}

/** Whether the rung was ended by a decision, so that what it measured is not comparable with whole ones. */
export function isCutShort(sims: SimsEvidence): boolean {
  return sims.early !== undefined && !isWhole(sims);
}
