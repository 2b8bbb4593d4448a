// What a task may say of the layer that holds its processes.

import * as z from 'zod';
import type { IsolationConfig } from './config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const layer = leaf.oneOf('group', 'cgroup', 'bwrap');

const isolationShape = z.strictObject(
  {
    layer: layer.describe('The layer that holds the processes of the task.'),
    fallback: leaf.boolean
      .exactOptional()
      .describe(
        'Where it cannot be had: take the strongest layer below it; default false, which is an error.',
      ),
  },
  leaf.EXPECTED.map,
);

export const isolation: z.ZodType<IsolationConfig> = z
  .union([layer, isolationShape], 'expected `group`, `cgroup`, `bwrap`, or a map with `layer`')
  .meta({
    id: 'Isolation',
    description: 'What holds the processes of a task, so that none of them outlives it.',
    examples: ['cgroup', { layer: 'bwrap', fallback: true }],
  });

const held: Same<z.infer<typeof isolationShape>, Exclude<IsolationConfig, string>> = true;
void held;
