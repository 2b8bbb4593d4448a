// How many CPUs there are to be given out, as each kind of tree of control groups tells it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { coresIn } from '../../../src/system/machine.ts';

function tree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'gate-run-cgroups-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test('in a tree of its own the least of the quotas up to the top counts', () => {
  const root = tree({
    'box/cpu.cfs_quota_us': '75000\n',
    'box/cpu.cfs_period_us': '100000\n',
    'box/job/cpu.cfs_quota_us': '-1\n',
    'box/job/cpu.cfs_period_us': '100000\n',
  });
  const mounts = `31 23 0:28 / ${root} rw,relatime - cgroup cgroup rw,cpu,cpuacct\n`;
  expect(coresIn({ cgroup: '3:cpu,cpuacct:/box/job\n0::/elsewhere\n', mounts })).toBe(0.75);
});

test('in the unified tree as well', () => {
  const root = tree({ 'slice/cpu.max': '66667 100000\n', 'slice/job/cpu.max': 'max 100000\n' });
  const mounts = `31 23 0:28 / ${root} rw,relatime - cgroup2 cgroup2 rw\n`;
  expect(coresIn({ cgroup: '0::/slice/job\n', mounts })).toBe(0.66);
});

test('where nothing is held back it is what the machine has', () => {
  expect(coresIn({ cgroup: '', mounts: '' })).toBe(availableParallelism());
});
