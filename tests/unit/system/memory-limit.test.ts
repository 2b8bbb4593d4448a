// Limits of cgroups as each kind of tree tells them: one recorded on a machine with the old tree, one as the kernel's documentation of
// the unified tree has it, since that has no memory controller on the machine that this was written on.

import { rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryLimitAt } from '../../../src/system/memory-limit.ts';
import { recordedTree } from './recorded-tree.ts';

const MIB = 1_048_576;

test('in the old tree the kernel has worked out what holds, also where a cgroup above is smaller', () => {
  const stat = (limit: string) =>
    `cache 0\nrss 0\nhierarchical_memory_limit ${limit}\nhierarchical_memsw_limit 9223372036854771712\n`;
  const root = recordedTree({
    'job/memory.stat': stat('67108864'),
    'free/memory.stat': stat('9223372036854771712'),
  });
  expect(memoryLimitAt(`${root}/job/memory.oom_control`)).toBe(64 * MIB);
  // Without a limit all of the machine may be had.
  expect(memoryLimitAt(`${root}/free/memory.oom_control`)).toBe(totalmem());
});

test('in the unified tree the smallest of the limits up to the top holds', () => {
  const root = recordedTree({
    'slice/memory.max': `${512 * MIB}\n`,
    'slice/cgroup.procs': '',
    'slice/service/memory.max': 'max\n',
    'slice/service/cgroup.procs': '',
    'slice/service/job/memory.max': `${768 * MIB}\n`,
    'slice/service/job/memory.events': 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n',
    'slice/service/job/cgroup.procs': '4242\n',
  });
  expect(memoryLimitAt(`${root}/slice/service/job/memory.events`)).toBe(512 * MIB);
  rmSync(join(root, 'slice/memory.max'));
  expect(memoryLimitAt(`${root}/slice/service/job/memory.events`)).toBe(768 * MIB);
});

test('where nothing is limited, and where nothing is told, it is the machine', () => {
  expect(memoryLimitAt('/proc/vmstat')).toBe(totalmem());
  expect(memoryLimitAt('/no/such/memory.events')).toBe(totalmem());
});
