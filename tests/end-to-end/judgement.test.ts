// Numbers decide, and nobody checks them by hand: how close each came to its limit, and that luck on one seed is no gain.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

const SEEDS = 40;
/** Every seed says the same in each cycle, but for what this cycle's candidate gains: on all seeds, and on one of them. */
const SIMULATOR = `const [seed, count] = process.argv.slice(2).map(Number);
const { GAIN = '0', LUCK = '0', LOSES = '-1' } = process.env;
for (let at = seed; at < seed + count; at += 1) {
  if (at === Number(LOSES)) continue;
  const edge = 300 + 40 * Math.sin(at * at) + Number(GAIN) * (1 + 0.1 * Math.cos(at)) + (at === 7 ? Number(LUCK) : 0);
  console.log(JSON.stringify({ seed: at, edge }));
}
`;
const SEARCH = `sims:
  run: [node, sim.mjs, "{{seed}}", "{{count}}"]
  per: batch
  seeds: { base: 0, batch: ${SEEDS} }
  max-failed: 1
  metrics: { edge: { better: higher } }
  stages: [{ count: ${SEEDS} }]`;

const CYCLE = z.object({
  tasks: z.tuple([
    z.object({
      metrics: z.object({ edge: z.number() }),
      sims: z.object({
        [SEEDS]: z.object({
          base: z.literal(0),
          paired: z
            .object({
              n: z.number(),
              lost: z.number().optional(),
              mean: z.number(),
              lower: z.number(),
              wins: z.boolean(),
            })
            .optional(),
        }),
      }),
    }),
  ]),
});

async function candidate(folder: Folder, env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await gateRun(folder, ['--json'], { env });
  expect(code, stderr).toBe(0);
  const [{ metrics, sims }] = CYCLE.parse(JSON.parse(stdout)).tasks;
  const shown = JSON.parse((await gateRun(folder, ['champion', '--json'])).stdout);
  return { edge: metrics.edge, paired: sims[SEEDS]?.paired, champion: shown.champion.cycle };
}

test('[A9] a lucky seed is no gain: the same seeds, pair by pair, past the noise and past min-delta', async () => {
  const folder = folderWith(loop(SEARCH, 'objective: { metric: edge, min-delta: 0.5 }'));
  folder.write('sim.mjs', SIMULATOR);
  const first = await candidate(folder, {});
  expect(first).toMatchObject({ paired: undefined, champion: 1 });
  const lucky = await candidate(folder, { LUCK: '2000' });
  expect(lucky.edge - first.edge).toBeCloseTo(50, 9);
  expect(lucky).toMatchObject({ champion: 1, paired: { n: SEEDS, wins: false } });
  expect(lucky.paired?.lower).toBeLessThan(0);
  // Sure on every seed, and by less than is asked for.
  const small = await candidate(folder, { GAIN: '0.4' });
  expect(small).toMatchObject({ champion: 1, paired: { n: SEEDS, wins: false } });
  expect(small.paired?.lower).toBeGreaterThan(0.3);
  // Half as much as the lucky seed brought, on all of them.
  const better = await candidate(folder, { GAIN: '25' });
  expect(better).toMatchObject({ champion: 4, paired: { n: SEEDS, wins: true } });
  const failing = await candidate(folder, { GAIN: '25', LUCK: '2000', LOSES: '3' });
  expect(failing).toMatchObject({ champion: 4, paired: { n: SEEDS, lost: 1, wins: false } });
  const seeds = readFileSync(join(folder.path, '.gate-run/champion/000004/sims.jsonl'), 'utf8');
  expect(
    seeds
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).seed),
  ).toEqual(Array.from({ length: SEEDS }, (_, seed) => seed));
});

test('a target is met on the top rung alone, also where the rung below misses what was wanted of it', async () => {
  const rungs = 'stages: [{ count: 20, promote: { edge: "> 900" } }, { count: 40 }]';
  const asked = SEARCH.replace(/stages: .*/, rungs).concat('\n  thresholds: { edge: { want: "> 800" } }');
  const folder = folderWith(loop(asked, 'exit: { target: { edge: "> 200" } }'));
  folder.write('sim.mjs', SIMULATOR);
  const { code, stdout } = await gateRun(folder, ['--iterations', '2']);
  expect(code, stdout).toBe(5);
  expect(stdout).toMatch(/not > 800 .*pruned at 20: edge 29\d/);
});

/** A failure of one gate keeps no other from being judged. */
const KEEP = ['--set', 'phases.check.policy=keep-going'];

test('[B7] each surface says how close a value came to its limit', async () => {
  const reads = (name: string, asked: string, better: string) =>
    `${name}: { run: cat numbers.txt, metrics: { ${name}: { regex: '${name} (?<value>\\S+)', better: ${better} } }, thresholds: { ${name}: ${asked} } }`;
  const gates = [
    reads('warnings', '"<= 50"', 'lower'),
    reads('lines', '">= 80"', 'higher'),
    reads('points', '">= best - 0.2"', 'higher'),
  ];
  const folder = folderWith(loop(gates.join('\n'), 'jobs: 3\nreporters: [plain, { junit: out.xml }]'));
  folder.write('numbers.txt', 'warnings 41\nlines 83.5\npoints 0.3\n');
  expect((await gateRun(folder, KEEP)).code).toBe(0);
  folder.write('numbers.txt', 'warnings 51\nlines 83.5\npoints 0.05\n');
  const { code, stdout } = await gateRun(folder, KEEP);
  expect(code).toBe(1);
  const missed = ['warnings 51 of 50 (1 over)', 'points 0.05, not >= best - 0.2 = 0.1 (0.05 short)'];
  const explained = (await gateRun(folder, ['explain', '--cycle', '2'])).stdout;
  for (const text of ['lines 83.5 >= 80 (3.5 above)', ...missed]) {
    expect(stdout).toContain(text);
    expect(explained).toContain(text);
  }
  const report = (await gateRun(folder, ['report'])).stdout;
  for (const text of missed) expect(report).toContain(text);
  expect(readFileSync(join(folder.path, 'out.xml'), 'utf8')).toContain(missed[0]);
  expect((await gateRun(folder, ['explain', '--cycle', '1'])).stdout).toContain('warnings 41 of 50 (9 left)');
  const answer = JSON.parse((await gateRun(folder, ['explain', '--cycle', '2', '--json'])).stdout);
  expect(JSON.stringify(answer)).toContain('"headroom":-1');
});

test('[A17] a loop that is busy and gets nowhere gives up; what moved, be it a file, a number or a verdict, is said and counts', async () => {
  const folder = folderWith(
    loop(
      `busy: { run: "sh work.sh", mode: soft, metrics: { left: { regex: 'left (?<value>\\d+)', better: lower } } }`,
      'exit: { budget: { cycles: 9 }, give-up: { no-progress: 2 } }\nloop: { sleep: 0s, backoff: { from: 1ms } }',
    ),
  );
  // A file in cycle 2, a number in cycle 3, a verdict in cycle 4; then nothing but words.
  folder.write(
    'work.sh',
    `[ $GATE_CYCLE = 2 ] && echo x > made.txt
echo "busy: $$"
[ $GATE_CYCLE -ge 3 ] && echo "left 4" || echo "left 5"
[ $GATE_CYCLE -ge 4 ]
`,
  );
  const { code, stdout } = await gateRun(folder, ['--continuous']);
  expect(stdout).toContain('gave up: no-progress >= 2');
  expect(code).toBe(4);
  const told: unknown = JSON.parse((await gateRun(folder, ['history', '--json'])).stdout);
  const cycles = z
    .array(z.object({ receipts: z.object({ moved: z.array(z.string()).optional() }) }))
    .parse(told);
  expect(cycles.map(({ receipts }) => receipts.moved)).toEqual([
    ['first'],
    ['tree'],
    ['busy.left'],
    ['busy passed'],
    [],
    [],
  ]);
});
