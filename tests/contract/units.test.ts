import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { endStrays } from '../../src/system/strays.ts';
import { runCommand } from '../../src/system/command.ts';
import { argvOf } from '../../src/system/launch.ts';
import { shimmed } from '../../src/system/limits/shim.ts';
import type { TaskUnit } from '../../src/system/units/unit.ts';
import { Cgroups } from '../../src/system/units/cgroups.ts';
import { GROUPS_ONLY, openUnits, type Units } from '../../src/system/units/units.ts';
import { benches, pause } from './attempts.ts';
import { descendants, endSurvivors, ready, survivors } from './descendants.ts';

const make = benches();

let cgroups: Cgroups | string = 'not opened';
let units: Units = GROUPS_ONLY;
beforeAll(async () => {
  cgroups = Cgroups.open();
  units = openUnits(cgroups);
});
afterAll(async () => {
  if (typeof cgroups === 'string') return;
  await cgroups.close();
  expect(existsSync(cgroups.folder)).toBe(false);
});

let count = 0;
const token = (): string => `gru-${process.pid}-${(count += 1)}`;

/** Root on a machine with a unified tree has them; who has not says so, and is held to what it can do. */
const unified = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((place) =>
  existsSync(join(place, 'cgroup.stat')),
);
const hasCgroups = unified !== undefined && process.getuid?.() === 0;

describe.runIf(hasCgroups)('a control group', () => {
  test('one that was made for a task alone holds what enters it by itself, wherever gate-run stands', async () => {
    if (typeof cgroups === 'string') return;
    const groups = cgroups;
    const folder = join(groups.folder, 'made');
    mkdirSync(folder);
    const unit = groups.unitIn(folder);
    const own: Units = { ...units, unit: () => entering(unit, join(folder, 'cgroup.procs')) };
    const b = make({ units: own });
    const order = b.start('cat /proc/self/cgroup; setsid sleep 60 & sleep 60', { killAfterMs: 100 });
    await expect.poll(() => b.log(order)).toContain('/made');
    await expect.poll(() => unit.members(0).length).toBeGreaterThan(1);
    b.processes.signal(order.ref, 'KILL');
    await b.fact('attempt.ended');
    expect(unit.members(0)).toEqual([]);
    rmdirSync(folder);
  });

  test('gate-run can be moved out of the way, and back', async () => {
    if (typeof cgroups === 'string') return;
    const home = join(cgroups.folder, 'home');
    const at = () =>
      readFileSync('/proc/self/cgroup', 'latin1')
        .split('\n')
        .find((line) => line.startsWith('0::'));
    mkdirSync(home);
    cgroups.stepOut();
    const before = at();
    cgroups.moveHome(home);
    expect(at()).toMatch(/\/home$/);
    const ended = await make({ units }).run('cat /proc/self/cgroup');
    expect(ended.end).toEqual({ code: 0 });
    cgroups.stepOut();
    expect(at()).toMatch(/\/home$/);
    cgroups.moveBack();
    expect(at()).toBe(before);
    rmdirSync(home);
  });

  test('[A19] the memory of a process that has left its session counts', async () => {
    const b = make({ units });
    const held = `const held = Buffer.alloc(120 * 1048576, 1); setTimeout(() => held.length, 1600)`;
    const ended = await b.run(`setsid '${process.execPath}' -e '${held}' & sleep 2.2; wait`);
    expect(ended.peakBytes).toBeGreaterThan(120 * 1_048_576);
  });

  test('[A12] nothing of a task outlives its exit, whatever it has become', async () => {
    const b = make({ units });
    const name = token();
    const ended = await b.run(descendants(name, 'exit'), { killAfterMs: 100 });
    expect(await survivors(name)).toEqual([]);
    expect(ended).toMatchObject({ end: { code: 0 } });
    expect(ended.leftBehind).toBeGreaterThan(5);
  });

  test.each(['TERM', 'KILL'] as const)('[A12] nothing of a task outlives a stop by %s', async (signal) => {
    const b = make({ units });
    const name = token();
    // In the group in which gate-run stands at first.
    const beside = b.start('sleep 60');
    const order = b.start(descendants(name, 'stay'), { killAfterMs: 100 });
    await ready(b.folder, name);
    b.processes.signal(order.ref, signal);
    const ended = await b.fact('attempt.ended');
    expect(await survivors(name)).toEqual([]);
    expect(ended.task).toBe(order.ref.task);
    b.processes.signal(beside.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === beside.ref.task);
    expect(ended.end).toEqual({ signal: `SIG${signal}` });
  });

  test('two attempts side by side have each its own, and gate-run is in none of them when one is killed', async () => {
    const b = make({ units });
    const one = b.start('sleep 60');
    const other = b.start('sleep 60');
    b.processes.signal(one.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === one.ref.task);
    expect(b.facts.filter(({ type }) => type === 'attempt.ended')).toHaveLength(1);
    b.processes.signal(other.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === other.ref.task);
  });

  test('a task that asks for a process group is not in the control group of another one, and does not end with that', async () => {
    const b = make({ units });
    const one = b.start('sleep 60');
    const other = b.start('sleep 60', { isolation: { layer: 'group', fallback: false } });
    b.processes.signal(one.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === one.ref.task);
    await pause(200);
    expect(b.facts.filter(({ type }) => type === 'attempt.ended')).toHaveLength(1);
    b.processes.signal(other.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === other.ref.task);
  });

  test('groups are used again, and one that a task made below its own goes with them', async () => {
    const b = make({ units });
    const folder = typeof cgroups === 'string' ? '' : cgroups.folder;
    for (let nth = 0; nth < 5; nth++) {
      const ended = await b.run(
        `mkdir "${unified}$(sed -n 's/^0:://p' /proc/self/cgroup)/own" && sleep 0.01`,
      );
      expect(ended).toMatchObject({ end: { code: nth === 0 ? 0 : 1 } });
    }
    const made = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(made.length).toBeLessThan(4);
  });

  test('a command of gate-run itself is born outside, wherever gate-run stands at that moment', async () => {
    const b = make({ units });
    const order = b.start('sleep 60');
    const own = await runCommand(['cat', '/proc/self/cgroup'], {
      cwd: b.folder,
      timeoutMs: 5_000,
      maxBytes: 9_999,
    });
    expect(own.stdout).toContain('0::');
    // The whole test may be a task itself, and stand in a group of somebody else's.
    expect(own.stdout).not.toContain(typeof cgroups === 'string' ? '' : basename(cgroups.folder));
    b.processes.signal(order.ref, 'KILL');
    await b.fact('attempt.ended');
  });

  test('what is started while gate-run is on its way out is in its group all the same', async () => {
    const leaving = Cgroups.open();
    if (typeof leaving === 'string') throw new Error(leaving);
    const b = make({ units: openUnits(leaving) });
    leaving.leave();
    const name = token();
    const { end } = await b.run(descendants(name, 'exit'), { killAfterMs: 100 });
    expect(end).toEqual({ code: 0 });
    expect(await survivors(name)).toEqual([]);
    await leaving.close();
    expect(existsSync(leaving.folder)).toBe(false);
  });
});

describe('a process group', () => {
  test('[A12] what a gate-run inside a task has started is of that task too, whatever marks it was given', async () => {
    const outer = make();
    const inner = make({ env: { ...process.env, ...outer.marks('outer') } });
    const name = token();
    const order = inner.start(descendants(name, 'stay'), { killAfterMs: 100 });
    await ready(inner.folder, name);
    const run = outer.marks('outer')['GATE_RUN'] ?? '';
    expect(endStrays({ run, alive: () => false })).toBeGreaterThan(4);
    await inner.fact('attempt.ended', ({ task }) => task === order.ref.task);
    const left = await survivors(name);
    await endSurvivors(name, inner.folder);
    expect(left.filter((kind) => kind !== 'wiped' && kind !== 'hopping')).toEqual([]);
  });

  test('[A12] what leaves it is found by its marks; what wipes them, or never holds still, may escape, and no other kind does', async () => {
    const b = make();
    const name = token();
    const order = b.start(descendants(name, 'stay'), { killAfterMs: 100 });
    await ready(b.folder, name);
    b.processes.signal(order.ref, 'KILL');
    await b.fact('attempt.ended');
    const left = await survivors(name);
    await endSurvivors(name, b.folder);
    expect(left).toContain('wiped');
    expect(left.filter((kind) => kind !== 'wiped' && kind !== 'hopping')).toEqual([]);
  });
});

/** As tasks with limits enter their groups. */
function entering(unit: TaskUnit, procs: string): TaskUnit {
  return {
    layer: unit.layer,
    hasOwnNumbers: unit.hasOwnNumbers,
    start: (wanted, how) => {
      const argv = shimmed(argvOf(wanted.order), { groups: [procs], ceilings: {} });
      return unit.start({ ...wanted, order: { ...wanted.order, command: { argv } } }, how);
    },
    signal: (leader, signal) => unit.signal(leader, signal),
    signalOne: (leader, signal) => unit.signalOne(leader, signal),
    isGone: (leader) => unit.isGone(leader),
    isEmpty: (leader) => unit.isEmpty(leader),
    members: (leader) => unit.members(leader),
    leftBehind: () => unit.leftBehind(),
    oomKills: () => unit.oomKills(),
    close: () => unit.close(),
  };
}
