// What is said of a candidate that is crowned or not.

import { expect, test } from 'vitest';
import { weighed } from '../../../src/core/loop/crown.ts';
import type { ChampionFacts } from '../../../src/core/loop/champion-event.ts';
import type { TaskSummary } from '../../../src/core/loop/event.ts';
import type { PairedStatistics } from '../../../src/core/judge/statistics.ts';
import type { ObjectivePlan } from '../../../src/core/plan/champion-plan.ts';
import { rungOf } from '../judge/rung.ts';

const OBJECTIVE: ObjectivePlan = {
  metric: 'edge',
  task: 'sims',
  name: 'edge',
  key: 'sims.edge',
  better: 'higher',
  minDelta: 0,
  count: 4,
  pairing: { base: 0, confidence: 0.99 },
  measuredBy: '11111111',
};
const CHAMPION: ChampionFacts = {
  cycle: 1,
  metric: 'edge',
  key: 'sims.edge',
  better: 'higher',
  value: 1,
  count: 4,
  measuredBy: '11111111',
  plan: 'one',
  metrics: {},
  labels: {},
};

function weigh(paired: PairedStatistics | undefined, before: ChampionFacts | undefined = CHAMPION) {
  const sims = rungOf([1, 2, 3, 4], { ...(paired && { paired }) });
  const task: TaskSummary = {
    id: 'sims',
    kind: 'gate',
    mode: 'strict',
    phase: 'prove',
    at: '2026-01-01T00:00:00.000Z',
    verdict: 'passed',
    rung: 4,
    rungs: { '4': { edge: 2.5 } },
    sims: { '4': sims },
    attempts: 1,
    durationMs: 1,
    metrics: { edge: 2.5 },
    labels: {},
    reasons: [],
    checks: [],
  };
  return weighed(OBJECTIVE, { tasks: [task] }, before);
}

const PAIRED = { n: 4, mean: 1.5, lower: 0.5, wins: true, confidence: 0.99, minDelta: 0 };

test('[A9] a better mean alone crowns nobody', () => {
  const why = 'edge 2.5: not compared seed by seed with the champion of cycle 1 with 1';
  expect(weigh(undefined)).toEqual({ value: 2.5, wins: false, why });
  expect(weigh({ ...PAIRED, wins: false, lower: -0.5 })).toMatchObject({ wins: false });
});

test('seeds that the challenger alone failed are told', () => {
  const than = 'edge 2.5: better than the champion of cycle 1 with 1';
  const gain = 'the gain is 1.5, at least 0.5 with 99 % confidence, where more than 0 is asked for';
  expect(weigh(PAIRED).why).toBe(`${than}: on 4 seeds ${gain}`);
  expect(weigh({ ...PAIRED, lost: 1 }).why).toBe(
    `${than}: on 4 seeds (1 of them failed, and counts as the lowest gain) ${gain}`,
  );
  expect(weigh({ ...PAIRED, lost: 2 }).why).toContain('(2 of them failed, and count as the lowest gain)');
});
