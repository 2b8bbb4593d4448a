// Memory, CPU time and processes of attempts, as the world shows them once a second.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import { usageName } from '../../src/core/loop/names.ts';
import type { UsageLook } from '../../src/core/usage/series.ts';
import { realClock } from '../../src/system/clock.ts';
import { Cgroups } from '../../src/system/units/cgroups.ts';
import { GROUPS_ONLY, openUnits, type Units } from '../../src/system/units/units.ts';
import { callRoll } from '../../src/system/usage/roll.ts';
import { sampleUsage } from '../../src/system/usage/sampler.ts';
import { benches, pause } from './attempts.ts';

const open = benches();

/** Groups that know who is in them where they can be had: then no look has to walk over whatever else this machine runs. */
let cgroups: Cgroups | string = 'not opened';
let units: Units = GROUPS_ONLY;
beforeAll(async () => {
  cgroups = Cgroups.open();
  units = openUnits(cgroups);
});
afterAll(async () => {
  if (typeof cgroups !== 'string') await cgroups.close();
});

function make(): ReturnType<typeof open> {
  return open({ units });
}

const MB = 1_048_576;
/** Of one core, and of a look a second. */
const MOST_SHARE = 0.005;

/** Holds so much memory for so long. */
function holds(megabytes: number, ms: number): string {
  return `'${process.execPath}' -e 'const held = Buffer.alloc(${megabytes} * 1048576, 1); setTimeout(() => held.length, ${ms})'`;
}

function looksOf(log: string): readonly UsageLook[] {
  const lines = readFileSync(usageName(log), 'utf8').trimEnd().split('\n');
  return lines.map((line): UsageLook => JSON.parse(line));
}

function logOf(folder: string, { task }: AttemptEnded): string {
  return `${folder}/cycles/000001/p.${task}.1.log`;
}

test('[A19] the most memory that an attempt held is in its end, and who held it in the looks beside its log', async () => {
  const b = make();
  const ended = await b.run(
    `${holds(150, 3_000)} & A=$!; ${holds(100, 60_000)} & B=$!; wait $A; sleep 6; kill $B; wait $B || true`,
  );
  expect(ended.end).toEqual({ code: 0 });
  const peak = ended.peakBytes ?? 0;
  // Two of Node's own sizes come to it, a hundred megabytes at the most.
  expect(peak).toBeGreaterThan(250 * MB);
  expect(peak).toBeLessThan(450 * MB);
  const looks = looksOf(logOf(b.folder, ended));
  const most = looks.find(({ memoryBytes }) => memoryBytes === peak);
  expect(most?.processes).toBe(3);
  expect(most?.largest.map(({ name }) => name)).toEqual(['node', 'node', 'sh']);
  expect(most?.largest[0]?.parent).toBe(most?.largest[2]?.pid);
  // One of them is gone by then.
  expect(looks.at(-1)?.memoryBytes).toBeLessThan(200 * MB);
  expect(looks.at(-1)?.peakBytes).toBe(peak);
});

test('of an attempt that is over within a second nothing is told, and nothing is kept', async () => {
  const b = make();
  const ended = await b.run('echo said');
  expect(ended.peakBytes).toBeUndefined();
  expect(ended.cpuMs).toBeUndefined();
  expect(existsSync(usageName(logOf(b.folder, ended)))).toBe(false);
});

test('CPU time of children that are long gone counts, whoever waited for them', async () => {
  const b = make();
  // A second of CPU time, however long that takes on a busy machine.
  const burn = `sh -c 'ulimit -S -t 1; while :; do :; done' || true`;
  const ended = await b.run(`${burn}; (${burn}) & sleep 0.1; wait; sleep 6`);
  expect(ended.cpuMs).toBeGreaterThan(1_900);
  expect(ended.cpuMs).toBeLessThan(3_000);
});

test('what gate-run ends is looked at once more before: a peak of its last moment is seen', async () => {
  const b = make();
  const order = b.start(`sleep 1.3; ${holds(120, 60_000)}`);
  await pause(1_850);
  b.processes.signal(order.ref, 'TERM');
  const ended = await b.fact('attempt.ended');
  expect(ended.end).toEqual({ signal: 'SIGTERM' });
  expect(ended.peakBytes).toBeGreaterThan(120 * MB);
});

test('a folder that is gone takes the looks with it, and nothing else', async () => {
  const b = make();
  const ended = await b.run(`rm -r '${b.folder}/cycles'; sleep 2.5`);
  expect(ended.end).toEqual({ code: 0 });
  expect(ended.peakBytes).toBeGreaterThan(0);
});

test('looks take at most 0.4 % of a core, whatever one costs: a dear one is followed by a pause', async () => {
  const looksIn = async (burnMs: number, waitMs: number): Promise<number> => {
    let looks = 0;
    const sampler = sampleUsage({ clock: realClock(), secrets: [] }, () => {
      looks += 1;
      for (const until = cpuMs() + burnMs; cpuMs() < until;);
      return new Map();
    });
    const measuring = sampler.begin({
      log: '/nowhere/p.t.1.log',
      known: () => ({ groups: [1] }),
      isSteady: true,
    });
    // Too young to be looked at.
    measuring.look();
    expect(looks).toBe(0);
    await pause(waitMs);
    expect(measuring.end().looks).toEqual([]);
    return looks;
  };
  expect(await looksIn(40, 6_500)).toBe(2);
  expect(await looksIn(0, 6_500)).toBeGreaterThan(2);
});

test('what a look over fifty processes costs, beside a hundred of others', async () => {
  const pids = crowd(50);
  const strangers = crowd(100);
  await pause(300);
  const call = callRoll();
  const all = new Map([[1, { groups: pids }]]);
  // What others do meanwhile makes any of them dearer, and none cheaper.
  const share = Math.min(...Array.from({ length: 6 }, () => shareOf(() => call(all))));
  console.log(
    `figure: a look over 50 processes costs ${(share * 100).toFixed(3)} % of a core at one a second`,
  );
  expect(
    new Set(
      call(all)
        ?.get(1)
        ?.map(({ pid }) => pid),
    ),
  ).toEqual(new Set(pids));
  expect(strangers).toHaveLength(100);
  // On a machine that is busy with other things all of it takes many times as long.
  if (process.env['PROVE_LOOKS'] !== undefined) expect(share).toBeLessThan(MOST_SHARE);
});

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Of a core, where it is done once a second. */
function shareOf(work: () => void): number {
  const times = 10;
  const from = process.cpuUsage();
  for (let time = 0; time < times; time += 1) work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / times / 1_000_000;
}

/** So many processes that do nothing, each the leader of its group. */
function crowd(count: number): readonly number[] {
  const children = Array.from({ length: count }, () =>
    spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }),
  );
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  return children.flatMap(({ pid }) => pid ?? []);
}
