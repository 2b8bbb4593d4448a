// `gate-run replay`: new settings over a recorded night. The fold and the decisions are those of a run.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, type Folder } from './rig.ts';

const EDGE =
  "edge: { run: 'echo edge $((GATE_CYCLE * 10)); test $GATE_CYCLE != 3', metrics: { edge: { regex: 'edge (?<value>\\d+)', better: higher } } }";

async function night(): Promise<Folder> {
  const folder = folderWith(
    loop(EDGE, 'loop: { sleep: 0s, backoff: { from: 0s } }\nexit: { budget: { cycles: 5 } }'),
  );
  const ran = await gateRun(folder, ['--continuous']);
  expect(ran.code, ran.stderr).toBe(0);
  return folder;
}

test('[G20] a replay says where other settings would have stopped, and what that had saved and lost', async () => {
  const folder = await night();
  const before = folder.read('.gate-run/history.jsonl');
  const same = await gateRun(folder, ['replay']);
  expect(same.stdout).toContain('these settings end it there too: the budget is spent (cycles >= 5)');
  const args = ['replay', '--max-failures', '1', '--json'];
  const earlier: unknown = JSON.parse((await gateRun(folder, args)).stdout);
  expect(earlier).toMatchObject({
    verdict: 'earlier',
    stop: { cycle: 3, reason: 'gave-up', rule: 'failures-in-a-row >= 1' },
    saved: { cycles: 2 },
    lost: { passedCycles: 2, bests: [{ metric: 'edge.edge', before: 20, later: 50, cycle: 5 }] },
  });
  const later = await gateRun(folder, ['replay', '--set', 'exit.budget.cycles=50', '.gate-run']);
  expect(later.stdout).toContain('these settings do not end it: it would have gone on from there');
  const when = await gateRun(folder, ['replay', '--set', 'exit.when=edge_best > 15 && cycles > 1']);
  expect(when.stdout).toContain('the budget is spent (when edge_best > 15 && cycles > 1), behind cycle 2');
  expect(when.stdout).toContain('lost      edge.edge 20 → 50, reached in cycle 5');
  expect(folder.read('.gate-run/history.jsonl')).toBe(before);
});

test('[B18] a ledger that is damaged, empty, or not there is told, each with its exit code', async () => {
  const folder = await night();
  expect(await gateRun(folder, ['replay', 'nowhere'])).toMatchObject({ code: 2 });
  expect((await gateRun(folder, ['replay', '--run', 'x'])).stderr).toContain('it holds no run x');
  folder.write('empty.jsonl', '');
  expect((await gateRun(folder, ['replay', 'empty.jsonl'])).stderr).toContain('it holds no run yet');
  const lines = folder.read('.gate-run/history.jsonl').split('\n');
  folder.write(
    'bad.jsonl',
    [...lines.slice(0, 3), lines[3]?.replace('"seq"', '"sqe"'), ...lines.slice(4)].join('\n'),
  );
  const bad = await gateRun(folder, ['replay', 'bad.jsonl']);
  expect(bad).toMatchObject({ code: 8, stdout: '' });
  expect(bad.stderr).toContain('bad.jsonl');
  folder.write('gap.jsonl', lines.toSpliced(6, 3).join('\n'));
  expect(await gateRun(folder, ['replay', 'gap.jsonl'])).toMatchObject({ code: 8, stdout: '' });
  folder.write('torn.jsonl', lines.join('\n').slice(0, -40));
  expect((await gateRun(folder, ['replay', 'torn.jsonl'])).code).toBe(0);
  expect((await gateRun(folder, ['replay', '--set', 'exit.budget.cylces=2'])).code).toBe(2);
});
