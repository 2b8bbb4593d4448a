// How many CPUs there are to be given out, as each kind of tree of control groups tells it.

import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { coresIn } from '../../../src/system/machine.ts';
import { recordedTree } from './recorded-tree.ts';

test('in a tree of its own the least of the quotas up to the top counts', () => {
  const root = recordedTree({
    'box/cpu.cfs_quota_us': '75000\n',
    'box/cpu.cfs_period_us': '100000\n',
    'box/job/cpu.cfs_quota_us': '-1\n',
    'box/job/cpu.cfs_period_us': '100000\n',
  });
  const mounts = `31 23 0:28 / ${root} rw,relatime - cgroup cgroup rw,cpu,cpuacct\n`;
  expect(coresIn({ cgroup: '3:cpu,cpuacct:/box/job\n0::/elsewhere\n', mounts })).toBe(0.75);
});

test('in the unified tree as well', () => {
  const root = recordedTree({ 'slice/cpu.max': '66667 100000\n', 'slice/job/cpu.max': 'max 100000\n' });
  const mounts = `31 23 0:28 / ${root} rw,relatime - cgroup2 cgroup2 rw\n`;
  expect(coresIn({ cgroup: '0::/slice/job\n', mounts })).toBe(0.66);
});

test('where nothing is held back it is what the machine has', () => {
  expect(coresIn({ cgroup: '', mounts: '' })).toBe(availableParallelism());
});
