// What each layer adds to a start, side by side: `true` is started in each in turn and its end waited for. `node bench/isolation.ts [ROUNDS]`

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { launch } from '../src/system/launch.ts';
import { Bwrap } from '../src/system/units/bwrap.ts';
import { Cgroups } from '../src/system/units/cgroups.ts';
import { GROUP } from '../src/system/units/process-group.ts';
import type { TaskUnit } from '../src/system/units/unit.ts';

const ROUNDS = Number(process.argv[2] ?? 100);
const KILL_AFTER_MS = 10_000;
const TRUE = '/bin/true';
/** The namespace alone, as somebody would make it by hand. */
const BY_HAND = ['bwrap', '--dev-bind', '/', '/', '--unshare-pid', '--die-with-parent', TRUE];
const STEPPING_IN = ['/bin/sh', '-c', 'echo $$ > "$1" && exec "$2"', 'sh', '/dev/null', TRUE];

const nothing = openSync('/dev/null', 'r+');
const cgroups = Cgroups.open();
const bwrap = await Bwrap.open(process.env);
if (typeof cgroups === 'string' || typeof bwrap === 'string')
  throw new Error('there are no control groups here, or no bwrap');
await cgroups.ready;
const kinds: readonly (readonly [name: string, start: () => Promise<unknown>])[] = [
  ['a bare start', () => bare([TRUE])],
  ['`group`', () => held(GROUP)],
  ['`cgroup`', () => held(cgroups.unit())],
  ['`bwrap`', () => held(bwrap.unit(KILL_AFTER_MS))],
  ['`bwrap` in a control group', () => held(bwrap.unit(KILL_AFTER_MS, cgroups.unit()))],
  ['a shell that would step into a group for itself', () => bare(STEPPING_IN)],
  ['bwrap by hand, for a pid namespace', () => bare(BY_HAND)],
];

const took = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, start] of kinds) {
    const from = performance.now();
    await start();
    took.get(name)?.push(performance.now() - from);
  }
}
const medians = new Map(
  [...took].map(([name, all]) => [name, all.toSorted((one, other) => one - other)[ROUNDS >> 1] ?? 0]),
);
const floor = medians.get('a bare start') ?? 0;
console.log('| | ms | beyond a bare start |\n|---|---|---|');
for (const [name, ms] of medians) console.log(`| ${name} | ${ms.toFixed(1)} | ${(ms - floor).toFixed(1)} |`);
closeSync(nothing);
bwrap.close();
await cgroups.close();

async function held(unit: TaskUnit): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const order = { command: { argv: [TRUE] }, cwd: '/' };
  const env = { PATH: process.env['PATH'] ?? '' };
  unit.start({ order, env, stdio: [nothing, nothing, nothing], exited: resolve, refused: resolve }, launch);
  await promise;
  unit.close();
}

function bare([file = '', ...words]: readonly string[]): Promise<unknown> {
  const child = spawn(file, words, { cwd: '/', detached: true, stdio: 'ignore' });
  return new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
}
