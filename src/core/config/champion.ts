// `objective` and `champion` as written.

import type { Scalar } from './config.ts';

export interface ObjectiveConfig {
  readonly metric: string;
  readonly 'min-delta'?: Scalar;
}

export interface ChampionConfig {
  readonly keep?: readonly string[];
  readonly confirm?: ConfirmConfig;
  readonly robustness?: RobustnessConfig;
}

export interface ConfirmConfig {
  readonly every: Scalar;
  readonly seeds?: Scalar;
}

export interface RobustnessConfig {
  readonly batches?: Scalar;
  /** By name: below which spread of the batches' values it holds. */
  readonly bands?: Readonly<Record<string, number>>;
}
