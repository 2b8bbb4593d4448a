// What a task may say of the layer that holds its processes.

import * as z from 'zod';
import type { IsolationConfig } from './holding-config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const layer = leaf.oneOf('group', 'cgroup', 'bwrap', 'container');

const isolationShape = z.strictObject(
  {
    layer: layer.describe('The layer that holds the processes of the task.'),
    fallback: leaf.boolean
      .exactOptional()
      .describe(
        'Where it cannot be had: take the strongest layer below it; default false, which is an error.',
      ),
    root: leaf
      .oneOf('read-only')
      .exactOptional()
      .describe('bwrap only: nothing can be written but what `writable` names, and the folder of the cycle.'),
    writable: leaf.texts
      .exactOptional()
      .describe(
        'bwrap only, with `root: read-only`: paths that can be written, from the folder of the config.',
      ),
    tmp: leaf
      .oneOf('private')
      .exactOptional()
      .describe('bwrap only: an empty /tmp of its own, gone with the task.'),
    engine: leaf
      .oneOf('docker', 'podman')
      .exactOptional()
      .describe('Containers only: what runs them; default: the first of the two that answers.'),
    image: leaf.text
      .exactOptional()
      .describe('Containers only: the image. It has to be there; gate-run never pulls one.'),
    mounts: leaf.texts
      .exactOptional()
      .describe('Containers only: `FROM:TO` or `FROM:TO:ro`, FROM from the folder of the config.'),
    user: leaf.text
      .exactOptional()
      .describe(
        'Containers only: `host`, whoever gate-run runs as, or such as `"1000:1000"`; default: the image says.',
      ),
  },
  leaf.EXPECTED.map,
);

export const isolation: z.ZodType<IsolationConfig> = z
  .union([layer, isolationShape], 'expected `group`, `cgroup`, `bwrap`, `container`, or a map with `layer`')
  .meta({
    id: 'Isolation',
    description: 'What holds the processes of a task, so that none of them outlives it.',
    examples: [
      'cgroup',
      { layer: 'bwrap', fallback: true },
      { layer: 'bwrap', root: 'read-only', writable: ['out'], tmp: 'private' },
      { layer: 'container', image: 'sandbox', mounts: ['.:/repo'], user: 'host' },
    ],
  });

const held: Same<z.infer<typeof isolationShape>, Exclude<IsolationConfig, string>> = true;
void held;
