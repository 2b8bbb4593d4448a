import { describe, expect, test } from 'vitest';
import { shortfallOf } from '../../../src/core/judge/shortfall.ts';
import { statisticsOf } from '../../../src/core/judge/statistics.ts';
import { Dice } from '../../../src/simulation/random.ts';

const AT_95 = { better: 'higher', confidence: 0.95 } as const;

function sample(values: readonly number[]) {
  const found = statisticsOf(values);
  if (!found) throw new Error('no values');
  return found;
}

describe('a shortfall', () => {
  test('is bounded as by Student, with one spread for both', () => {
    // Two machines' screws, a common textbook case: t = 1.959 with 10 degrees of freedom.
    const before = sample([30.02, 29.99, 30.11, 29.97, 30.01, 29.99]);
    const fresh = sample([29.89, 29.93, 29.72, 29.98, 30.02, 29.98]);
    const { mean, lower, isReal } = shortfallOf(before, fresh, AT_95);
    expect(mean).toBeCloseTo(0.095, 9);
    // 0.095 − 1.8125 · 0.048493
    expect(lower).toBeCloseTo(0.0071, 4);
    expect(isReal).toBe(true);
    expect(shortfallOf(before, fresh, { ...AT_95, confidence: 0.99 }).isReal).toBe(false);
  });

  test('looks the other way where lower is better', () => {
    const [low, high] = [sample([1, 2, 3]), sample([101, 102, 103])];
    expect(shortfallOf(low, high, { better: 'lower', confidence: 0.99 }).isReal).toBe(true);
    expect(shortfallOf(low, high, { better: 'higher', confidence: 0.99 })).toMatchObject({
      isReal: false,
      mean: -100,
    });
  });

  test('of one value on a side decides nothing', () => {
    const { lower, isReal } = shortfallOf(sample([9]), sample([1, 2, 3]), AT_95);
    expect([lower, isReal]).toEqual([undefined, false]);
  });

  test('of values without any spread needs so many that chance is ruled out', () => {
    const same = (value: number, n: number) => sample(Array.from({ length: n }, () => value));
    // 6 arrangements of two and two, 20 of three and three.
    expect(shortfallOf(same(5, 2), same(4, 2), AT_95).isReal).toBe(false);
    expect(shortfallOf(same(5, 3), same(4, 3), AT_95)).toMatchObject({ isReal: true, lower: 1 });
    expect(shortfallOf(same(5, 3), same(5, 3), AT_95).isReal).toBe(false);
    expect(shortfallOf(same(0.3, 3), same(0.1 + 0.2, 3), { ...AT_95, better: 'lower' }).isReal).toBe(false);
    expect(shortfallOf(same(5, 1000), same(4, 1000), AT_95).isReal).toBe(true);
  });

  test('of numbers at the edge of doubles is never a bound that is none', () => {
    const edge = sample([Number.MAX_VALUE, Number.MAX_VALUE / 2, 1]);
    const far = sample([-Number.MAX_VALUE, -Number.MAX_VALUE / 2, 1]);
    const { mean, lower } = shortfallOf(edge, far, AT_95);
    expect(Number.isFinite(mean)).toBe(true);
    expect(lower === undefined || Number.isFinite(lower)).toBe(true);
  });

  test('is claimed of equal samples no more often than the confidence allows', () => {
    const dice = new Dice(7);
    const draw = (n: number, spread: number) =>
      sample(
        Array.from({ length: n }, () =>
          [1, 2, 3, 4].reduce((sum) => sum + spread * (dice.whole(0, 1e6) / 1e6), 0),
        ),
      );
    const rounds = 4000;
    let claimed = 0;
    for (let round = 0; round < rounds; round += 1)
      if (shortfallOf(draw(10, 1), draw(40, 1), AT_95).isReal) claimed += 1;
    expect(claimed / rounds).toBeGreaterThan(0.035);
    expect(claimed / rounds).toBeLessThan(0.065);
  });

  test.each([
    ['rare wins, few fresh seeds', 1000, 4, (share: number) => (share < 0.1 ? 100 : share)],
    ['rare wins, as many fresh seeds', 40, 40, (share: number) => (share < 0.1 ? 100 : share)],
    ['exponential values, few fresh seeds', 40, 4, (share: number) => -Math.log(1 - share)],
    ['even values, few fresh seeds', 40, 4, (share: number) => share],
  ])('is not claimed of a sound champion: %s', (_, many, few, valueOf) => {
    const dice = new Dice(11);
    const draw = (n: number) =>
      sample(Array.from({ length: n }, () => valueOf(dice.whole(0, 1e6) / 1_000_001)));
    const rounds = 2000;
    let claimed = 0;
    for (let round = 0; round < rounds; round += 1)
      if (shortfallOf(draw(many), draw(few), AT_95).isReal) claimed += 1;
    expect(claimed / rounds).toBeLessThan(0.065);
  });
});
