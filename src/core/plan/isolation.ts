// `isolation` of a task: which layer holds its processes, so that nothing of it outlives it.

import type { IsolationConfig } from '../config/config.ts';

/** From the weakest to the strongest. */
export const LAYERS = ['group', 'cgroup', 'bwrap'] as const;

/**
 * What holds the processes of a task. `group`: its process group, and the marks in the environment of what leaves it. `cgroup`: a control
 * group of the kernel. `bwrap`: a namespace of process ids, which bubblewrap makes.
 */
export type Layer = (typeof LAYERS)[number];

export interface IsolationPlan {
  readonly layer: Layer;
  /** Where the layer cannot be had, the strongest one below it that can be. */
  readonly fallback: boolean;
}

export function readIsolation(written: IsolationConfig): IsolationPlan {
  return typeof written === 'string'
    ? { layer: written, fallback: false }
    : { layer: written.layer, fallback: written.fallback ?? false };
}

export function isolationText({ layer, fallback }: IsolationPlan): string {
  return fallback ? `${layer}, or the strongest layer below it` : layer;
}
