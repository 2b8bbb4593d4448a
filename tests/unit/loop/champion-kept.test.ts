import { describe, expect, test } from 'vitest';
import { keptOf } from '../../../src/core/loop/champion-kept.ts';
import { valueOfChampion, valueToMeet } from '../../../src/core/loop/champion-values.ts';
import type { ChampionFacts } from '../../../src/core/loop/champion-event.ts';
import type { TaskSummary } from '../../../src/core/loop/event.ts';
import { statisticsOf } from '../../../src/core/judge/statistics.ts';
import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import { planOf } from '../plan/planning.ts';

function simsOf(values: readonly number[], failed = 0): SimsEvidence {
  const edge = statisticsOf(values);
  if (!edge) throw new Error('no values');
  const done = values.length;
  return { planned: done + failed, done, failed, reused: 0, mayFail: 1, base: 0, metrics: { edge } };
}

const SIMS = { 2: simsOf([1, 3]), 4: simsOf([1, 3, 5, 7]) };
const SUMMARY: TaskSummary = {
  id: 'sims',
  kind: 'gate',
  mode: 'strict',
  phase: 'p',
  at: '2026-02-10T06:30:00.000Z',
  verdict: 'passed',
  rung: 4,
  rungs: { 2: { edge: 2 }, 4: { edge: 4 } },
  sims: SIMS,
  attempts: 2,
  durationMs: 1,
  metrics: { edge: 4 },
  labels: {},
  reasons: [],
  checks: [],
};

function plan(more = '', stage = '', top = '') {
  return planOf(`objective: { metric: edge }
${top}
phases: { p: { gates: { sims: { run: [sim, "{{seed}}"], per: seed, metrics: { edge: { better: higher } }, ${more} stages: [{ count: 2 ${stage} }, { count: 4 }] } } } }`);
}

function championOf(metrics: ChampionFacts['metrics'], more: Partial<ChampionFacts> = {}): ChampionFacts {
  return {
    cycle: 1,
    metric: 'edge',
    key: 'sims.edge',
    better: 'higher',
    value: 4,
    count: 4,
    sims: SIMS[4],
    measuredBy: 'a',
    plan: 'p',
    metrics,
    labels: {},
    ...more,
  };
}

describe('what a champion is crowned with', () => {
  test('is every mean, and no statistic that nobody asks for', () => {
    expect(keptOf(plan(), [SUMMARY])).toEqual({
      metrics: { 'sims.edge': 4, 'sims.2.edge': 2, 'sims.4.edge': 4 },
    });
  });

  test.each([
    [
      'a threshold on every rung',
      plan('thresholds: { edge.p05: ">= champion - 1" },'),
      ['sims.2.edge.p05', 'sims.4.edge.p05', 'sims.edge.p05'],
    ],
    [
      'what one rung wants',
      plan('', ', thresholds: { edge.sd: { want: "<= champion + 1" } }'),
      ['sims.2.edge.sd'],
    ],
    ['a promotion', plan('', ', promote: { edge.max: "> champion" }'), ['sims.2.edge.max']],
    ['a target', plan('', '', 'exit: { target: { sims.edge.lower: "> 3" } }'), ['sims.edge.lower']],
    ['a command', plan('env: { set: { LOW: "{{champion.edge.min}}" } },'), ['sims.edge.min']],
  ])('with the statistics that %s asks for', (_name, made, keys) => {
    const found = Object.keys(keptOf(made, [SUMMARY]).metrics).filter(
      (key) => key.split('.').length > 3 || /\.(p05|sd|max|lower|min)$/.test(key),
    );
    expect(found.toSorted()).toEqual(keys);
  });

  test('says which of them are of a rung in which a simulation failed', () => {
    const some = { ...SUMMARY, sims: { ...SIMS, 2: simsOf([1], 1) } };
    expect(keptOf(plan(), [some]).incomplete).toEqual(['sims.2.edge']);
  });
});

describe('what a champion is asked for', () => {
  test('also a statistic of its own rung that a later config asks for', () => {
    const champion = championOf({ 'sims.edge': 4 });
    expect(valueOfChampion(champion, 'sims.edge.max')).toBe(7);
    expect(valueOfChampion(champion, 'sims.4.edge.max')).toBe(7);
    expect(valueToMeet(champion, 'sims.edge.p50')).toBe(4);
    for (const key of ['sims.2.edge.max', 'other.edge.max', 'sims.speed', 'sims.edge.median'])
      expect(valueOfChampion(champion, key)).toBeUndefined();
  });

  test('an old record, with every statistic in it, is read as it was written', () => {
    const old = championOf({ 'sims.edge': 4, 'sims.edge.max': 6.5, 'sims.2.edge.max': 3 });
    expect(valueOfChampion(old, 'sims.edge.max')).toBe(6.5);
    expect(valueToMeet(old, 'sims.2.edge.max')).toBe(3);
  });

  test('nothing is held to a rung in which a simulation failed', () => {
    const champion = championOf(
      { 'sims.edge': 4 },
      { sims: simsOf([1, 3, 5], 1), incomplete: ['sims.edge'] },
    );
    expect(valueToMeet(champion, 'sims.edge')).toBeUndefined();
    expect(valueToMeet(champion, 'sims.edge.max')).toBeUndefined();
    expect(valueOfChampion(champion, 'sims.edge.max')).toBe(5);
    expect(valueToMeet(undefined, 'sims.edge')).toBeUndefined();
  });
});
