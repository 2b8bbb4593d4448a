import { expect, test } from 'vitest';
import { killsIn } from '../../../src/system/kernel-log.ts';

const ID = '5d0f8a0c7e';
const line = (group: string, task: string): string =>
  `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${group},task_memcg=${task},task=perl,pid=23480,uid=0`;

test('[G12] a kill counts for the group that had no memory left, and for no other one', () => {
  const own = line(`/libpod_parent/libpod-${ID}`, `/libpod_parent/libpod-${ID}/container`);
  expect(killsIn(ID, [own, own])).toBe(2);
  // The machine's memory, or that of a group around it, is not its limit.
  expect(killsIn(ID, [line('/', `/libpod_parent/libpod-${ID}`)])).toBe(0);
  expect(killsIn(ID, [line('/libpod_parent/libpod-another', '/libpod_parent/libpod-another')])).toBe(0);
  expect(killsIn(ID, [`Memory cgroup out of memory: Killed process 1 (libpod-${ID})`])).toBe(0);
});
