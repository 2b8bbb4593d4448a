import { describe, expect, test } from 'vitest';
import { counterPlaces, watchOom } from '../../../src/system/oom.ts';

function watched(isShared = false) {
  const counter = { kills: 7 };
  return { counter, watch: watchOom({ read: () => counter.kills, isShared }) };
}

describe('whose kills they were', () => {
  test('an attempt that was killed while the counter moved ran out of memory; one without a move did not', () => {
    const { counter, watch } = watched();
    const still = watch.begin();
    expect(still(true)).toBe(0);
    const moved = watch.begin();
    counter.kills += 2;
    expect(moved(true)).toBe(2);
    expect(watch.begin()(true)).toBe(0);
  });

  test('behind a shell that hides it, the move tells of whoever was alone all the time', () => {
    const { counter, watch } = watched();
    const alone = watch.begin();
    counter.kills += 1;
    expect(alone(false)).toBe(1);
    const [one, other] = [watch.begin(), watch.begin()];
    counter.kills += 1;
    expect([one(false), other(false)]).toEqual([0, 0]);
    expect(watch.begin()(false)).toBe(0);
  });

  test('who was alone at the end, or at the beginning, was not alone', () => {
    const { counter, watch } = watched();
    const first = watch.begin();
    const second = watch.begin();
    counter.kills += 1;
    expect(second(false)).toBe(0);
    expect(first(false)).toBe(0);
  });

  test.each([
    ['counts them too', true, 0],
    ['does not see them', false, 1],
  ])(
    'what an attempt counted by itself is blamed on no other one, where the shared counter %s',
    (_, countsBelow, left) => {
      const counter = { kills: 0 };
      const watch = watchOom({ read: () => counter.kills, isShared: false, countsBelow });
      const own = watch.begin();
      const other = watch.begin();
      counter.kills += 1;
      expect(own(false, 1)).toBe(1);
      expect(other(true)).toBe(left);
      expect(watch.begin()(true, 0)).toBe(0);
    },
  );

  test('side by side each that was killed counts for one, and no kill is counted twice', () => {
    const { counter, watch } = watched();
    const [eats, killedByHand, well] = [watch.begin(), watch.begin(), watch.begin()];
    counter.kills += 1;
    expect(eats(true)).toBe(1);
    expect(killedByHand(true)).toBe(0);
    expect(well(false)).toBe(0);
  });

  test('a counter that others move too proves nothing of an attempt that was not killed', () => {
    const { counter, watch } = watched(true);
    const hides = watch.begin();
    counter.kills += 3;
    expect(hides(false)).toBe(0);
    const killed = watch.begin();
    counter.kills += 3;
    expect(killed(true)).toBe(1);
  });

  test('where there is no counter, or it is gone, nothing is told', () => {
    const { counter, watch } = watched();
    const look = watch.begin();
    counter.kills = Number.NaN;
    expect(look(true)).toBe(0);
    expect(watch.begin()(true)).toBe(0);
    const late = watch.begin();
    counter.kills = 9;
    expect(late(true)).toBe(0);
  });
});

describe('where the counter is', () => {
  const files = (cgroup: string, mounts: string) =>
    counterPlaces(cgroup, mounts).map(({ file, isShared }) => `${file}${isShared ? ' (shared)' : ''}`);
  const MACHINE = '/proc/vmstat (shared)';

  test('in a unified tree, and above it for a cgroup without the memory controller', () => {
    expect(
      files(
        '0::/system.slice/loop.service\n',
        '29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n',
      ),
    ).toEqual([
      '/sys/fs/cgroup/system.slice/loop.service/memory.events',
      '/sys/fs/cgroup/system.slice/memory.events (shared)',
      '/sys/fs/cgroup/memory.events (shared)',
      MACHINE,
    ]);
  });

  test('in the memory tree of its own that a hybrid machine has', () => {
    expect(
      files(
        '4:memory:/work/one\n1:cpu:/\n0::/\n',
        '32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n' +
          '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
          '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n',
      ),
    ).toEqual(['/sys/fs/cgroup/memory/work/one/memory.oom_control', MACHINE]);
  });

  test('in a container that sees only its part of the tree, under an odd name too', () => {
    expect(
      files(
        '4:memory,hugetlb:/docker/f00\n',
        '35 31 0:32 /docker/f00 /mnt/c\\040g ro master:9 - cgroup cgroup rw,memory\n',
      ),
    ).toEqual(['/mnt/c g/memory.oom_control', MACHINE]);
  });

  test('not in a tree that does not show this process', () => {
    expect(files('0::/../other\n', '29 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')).toEqual([
      MACHINE,
    ]);
    expect(files('0::/ab\n', '29 23 0:26 /a /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n')).toEqual([MACHINE]);
    expect(files('', '')).toEqual([MACHINE]);
  });
});
