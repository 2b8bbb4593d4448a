// What a task may say of whom its processes can reach.

import * as z from 'zod';
import type { NetworkConfig } from './holding-config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';

const networkShape = z.strictObject(
  {
    name: leaf.text
      .exactOptional()
      .describe('Containers only: a network that their engine has; it has to be there.'),
    allow: leaf.texts
      .exactOptional()
      .describe(
        'Hosts and ports that can be reached, through a proxy that the task is told of: `host:443`. Nobody else can be.',
      ),
  },
  leaf.EXPECTED.map,
);

export const network: z.ZodType<NetworkConfig> = z
  .union(
    [leaf.oneOf('none', 'full'), networkShape],
    'expected `none`, `full`, or a map with `name` or `allow`',
  )
  .meta({
    id: 'Network',
    description: 'Whom the processes of a task can reach; default: whomever this machine can.',
    examples: ['none', { allow: ['api.example.org:443'] }, { name: 'sandbox-net' }],
  });

const held: Same<z.infer<typeof networkShape>, Exclude<NetworkConfig, string>> = true;
void held;
