// What a task may say of what it uses: `resources`. Every limit may be `never`, which takes an inherited one away.

import * as z from 'zod';
import type { ResourcesConfig } from './holding-config.ts';
import type { Same } from './exact.ts';
import * as leaf from './leaf.ts';
import { parseCount, parseCpus, parseSize } from './quantity.ts';

const NEVER = 'never';

function limited(expected: string, isOne: (value: string | number) => boolean): z.ZodType<string | number> {
  return z
    .union([z.string(), z.number()], expected)
    .refine((value) => leaf.isFilledIn(value) || value === NEVER || isOne(value), expected);
}

const size = limited(leaf.EXPECTED.sizeLimit, (value) => (parseSize(value) ?? 0) > 0);
const count = limited(leaf.EXPECTED.countLimit, (value) => (parseCount(value) ?? 0) > 0);
const cpus = limited(leaf.EXPECTED.cpus, (value) => parseCpus(value) !== undefined);

const resourcesShape = z.strictObject(
  {
    memory: size
      .exactOptional()
      .describe(
        'The most memory; tasks that together would need more than there is do not run side by side.',
      ),
    cpus: cpus.exactOptional().describe('The most CPUs at a time, such as `1.5`.'),
    pids: count.exactOptional().describe('The most processes and threads.'),
    'open-files': count.exactOptional().describe('The most open files of each process.'),
    'file-size': size.exactOptional().describe('The largest file that a process may write.'),
    'cpu-time': leaf.limit.exactOptional().describe('The most CPU time of each process, in whole seconds.'),
    lock: leaf.textOrTexts
      .exactOptional()
      .describe(
        'Names; of the tasks that name the same one, in any run on this machine, one runs at a time.',
      ),
    weight: leaf.jobs
      .exactOptional()
      .describe('Places of `jobs` that it takes; default 1. What is heavier than `jobs` runs alone.'),
  },
  leaf.EXPECTED.map,
);
export const resources: z.ZodType<ResourcesConfig> = resourcesShape.meta({
  id: 'Resources',
  description: 'What a task may use, what it shares with nobody, and how much of the run it takes.',
  examples: [{ memory: '4g', cpus: 2, lock: 'database' }],
});

const held: Same<z.infer<typeof resourcesShape>, ResourcesConfig> = true;
void held;
