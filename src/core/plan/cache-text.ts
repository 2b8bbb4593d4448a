// What a plan says of the cache, as a person would write it.

import { formatSize } from '../config/quantity.ts';
import type { Plan, TaskPlan } from './plan.ts';

/** Below `state.cache`; undefined for a key that has nothing to show. */
export function cacheSetting({ cache }: Plan, key: string): string | undefined {
  if (key === 'dir') return cache?.dir;
  return key === 'size' && cache ? formatSize(cache.sizeBytes) : undefined;
}

/** Undefined for a key of something else, and for one that has nothing to show. */
export function cachingSetting({ cache, outputs }: TaskPlan, key: string): string | undefined {
  switch (key) {
    case 'inputs':
      return cache && [...cache.inputs, ...cache.env.map((name) => `env:${name}`)].join(', ');
    case 'outputs':
      return outputs?.join(', ');
    case 'cache':
      return cache && (cache.failed ? 'also what failed' : 'true');
    case 'versions':
      return cache && cache.versions.length > 0
        ? cache.versions.map(({ text }) => text).join(', ')
        : undefined;
    default:
      return undefined;
  }
}
