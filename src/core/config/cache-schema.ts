// What a config may say of the cache: `cache` of a task, and `state.cache`.

import * as z from 'zod';
import type { CacheStoreConfig, TaskConfig } from './config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const EXPECTED_CACHE = 'expected `true`, `false` or `{ failed: true }`';

const failedShape = z.strictObject(
  {
    failed: leaf.boolean
      .exactOptional()
      .describe('A verdict of failed is kept too, and answers until something changes.'),
  },
  EXPECTED_CACHE,
);

type Cache = NonNullable<TaskConfig['cache']>;
const cacheShape = z.union([z.boolean(), failedShape], EXPECTED_CACHE);
export const cacheOf: z.ZodType<Cache> = cacheShape;

const storeShape = z.strictObject(
  {
    dir: leaf.text
      .exactOptional()
      .describe('Default `.gate-run/cache` beside the config, also where `state.dir` is another one.'),
    size: leaf.scalar
      .exactOptional()
      .describe('So much room at most; what was not used for longest goes first. Default 1g.'),
  },
  leaf.EXPECTED.map,
);
export const cacheStore: z.ZodType<CacheStoreConfig> = storeShape;

const held: [Same<z.infer<typeof cacheShape>, Cache>, Same<z.infer<typeof storeShape>, CacheStoreConfig>] = [
  true,
  true,
];
void held;
