// Nights of a ladder whose simulations gate-run would run: each rung is played at once, and judged as a real one.

import { expect, test } from 'vitest';
import { rehearsed } from '../../src/cli/rehearse.ts';
import { playNight } from '../../src/cli/rehearsed-night.ts';
import { ScriptedOutcomes, type Script } from '../../src/simulation/rehearsal-script.ts';
import { FAULTS } from '../../src/simulation/rehearsal-trouble.ts';
import { planOf } from '../unit/plan/planning.ts';

const PLAN = planOf(
  `
loop: { sleep: 10m, rest: { failed: 10m, broken: 10m } }
exit: { budget: { cycles: 6 } }
phases:
  prove:
    gates:
      sims:
        run: [sim]
        per: worker
        max-failed: 10%
        stop-early: { confidence: 0.99 }
        metrics: { edge: { better: higher } }
        stages: [{ count: 10, promote: { edge: "> 8" } }, { count: 1000000 }]
        thresholds: { edge: "> 1" }
`,
  { flags: { continuous: true } },
);

const SCRIPT: Script = {
  '*': { sims: { metrics: { edge: 11 } } },
  '1': { sims: { metrics: { edge: 5 } } },
  '2': { 'sims@10': { exit: 3 } },
  '3': { 'sims@1000000': {} },
  '4': { 'sims@1000000': { metrics: { edge: 0.5 } } },
  '5': { 'sims@10': { signal: 'SIGSEGV' } },
};

test('what a script says of a rung is said by each of its simulations, and a million take no time', async () => {
  const from = process.cpuUsage();
  const { facts, events } = await playNight({
    plan: PLAN,
    night: 1,
    seed: 1,
    faults: new Set(),
    outcomes: new ScriptedOutcomes(SCRIPT),
  });
  const { user, system } = process.cpuUsage(from);
  expect((user + system) / 1000).toBeLessThan(2000);
  expect(facts).toMatchObject({ cycles: { passed: 2, failed: 1, broken: 3 }, hurt: [] });
  const judged = events.flatMap((event) => (event.type === 'task.judged' ? [event] : []));
  expect(judged.map(({ verdict, prunedAt, reasons }) => [verdict, prunedAt, reasons[0]])).toEqual([
    ['passed', 10, 'pruned at 10: edge 5, not > 8 (3 short, n 10)'],
    ['broken', undefined, '2 of 2 simulations failed, and `max-failed` allows 1 (seed 0: exit 3)'],
    [
      'broken',
      undefined,
      expect.stringMatching(
        /^100001 of 100011 simulations failed, .* allows 100000 \(seed 10: metric `edge`/,
      ),
    ],
    ['failed', undefined, 'edge 0.5, not > 1 (0.5 short, n 1000000)'],
    ['broken', undefined, 'killed by SIGSEGV after 100 ms, not by gate-run'],
    ['passed', undefined, undefined],
  ]);
  const whole = events.flatMap((event) => (event.type === 'attempt.ended' && event.sims ? [event.sims] : []));
  expect(whole.at(-1)).toMatchObject({
    done: 1_000_000,
    reused: 10,
    failed: 0,
    metrics: { edge: { n: 1_000_000, mean: 11, sd: 0, min: 11, max: 11 } },
  });
});

test('drawn nights of it, with every kind of trouble, break no promise, climb it and fall off it', async () => {
  const wish = { nights: 8, seed: 3, faults: new Set(FAULTS), script: undefined };
  const { nights } = await rehearsed(PLAN, wish);
  expect(nights.flatMap(({ hurt }) => hurt)).toEqual([]);
  const sum = (verdict: 'passed' | 'broken'): number =>
    nights.reduce((all, { cycles }) => all + (cycles[verdict] ?? 0), 0);
  expect(sum('passed')).toBeGreaterThan(5);
  expect(sum('broken')).toBeGreaterThan(0);
});
