// Nothing of a task outlives any end of it: every kind of descendant, by every end, in every layer. PROVE_SURVIVORS is how many rounds.

import { describe, expect, test } from 'vitest';
import { pause } from '../contract/attempts.ts';
import { descendants, endSurvivors, survivors, type Kind } from '../contract/descendants.ts';
import { begin, folderWith, gateRun, loop, until, type Folder, type Running } from './rig.ts';

const ROUNDS = Number(process.env['PROVE_SURVIVORS'] ?? 1);
/** A second signal is one of its own only behind this. */
const ANOTHER_WISH_MS = 300;
const LONGEST_ROUND_MS = 40_000;
/** Leaves its session and its environment, or is never the same process for long: only a process group lets them go. */
const SLIPPERY: readonly Kind[] = ['wiped', 'hopping'];

const LAYERS = ['group', 'cgroup', 'bwrap'] as const;
type Layer = (typeof LAYERS)[number];

interface End {
  readonly name: string;
  /** Of the task. */
  readonly keys?: string;
  readonly how: 'exit' | 'stay';
  /** What is done once all descendants are there. */
  readonly act?: (folder: Folder, running: Running, layer: Layer) => Promise<void> | void;
}

const ENDS: readonly End[] = [
  { name: 'its exit', how: 'exit' },
  { name: 'a timeout', how: 'stay', keys: 'timeout: 2s, ' },
  { name: 'a stall', how: 'stay', keys: 'stall: { warn: 500ms, kill: 2s }, ' },
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
    act: async (folder, { child, ended }, layer) => {
      child.kill('SIGKILL');
      await ended;
      // What it starts first looks whether anything is left.
      folder.write('loop.config.yaml', configOf(`look: { run: "true", isolation: ${layer} }`));
      expect((await gateRun(folder)).code).toBe(0);
    },
  },
];

const rounds = new Map<string, { rounds: number; left: number }>();
let count = 0;

describe.each(LAYERS)('[G1][G2][G4][A12] in the layer %s', (layer) => {
  test.each(ENDS)(
    'nothing of a task outlives $name',
    { timeout: 20_000 + ROUNDS * LONGEST_ROUND_MS },
    async (end) => {
      for (let round = 0; round < ROUNDS; round++) await oneRound(layer, end);
      console.log(`figure: ${layer}: ${end.name}: ${JSON.stringify(rounds.get(`${layer} ${end.name}`))}`);
    },
  );
});

async function oneRound(layer: Layer, { name, how, keys = '', act }: End): Promise<void> {
  const token = `grs-${process.pid}-${(count += 1)}`;
  const argv = descendants(token, how)
    .argv.map((word) => JSON.stringify(word))
    .join(', ');
  const folder = folderWith({
    'loop.config.yaml': configOf(`forks: { run: [${argv}], ${keys}kill-after: 200ms, isolation: ${layer} }`),
  });
  const running = begin(folder, []);
  await until('all of them are there', () => folder.has(`${token}-ready`));
  await act?.(folder, running, layer);
  await running.ended;
  const left = await survivors(token);
  const key = `${layer} ${name}`;
  const tally = rounds.get(key) ?? { rounds: 0, left: 0 };
  rounds.set(key, { rounds: tally.rounds + 1, left: tally.left + (left.length > 0 ? 1 : 0) });
  await endSurvivors(token);
  const allowed = layer === 'group' ? SLIPPERY : [];
  expect(
    left.filter((kind) => !allowed.includes(kind)),
    `${key}: alive`,
  ).toEqual([]);
  if (layer === 'group') expect((await gateRun(folder, ['status'])).stdout).toContain('may outlive');
}

function configOf(gates: string): string {
  return loop(gates)['loop.config.yaml'] ?? '';
}
