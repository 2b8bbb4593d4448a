// `objective` and `champion` as written.

import type { Scalar } from './config.ts';

export interface ObjectiveConfig {
  readonly metric: string;
  readonly 'min-delta'?: Scalar;
}

export interface ChampionConfig {
  readonly keep?: readonly string[];
}
