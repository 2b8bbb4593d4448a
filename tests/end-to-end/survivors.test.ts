// Nothing of a task outlives any end of it: every kind of descendant, by every end, in every layer. PROVE_SURVIVORS is how many rounds each end
// gets, PROVE_LAYER the one layer that is looked at. Rounds run side by side: most of each is waiting, and no round knows of another one.

import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pause } from '../contract/attempts.ts';
import {
  BUSYBOX_SCRIPT,
  descendants,
  endSurvivors,
  LIFE_MS,
  survivors,
  type How,
  type Kind,
} from '../contract/descendants.ts';
import { makeImage, removeImage, whyNoPodman } from '../contract/images.ts';
import { LAYERS_HERE } from './layers-here.ts';
import { begin, folderWith, gateRun, loop, until, type Folder, type Running } from './rig.ts';

const ROUNDS = Number(process.env['PROVE_SURVIVORS'] ?? 1);
/** A second signal is one of its own only behind this. */
const ANOTHER_WISH_MS = 300;
const LONGEST_ROUND_MS = 40_000;
/** Of one that took longer once all were there, some may have ended by themselves. */
const PROVES_MS = LIFE_MS - 10_000;
/** Leaves its session and its environment, or is never the same process for long: only a process group lets them go. */
const SLIPPERY: readonly Kind[] = ['wiped', 'hopping'];
const IMAGE = `localhost/gate-run-survivors-${process.pid}:1`;

type Layer = (typeof LAYERS_HERE)[number] | 'container';
/** More of them are slower: what escapes a group keeps a core until it is seen, and to start a container is much work. */
const SIDE_BY_SIDE: Readonly<Record<Layer, number>> = { group: 2, cgroup: 4, bwrap: 4, container: 2 };
/** Containers are asked for beside the image that they take. */
const HERE: readonly Layer[] = [...LAYERS_HERE, 'container'];
/** No proof for root, whom nothing keeps from it; all that there is to say of others. */
const UNTRIED = process.getuid?.() === 0 ? 'could not be tried' : 'was not tried';
const WANTED = HERE.filter((one) => (process.env['PROVE_LAYER'] ?? one) === one);

interface End {
  readonly name: string;
  /** Of the task. */
  readonly keys?: string;
  readonly how: How;
  /** Also tried in a container where there is no time for all of them. */
  readonly isFirst?: boolean;
  /** It has to be heard in what gate-run says. */
  readonly says?: string;
  /** What is done once all descendants are there. */
  readonly act?: (folder: Folder, running: Running, layer: Layer) => Promise<void> | void;
}

/** By the limit of a group that is made for the task, in whichever layer it runs, or by that of its container. */
const OOM = 'its want of memory';
const STALL = 'a stall';
const ENDS: readonly End[] = [
  { name: 'its exit', how: 'exit', isFirst: true },
  {
    name: OOM,
    how: 'eat',
    keys: 'resources: { memory: 96m }, ',
    isFirst: true,
    says: 'out of memory: the kernel killed',
  },
  { name: 'a timeout', how: 'stay', keys: 'timeout: 2s, ' },
  { name: STALL, how: 'stay', keys: 'stall: { warn: 500ms, kill: 2s }, ' },
  {
    name: 'a stop at once',
    how: 'stay',
    act: async (folder) => expect((await gateRun(folder, ['stop', '--now'])).code).toBe(0),
  },
  {
    name: 'TERM to gate-run, twice',
    how: 'stay',
    act: async (folder, { child }) => {
      child.kill('SIGTERM');
      await until('the first is heard', () => folder.read('.gate-run/history.jsonl').includes('"stop.seen"'));
      await pause(ANOTHER_WISH_MS);
      child.kill('SIGTERM');
    },
  },
  {
    name: 'kill -9 of gate-run, once another start has begun',
    how: 'stay',
    isFirst: true,
    act: async (folder, { child, ended }, layer) => {
      child.kill('SIGKILL');
      await ended;
      // What it starts first looks whether anything is left.
      folder.write('loop.config.yaml', configOf(`look: { run: "true", ${isolation(layer)} }`));
      expect((await gateRun(folder)).code).toBe(0);
    },
  },
];

let count = 0;

beforeAll(() => {
  if (WANTED.includes('container') && whyNoPodman === undefined) makeImage(IMAGE);
});
afterAll(() => {
  if (WANTED.includes('container')) removeImage(IMAGE);
});

test.each(WANTED)(
  '[G1][G2][G4][A12] in the layer %s nothing of a task outlives any end of it',
  { timeout: 60_000 + ENDS.length * ROUNDS * LONGEST_ROUND_MS },
  async (layer) => {
    const ends = await possible(layer);
    const rounds = Array.from({ length: ROUNDS }, () => ends).flat();
    const left = new Map<string, readonly Kind[]>();
    await Promise.all(
      Array.from({ length: SIDE_BY_SIDE[layer] }, async () => {
        for (let end = rounds.pop(); end; end = rounds.pop()) {
          const found = await oneRound(layer, end);
          left.set(end.name, [...(left.get(end.name) ?? []), ...found]);
        }
      }),
    );
    const allowed = layer === 'group' ? SLIPPERY : [];
    const escaped = [...left].map(([end, kinds]) => [end, kinds.filter((kind) => !allowed.includes(kind))]);
    const named = layer === 'group' ? `, all of them ${SLIPPERY.join(' or ')}, as \`status\` says` : '';
    const sum = [...left.values()].flat().length;
    console.log(
      `figure: ${layer}: ${ROUNDS} rounds of ${ends.length} ends, ${sum} survivors${sum > 0 ? named : ''}`,
    );
    expect(Object.fromEntries(escaped)).toEqual(Object.fromEntries(ends.map(({ name }) => [name, []])));
  },
);

/** On this machine, found out by doing. */
async function possible(layer: Layer): Promise<readonly End[]> {
  if (layer === 'container' && whyNoPodman !== undefined) {
    console.log(`the layer container ${UNTRIED}: ${whyNoPodman}`);
    return [];
  }
  const folder = folderWith({
    'loop.config.yaml': configOf(`look: { run: "true", resources: { memory: 96m }, ${isolation(layer)} }`),
  });
  const { stdout, stderr } = await gateRun(folder);
  const lacks = /which cannot be had here: .*/.exec(stderr)?.[0];
  if (lacks !== undefined) console.log(`the layer ${layer} ${UNTRIED}: ${lacks}`);
  const unheld = /not held here: memory.*/.exec(stdout)?.[0];
  if (unheld !== undefined) console.log(`${OOM} ${UNTRIED} in the layer ${layer}: ${unheld}`);
  if (lacks !== undefined) return [];
  const isHurried = layer === 'container' && ROUNDS === 1;
  return ENDS.filter(
    ({ name, isFirst }) => (unheld === undefined || name !== OOM) && (!isHurried || isFirst === true),
  );
}

/** Whoever was alive behind the end. */
async function oneRound(layer: Layer, end: End): Promise<readonly Kind[]> {
  const { how, keys = '', act, says = '' } = end;
  const token = `grs-${process.pid}-${(count += 1)}`;
  const argv = layer === 'container' ? inBusybox(token, end) : descendants(token, how).argv;
  const words = argv.map((word) => JSON.stringify(word)).join(', ');
  const folder = folderWith({
    'loop.config.yaml': configOf(`forks: { run: [${words}], ${keys}kill-after: 200ms, ${isolation(layer)} }`),
  });
  if (layer === 'container') cpSync(BUSYBOX_SCRIPT, join(folder.path, 'descendants.sh'));
  const running = begin(folder, []);
  await until('all of them are there', () => folder.has(`${token}-ready`));
  await act?.(folder, running, layer);
  const { stdout } = await running.ended;
  const left = await survivors(token, folder.path);
  const isProof = Date.now() - statSync(join(folder.path, `${token}-ready`)).mtimeMs < PROVES_MS;
  await endSurvivors(token, folder.path);
  if (!isProof) {
    console.log(`${layer}: ${end.name}: a round took longer than descendants live, and is told again`);
    return await oneRound(layer, end);
  }
  expect(stdout).toContain(says);
  if (layer === 'group') expect((await gateRun(folder, ['status'])).stdout).toContain('may outlive');
  return left;
}

function inBusybox(token: string, { name, how }: End): readonly string[] {
  // There each hop takes so much work that no task with that one is silent.
  return ['sh', 'descendants.sh', token, name === STALL ? 'idle' : how];
}

function isolation(layer: Layer): string {
  if (layer !== 'container') return `isolation: ${layer}`;
  return `isolation: { layer: container, engine: podman, image: "${IMAGE}", mounts: [".:/repo"] }`;
}

function configOf(gates: string): string {
  return loop(gates)['loop.config.yaml'] ?? '';
}
