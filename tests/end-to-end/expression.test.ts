// `exit.when`: an expression that ends a run, what is told of it before, and the frame under a mistake.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen, type Folder } from './rig.ts';

const EDGE =
  "edge: { run: 'echo edge $((50 + GATE_CYCLE))', metrics: { edge: { regex: 'edge (?<value>\\d+)' } } }";

function withWhen(when: string): Folder {
  const exit = `exit: { budget: { cycles: 9 }, when: ${when} }`;
  return folderWith(loop(EDGE, `loop: { sleep: 0s }\n${exit}`));
}

test('[G20] an expression ends the run between two cycles, and the ledger says by which rule', async () => {
  const folder = withWhen('"cycles >= 2 && edge > 52"');
  const ran = await gateRun(folder, ['--continuous', '--json']);
  expect(ran.code, ran.stderr).toBe(0);
  expect(JSON.parse(ran.stdout)).toMatchObject({
    reason: 'budget',
    rule: 'when cycles >= 2 && edge > 52',
    cycles: { finished: 3 },
  });
  expect(ran.stderr).toContain('when     cycles >= 2 && edge > 52');
  expect(folder.read('.gate-run/history.jsonl')).toContain('"rule":"when cycles >= 2 && edge > 52"');
  expect((await gateRun(folder, ['status'])).stdout).toContain('now cycles 3, edge 53');
});

test('[G20] `explain exit` tells every condition with its present value, and what an expression may read', async () => {
  const folder = withWhen('"edge > 90 && runtime > duration(\'1s\')"');
  expect((await gateRun(folder, ['explain', 'exit'])).stdout).toContain('no run has begun yet');
  await gateRun(folder, ['--iterations', '2']);
  const { stdout } = await gateRun(folder, ['explain', 'exit']);
  expect(stdout).toContain('  cycles >= 9: now 2, 7 to go');
  expect(stdout).toMatch(
    /edge > 90 && runtime > duration\('1s'\): now edge 52, runtime \d+ ms, does not hold/,
  );
  expect(stdout).toContain('  failures-in-a-row >= 5: now 0, 5 to go');
  expect(stdout).toMatch(/^ {2}failure_rate\[_over_N\] +double +0% +failure-rate$/m);
  const answer: unknown = JSON.parse((await gateRun(folder, ['explain', 'exit', '--json'])).stdout);
  expect(answer).toMatchObject({
    exit: 0,
    when: { holds: false, reads: { edge: 52 } },
    conditions: { budget: [{ name: 'cycles', value: 2, distance: 7 }] },
  });
  const what = { name: 'edge', type: 'double', value: 52, measure: 'edge' };
  expect(answer).toHaveProperty('variables', expect.arrayContaining([expect.objectContaining(what)]));
});

test('[A10] a mistake in an expression is shown under its own words, and nothing starts', async () => {
  const folder = withWhen('"cycles > 3 && egde > 5"');
  const ran = await gateRun(folder, ['--continuous']);
  expect(ran.code).toBe(2);
  expect(screen(folder, ran.stderr)).toMatchInlineSnapshot(`
    "
    loop.config.yaml:4:53  unknown variable \`egde\` — did you mean \`edge\`?
      4 │ exit: { budget: { cycles: 9 }, when: "cycles > 3 && egde > 5" }
        │                                                     ^^^^
    "
  `);
  expect(folder.list()).toEqual(['loop.config.yaml']);
});
