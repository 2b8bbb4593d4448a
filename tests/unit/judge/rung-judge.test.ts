import { describe, expect, test } from 'vitest';
import { earnsPromotion } from '../../../src/core/judge/judge.ts';
import { rungRemarks } from '../../../src/core/judge/rung-words.ts';
import {
  evidenceOfSims,
  simsReading,
  statisticsIn,
  STATISTICS,
} from '../../../src/core/judge/sim-metrics.ts';
import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import { compare, judge, metric, stage, threshold } from './parts.ts';
import { rungOf } from './rung.ts';

const EDGE = [
  metric('edge', { better: 'higher', source: { reader: 'line', field: 'edge', in: { stream: 'output' } } }),
];
const FAILED = { seed: 17, why: 'exit 3' };

/** A gate over this rung, whose thresholds are `name comparison`. */
function judged(sims: SimsEvidence, asked: readonly string[] = [], more: Parameters<typeof judge>[0] = {}) {
  const thresholds = asked.map((text) => {
    const [, name = '', comparison = ''] = /^(\S+) (.*)$/.exec(text) ?? [];
    return threshold(name, { require: compare(comparison) });
  });
  return judge({
    task: { metrics: EDGE, thresholds },
    facts: { sims },
    evidence: evidenceOfSims(sims),
    ...more,
  });
}

describe('the names of simulations', () => {
  const sims = rungOf([1, 2, 3, 4], { failed: 1, mayFail: 1 });

  test('are the mean, its statistics, and how many there were', () => {
    const values = Object.fromEntries(statisticsIn(sims));
    expect(Object.keys(values)).toEqual([...STATISTICS.map((one) => `edge.${one}`), 'sims.failed', 'sims.n']);
    expect(values).toMatchObject({
      'edge.mean': 2.5,
      'edge.min': 1,
      'edge.p50': 2.5,
      'sims.failed': 1,
      'sims.n': 4,
    });
    expect(simsReading(sims, 'edge')).toEqual({ value: 2.5 });
  });

  test('have no value where one simulation tells nothing', () => {
    const one = rungOf([7]);
    for (const name of ['edge.sd', 'edge.se', 'edge.lower', 'edge.upper'])
      expect(simsReading(one, name)).toEqual({
        unread: 'missing',
        detail: `metric \`${name}\` takes two simulations, and 1 was done`,
      });
    expect(simsReading(one, 'edge.p95')).toEqual({ value: 7 });
    expect(simsReading(rungOf([-Number.MAX_VALUE, Number.MAX_VALUE]), 'edge.sd')).toMatchObject({
      unread: 'not-finite',
    });
  });
});

describe('a rung of simulations', () => {
  test('is judged by its statistics, and says value, limit, headroom and n', () => {
    const sims = rungOf([300, 310, 320, 330]);
    const found = judged(sims, ['edge > 300', 'edge.p05 >= 305', 'edge.sd <= 20', 'sims.failed <= 0']);
    expect(found).toMatchObject({
      verdict: 'failed',
      reasons: ['edge.p05 301.5, not >= 305 (3.5 short, n 4)'],
      metrics: { edge: 315 },
    });
    expect(found.checks.map(({ metric: name, n }) => [name, n])).toEqual([
      ['edge', 4],
      ['edge.p05', 4],
      ['edge.sd', 4],
      ['sims.failed', undefined],
    ]);
  });

  test('is broken, and by nothing else, where more failed than may', () => {
    const sims = rungOf([500, 600], { failed: 2, mayFail: 1, planned: 10, firstFailed: FAILED });
    expect(judged(sims, ['edge > 1000'])).toMatchObject({
      verdict: 'broken',
      reasons: ['2 of 4 simulations failed, and `max-failed` allows 1 (seed 17: exit 3)'],
    });
  });

  test('calls those all that failed only where no other would have been run', () => {
    expect(judged(rungOf([], { failed: 1, planned: 20 })).reasons).toEqual([
      '1 of 1 simulations failed, and `max-failed` allows 0',
    ]);
  });

  test('is broken where all failed, also where all may', () => {
    expect(judged(rungOf([], { failed: 10, firstFailed: FAILED })).reasons).toEqual([
      'all 10 simulations failed, and `max-failed` allows 0 (seed 17: exit 3)',
    ]);
    const found = judged(rungOf([], { failed: 10, mayFail: 10 }), ['edge > 1']);
    expect(found).toMatchObject({ verdict: 'broken', reasons: ['none of 10 simulations gave a value'] });
  });

  test('is broken where some were neither done nor failed and nothing had been decided', () => {
    const found = judged(rungOf([1, 2, 3], { planned: 10 }), ['edge > 0']);
    expect(found).toMatchObject({ verdict: 'broken', reasons: ['only 3 of 10 simulations were run'] });
  });

  test('of one simulation knows no spread, and breaks a threshold on it', () => {
    expect(judged(rungOf([7]), ['edge > 0', 'edge.lower > 0'])).toMatchObject({
      verdict: 'broken',
      reasons: ['metric `edge.lower` takes two simulations, and 1 was done'],
    });
  });

  test('of which one failed is not compared with earlier means, which are of another n', () => {
    const sims = rungOf([100, 110, 120], { failed: 1, mayFail: 1 });
    const past = () => ({ last: 90, best: 95 });
    expect(judged(sims, ['edge > 0', 'edge >= best'], { past })).toMatchObject({
      verdict: 'broken',
      reasons: [
        'edge >= best cannot be judged: it compares with whole rungs, and 3 of 4 simulations gave a value',
      ],
    });
    expect(judged(rungOf([100, 110]), ['edge >= best'], { past }).verdict).toBe('passed');
  });

  test('of which one failed does not keep what is wanted of it against earlier means', () => {
    const sims = rungOf([100, 110, 120], { failed: 1, mayFail: 1 });
    const thresholds = [threshold('edge', { want: compare('>= best') })];
    const wish = { task: { metrics: EDGE, thresholds }, facts: { sims } };
    expect(judged(sims, [], { ...wish, past: () => ({ last: 90, best: 95 }) })).toMatchObject({
      verdict: 'soft-failed',
      reasons: [
        'edge >= best cannot be judged: it compares with whole rungs, and 3 of 4 simulations gave a value',
      ],
    });
    expect(judged(sims, [], wish).verdict).toBe('passed');
  });

  test('never hides a simulation that failed behind a mean of the others', () => {
    const sims = rungOf([1, 2, 3], { failed: 1, mayFail: 1, firstFailed: FAILED });
    expect(judged(sims, ['edge > 0']).verdict).toBe('passed');
    expect(rungRemarks(sims)).toEqual([
      '1 of 4 simulations failed, so every value is that of the other 3 (seed 17: exit 3)',
    ]);
    expect(rungRemarks(rungOf([1, 2]))).toEqual([]);
  });
});

describe('a rung that was ended early', () => {
  const low = Array.from({ length: 60 }, (_, at) => 100 + (at % 7));
  const early = (of: string, side: 'below' | 'above' = 'below') =>
    rungOf(low, { planned: 1000, early: { at: 60, side, of, confidence: 0.99 } });
  const past = () => ({ last: 90, best: 95 });

  test('is judged by what decided it, and says after how many', () => {
    const sims = early('edge > 300');
    expect(judged(sims, ['edge > 300'])).toMatchObject({
      verdict: 'failed',
      reasons: ['edge 102.9, not > 300 (197.1 short, n 60)'],
    });
    expect(rungRemarks(sims)).toEqual([
      'ended after 60 of 1000 simulations, 99 % sure that it misses `edge > 300`',
    ]);
    expect(rungRemarks(early('champion'))).toEqual([
      'ended after 60 of 1000 simulations, 99 % sure that it is no better than the champion',
    ]);
  });

  test('is not compared with whole ones: it passes nothing that it cannot be held to', () => {
    expect(judged(early('champion'), ['edge >= best - 5'], { past })).toMatchObject({
      verdict: 'broken',
      reasons: [
        'edge >= best - 5 cannot be judged: it compares with whole rungs, and 60 of 1000 simulations gave a value',
      ],
    });
    // What is missed for certain needs no further threshold.
    const missed = judged(early('edge > 300'), ['edge > 300', 'edge >= best - 5'], { past });
    expect(missed.verdict).toBe('failed');
    expect(missed.checks).toHaveLength(1);
  });

  test.each([
    'edge.p05 > 0',
    'edge.min > 0',
    'edge.max < 1000',
    'edge.lower > 0',
    'sims.failed <= 0',
    'sims.n > 5',
  ])('passes nothing that takes the whole rung: %s', (asked) => {
    for (const sims of [early('champion'), early('edge > 50', 'above')])
      expect(judged(sims, [asked])).toMatchObject({
        verdict: 'broken',
        checks: [],
        reasons: [`${asked} cannot be judged: it takes the whole rung, and 60 of 1000 simulations were run`],
      });
    expect(judged(early('champion'), ['edge > 0', 'edge.mean > 0']).verdict).toBe('passed');
  });

  test('earns no promotion by what takes the whole rung', () => {
    const rung = stage(1000, { promote: [threshold('edge.min', { require: compare('> 50') })] });
    const sims = early('edge > 50', 'above');
    expect(earnsPromotion(rung, { evidence: evidenceOfSims(sims), past, sims }).earned).toBe(false);
  });

  test.each(['edge >= best - 5', 'edge.min > 0'])('does not hold what is wanted: %s', (asked) => {
    const [, name = '', comparison = ''] = /^(\S+) (.*)$/.exec(asked) ?? [];
    const thresholds = [threshold(name, { want: compare(comparison) })];
    const sims = early('champion');
    const found = judged(sims, [], { task: { metrics: EDGE, thresholds }, past, facts: { sims } });
    expect(found).toMatchObject({ verdict: 'soft-failed', checks: [] });
    expect(found.reasons).toEqual([expect.stringContaining(`${asked} cannot be judged`)]);
  });

  test('and holds other seeds than the prefix that decided was cut off, and is broken', () => {
    const sims = rungOf(low, {
      planned: 1000,
      early: { at: 50, side: 'above', of: 'edge > 50', confidence: 0.99 },
    });
    expect(judged(sims, ['edge > 50'])).toMatchObject({
      verdict: 'broken',
      reasons: ['only 60 of 1000 simulations were run'],
    });
  });

  test('earns no promotion by a comparison with whole ones', () => {
    const rung = stage(1000, { promote: [threshold('edge', { require: compare('> last') })] });
    const sims = early('edge > 50', 'above');
    expect(earnsPromotion(rung, { evidence: evidenceOfSims(sims), past, sims })).toMatchObject({
      earned: false,
    });
    const whole = rungOf(low);
    expect(earnsPromotion(rung, { evidence: evidenceOfSims(whole), past, sims: whole }).earned).toBe(true);
  });

  test('and decided for the candidate goes on to the next rung', () => {
    const rung = stage(1000, { promote: [threshold('edge', { require: compare('> 50') })] });
    const sims = early('edge > 50', 'above');
    expect(earnsPromotion(rung, { evidence: evidenceOfSims(sims), past, sims })).toMatchObject({
      earned: true,
      checks: [{ n: 60, held: true }],
    });
  });

  test('on its top rung ran on to the end, and is whole', () => {
    const sims = rungOf(low, { early: { at: 50, side: 'above', of: 'champion', confidence: 0.99 } });
    expect(rungRemarks(sims)).toEqual([]);
    expect(judged(sims, ['edge >= best - 5'], { past }).verdict).toBe('passed');
  });
});
