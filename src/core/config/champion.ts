// `objective` and `champion` as written.

import type { Scalar } from './config.ts';

export interface ObjectiveConfig {
  readonly metric: string;
  readonly 'min-delta'?: Scalar;
}

export interface ChampionConfig {
  readonly keep?: readonly string[];
  readonly robustness?: RobustnessConfig;
}

export interface RobustnessConfig {
  readonly batches?: Scalar;
  /** By name: below which spread of the batches' values it holds. */
  readonly bands?: Readonly<Record<string, number>>;
}
