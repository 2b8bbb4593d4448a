// Memory, CPU time and processes of attempts, as the world shows them once a second.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import { usageName } from '../../src/core/loop/names.ts';
import type { UsageLook } from '../../src/core/usage/series.ts';
import { realClock } from '../../src/system/clock.ts';
import { callRoll } from '../../src/system/usage/roll.ts';
import { sampleUsage } from '../../src/system/usage/sampler.ts';
import { benches, pause } from './attempts.ts';

const make = benches();
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
  const ended = await b.run(`${holds(150, 1_500)} & ${holds(100, 2_600)}; wait`);
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
  const ended = await b.run(`${burn}; (${burn}) & sleep 0.1; wait; sleep 1.4`);
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
  const ended = await b.run(`rm -r '${b.folder}/cycles'; sleep 1.5`);
  expect(ended.end).toEqual({ code: 0 });
  expect(ended.peakBytes).toBeGreaterThan(0);
});

test('a look over an attempt of fifty processes, beside those of others, costs less than 0.5 % of a core', async () => {
  const pids = Array.from({ length: 50 }, () => crowd(1)).flat();
  const strangers = crowd(100);
  await pause(300);
  const clock = realClock();
  const call = callRoll();
  const all = new Map([[1, { groups: pids }]]);
  const looks = 10;
  const shares = Array.from({ length: 6 }, () => {
    const from = process.cpuUsage();
    for (let look = 0; look < looks; look += 1) expect(call(all)?.get(1)).toHaveLength(50);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / looks / 1_000_000;
  });
  // What others do meanwhile makes any of them dearer, and none cheaper.
  const share = Math.min(...shares);
  console.log(
    `figure: a look over 50 processes costs ${(share * 100).toFixed(3)} % of a core at one a second`,
  );
  expect(strangers).toHaveLength(100);
  expect(share).toBeLessThan(MOST_SHARE);
  // Nobody under way: nobody is looked for.
  const sampler = sampleUsage({ clock, secrets: [] }, () => {
    throw new Error('looked');
  });
  const short = sampler.begin({ log: '/nowhere/p.t.1.log', known: () => ({ groups: [1] }), isSteady: true });
  short.look();
  expect(short.end().looks).toEqual([]);
});

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
