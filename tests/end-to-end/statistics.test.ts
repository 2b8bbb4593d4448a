// Statistics of simulations as people meet them: in the verdict, in what is told beside it, and in problems.

import { describe, expect, test } from 'vitest';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

/** Values around 300; a seed in FAILED prints no number, and LOW is a disaster. */
const SIMULATOR = `const [seed, count] = process.argv.slice(2).map(Number);
const failed = new Set((process.env.FAILED ?? '-1').split(',').map(Number));
const low = Number(process.env.LOW ?? -1);
const shift = Number(process.env.SHIFT ?? 0);
for (let at = seed; at < seed + count; at += 1)
  console.log(JSON.stringify({ seed: at, edge: failed.has(at) ? null : at === low ? -1000 : 300 + shift + 10 * Math.sin(at) }));
`;

function ladder(keys: string, count = 80, rungs = `stages: [{ count: ${count} }]`): Folder {
  const folder = folderWith(
    loop(`sims:
        run: [node, sim.mjs, "{{seed}}", "{{count}}"]
        per: batch
        seeds: { batch: 1000 }
        metrics: { edge: { better: higher } }
        ${rungs}
        ${keys}`),
  );
  folder.write('sim.mjs', SIMULATOR);
  return folder;
}

describe('a rung of simulations', () => {
  test('[B7] says value, limit, headroom and n, and how sure its mean is', async () => {
    const folder = ladder('thresholds: { edge.lower: "> 290", edge.p05: "> 295" }');
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/edge\.p05 29\d\.\d+, not > 295 \(\d\.\d+ short, n 80\)/);
    const { stdout: status } = await gateRun(folder, ['explain', '--cycle', '1']);
    expect(status).toMatch(/rung 80: edge 30\d\.?\d* \(± 0\.\d+, n 80, 95 % from 29\d\.\d+ to 30\d\.\d+\)/);
    const answer = JSON.parse((await gateRun(folder, ['--json'])).stdout);
    expect(answer.tasks[0].sims['80']).toMatchObject({
      planned: 80,
      done: 80,
      failed: 0,
      metrics: { edge: { n: 80 } },
    });
  });

  test('is broken where too many failed, and where all did; a few are counted and told', async () => {
    const folder = ladder('max-failed: 2');
    const some = await gateRun(folder, [], { env: { FAILED: '3,7' } });
    expect(some.code).toBe(0);
    expect(some.stdout).toMatch(
      /2 of 80 simulations failed, so every value is that of the other 78 \(seed 3: /,
    );
    const status = JSON.parse((await gateRun(folder, ['status', '--json'])).stdout);
    const spread = { n: 78, failed: 2 };
    expect(status.metrics).toContainEqual(
      expect.objectContaining({ key: 'sims.edge', spread: expect.objectContaining(spread) }),
    );
    const many = await gateRun(folder, [], { env: { FAILED: '3,7,11' } });
    expect(many.code).toBe(3);
    expect(many.stdout).toContain('simulations failed, and `max-failed` allows 2 (seed 3: ');
    const all = await gateRun(folder, [], {
      env: { FAILED: Array.from({ length: 80 }, (_, at) => at).join() },
    });
    expect(all.code).toBe(3);
  });

  test('[A9] holds nothing to a mean of another n', async () => {
    const folder = ladder('max-failed: 2\n        thresholds: { edge: ">= best - 1" }');
    const first = await gateRun(folder, ['-v'], { env: { FAILED: '3' } });
    expect(first.stdout).toContain('>= best - 1 (first, n 79)');
    // Nothing became the best, because a seed was missing.
    expect((await gateRun(folder, ['-v'])).stdout).toContain('(first, n 80)');
    const without = await gateRun(folder, [], { env: { FAILED: '3' } });
    expect(without.code).toBe(3);
    expect(without.stdout).toContain('it compares with whole rungs, and 79 of 80 simulations gave a value');
  });

  test('[A9] holds nothing to a champion in whose rung a simulation failed', async () => {
    const asked = 'max-failed: 2\n        thresholds: { edge: ">= champion - 1" }';
    const folder = ladder(asked);
    folder.write('loop.config.yaml', `${folder.read('loop.config.yaml')}objective: { metric: edge }\n`);
    const first = await gateRun(folder, ['-v'], { env: { FAILED: '3' } });
    expect(first.stdout).toContain('new champion of cycle 1: edge');
    expect((await gateRun(folder, ['-v'])).stdout).toContain('>= champion - 1 (first, n 80)');
    const better = await gateRun(folder, ['-v'], { env: { SHIFT: '5' } });
    expect(better.stdout).toContain('new champion of cycle 3: edge');
    expect((await gateRun(folder, ['-v'])).stdout).toMatch(/not >= champion - 1 = 30\d\.\d+ .*n 80/);
  });

  test('[A20] excuses no failure of a rung that was ended early by a baseline of whole ones', async () => {
    const red = 'fail-on: new\n        thresholds: { edge: "> 350" }';
    const folder = ladder(`stop-early: { confidence: 0.99 }\n        ${red}`, 2000);
    expect((await gateRun(folder, ['baseline', '-n', '1'])).stdout).toMatch(/edge 300\.\d+/);
    const worse = await gateRun(folder, [], { env: { SHIFT: '-50' } });
    expect(worse.code, worse.stdout).toBe(1);
    expect(worse.stdout).toMatch(
      /new: edge of \d\d of 2000 simulations cannot be compared with what it was in the baseline/,
    );
    // Whole rungs can, and the same failure is an old one.
    folder.write('loop.config.yaml', folder.read('loop.config.yaml').replace(/stop-early: .*/, ''));
    await gateRun(folder, ['baseline', '-n', '1']);
    expect((await gateRun(folder)).code).toBe(0);
    expect((await gateRun(folder, [], { env: { SHIFT: '-50' } })).code).toBe(1);
  });

  test('[A20] excuses no failure by a baseline in which a simulation failed', async () => {
    const folder = ladder('max-failed: 2\n        fail-on: new\n        thresholds: { edge: "> 350" }');
    await gateRun(folder, ['baseline', '-n', '1'], { env: { FAILED: '3' } });
    const worse = await gateRun(folder, [], { env: { SHIFT: '-50' } });
    expect(worse.code, worse.stdout).toBe(1);
    expect(worse.stdout).toContain('new: edge was not read in the baseline');
  });

  test('passes no threshold by the seeds that were run before it was decided otherwise', async () => {
    const rungs = 'stages: [{ count: 1000, promote: { edge: "> 350" } }, { count: 2000 }]';
    const asked = (keys: string) => ladder(`stop-early: { confidence: 0.99 }\n        ${keys}`, 1000, rungs);
    const worst = { env: { LOW: '900' } };
    const lowest = await gateRun(asked('thresholds: { edge: "> 250", edge.min: "> 0" }'), [], worst);
    expect(lowest.code, lowest.stdout).toBe(1);
    expect(lowest.stdout).toMatch(/edge\.min -1000, not > 0 \(1000 short, n 1000\)/);
    const mean = await gateRun(asked('thresholds: { edge: "> 250" }'), [], worst);
    expect(mean.code).toBe(0);
    expect(mean.stdout).toMatch(
      /pruned at 1000: edge 30\d\.?\d*, not > 350 .*ended after \d\d of 1000 simulations/,
    );
    const checked = await gateRun(asked('thresholds: { edge.min: "> 0" }'), ['check']);
    expect(checked.stderr + checked.stdout).toContain('`stop-early` ends no rung of this gate');
  });

  test('is over as soon as it cannot keep its threshold any more, and says after how many', async () => {
    const folder = ladder('stop-early: { confidence: 0.99 }\n        thresholds: { edge: "> 350" }', 2000);
    const { code, stdout } = await gateRun(folder);
    expect(code).toBe(1);
    expect(stdout).toMatch(/edge 30\d\.?\d*, not > 350 \(\d\d\.?\d* short, n (?:5\d|6\d)\)/);
    expect(stdout).toMatch(
      /ended after (?:5\d|6\d) of 2000 simulations, 99 % sure that it misses `edge > 350`/,
    );
  });
});

test('a threshold on a statistic that does not exist is a problem with its place, and lists those that do', async () => {
  const { code, stderr } = await gateRun(ladder('thresholds: { edge.median: "> 1" }'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/loop\.config\.yaml:\d+:\d+ .*unknown statistic `median` of `edge`/);
  expect(stderr).toContain('it has mean, sd, se, lower, upper, min, p05, p50, p95, max');
});
