// What each layer adds to a start, side by side: `true` is started in each in turn and its end waited for. `node bench/isolation.ts [ROUNDS]`;
// of a container only where an image is named, that holds `true`: `node bench/isolation.ts 100 localhost/busybox:1`.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../src/system/launch.ts';
import { Bwrap } from '../src/system/units/bwrap.ts';
import { Cgroups } from '../src/system/units/cgroups.ts';
import { Engine } from '../src/system/units/container/engine.ts';
import { ContainerUnit } from '../src/system/units/container/unit.ts';
import { GROUP } from '../src/system/units/process-group.ts';
import type { TaskUnit } from '../src/system/units/unit.ts';

const ROUNDS = Number(process.argv[2] ?? 100);
const IMAGE = process.argv[3];
/** A container takes fifty times as long. */
const CONTAINER_ROUNDS = Math.ceil(ROUNDS / 5);
const ORDER = { killAfterMs: 10_000 };
const TRUE = '/bin/true';
/** The namespace alone, as somebody would make it by hand. */
const BY_HAND = ['bwrap', '--dev-bind', '/', '/', '--unshare-pid', '--die-with-parent', TRUE];
const STEPPING_IN = ['/bin/sh', '-c', 'echo $$ > "$1" && exec "$2"', 'sh', '/dev/null', TRUE];

const nothing = openSync('/dev/null', 'r+');
const bwrap = await Bwrap.open(process.env);
if (typeof bwrap === 'string') throw new Error(bwrap);
const rows = await sideBySide([
  ['a bare start', () => bare([TRUE])],
  ['`group`', () => held(GROUP)],
  ['`bwrap`', () => held(bwrap.unit(ORDER))],
  ['bwrap by hand, for a pid namespace', () => bare(BY_HAND)],
]);
// By themselves: a start outside has to leave the group first, and the kernel takes its time for that.
const cgroups = Cgroups.open();
if (typeof cgroups === 'string') throw new Error(cgroups);
await cgroups.ready;
rows.push(
  ...(await sideBySide([
    ['a bare start, from inside a control group', () => bare([TRUE])],
    ['`cgroup`', () => held(cgroups.unit())],
    ['`bwrap` in a control group', () => held(bwrap.unit(ORDER, cgroups.unit()))],
    ['a shell that would step into a group for itself', () => bare(STEPPING_IN)],
  ])),
);
if (IMAGE !== undefined) rows.push(...(await containers(IMAGE)));
console.log('| | ms | beyond a bare start |\n|---|---|---|');
for (const row of rows) console.log(row);
closeSync(nothing);
bwrap.close();
await cgroups.close();

type Kind = readonly [name: string, start: () => Promise<unknown>];

async function sideBySide(kinds: readonly Kind[], rounds: number = ROUNDS): Promise<string[]> {
  const took = new Map<string, number[]>(kinds.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of kinds) {
      const from = performance.now();
      await start();
      took.get(name)?.push(performance.now() - from);
    }
  }
  const medians = kinds.map(([name]) => median(took.get(name) ?? []));
  return kinds.map(([name], at) => {
    const ms = medians[at] ?? 0;
    return `| ${name} | ${ms.toFixed(1)} | ${(ms - (medians[0] ?? 0)).toFixed(1)} |`;
  });
}

async function containers(image: string): Promise<string[]> {
  const engine = await Engine.answering('podman');
  if (typeof engine === 'string') throw new Error(engine);
  const words = await engine.words(image);
  if (typeof words === 'string') throw new Error(words);
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-bench-'));
  const container = { engine: 'podman', image, mounts: [], user: undefined } as const;
  const isolation = { layer: 'container', fallback: false, container } as const;
  const env = { GATE_RUN: 'bench', GATE_STATE: folder };
  const log = join(folder, 'log');
  const order = {
    isolation,
    ref: { task: 'true', attempt: 1 },
    command: { argv: ['true'] },
    cwd: '/',
    stdin: undefined,
    pass: undefined,
    apart: false,
    network: 'none',
    env,
    log,
  } as const;
  let count = 0;
  const own = (): ContainerUnit =>
    new ContainerUnit({
      order,
      container,
      folder,
      own: String((count += 1)),
      ready: async () => ({ engine, words }),
    });
  const byHand = ['podman', ...words.engine, 'run', '--rm', '--network=none', ...words.run, image, 'true'];
  const told = await sideBySide(
    [
      ['a bare start', () => bare([TRUE])],
      ['podman by hand', () => bare(byHand)],
      ['`container`', () => prepared(own())],
    ],
    CONTAINER_ROUNDS,
  );
  rmSync(folder, { recursive: true });
  return told;
}

async function prepared(unit: ContainerUnit): Promise<void> {
  const refused = await unit.prepare();
  if (refused) throw new Error(refused.detail);
  await held(unit);
}

function median(all: readonly number[]): number {
  return all.toSorted((one, other) => one - other)[all.length >> 1] ?? 0;
}

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
