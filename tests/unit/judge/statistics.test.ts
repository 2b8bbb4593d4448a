import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedOf, statisticsOf, type Statistics } from '../../../src/core/judge/statistics.ts';
import { studentQuantile } from '../../../src/core/judge/student.ts';

const plain = fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true });
const values = fc.array(plain, { minLength: 2, maxLength: 60 });

const SCALED = ['mean', 'sd', 'se', 'lower', 'upper', 'min', 'p05', 'p50', 'p95', 'max'] as const;

function known(list: readonly number[], confidence?: number): Required<Statistics> {
  const found = statisticsOf(list, confidence);
  if (!isWhole(found)) throw new Error('no statistics');
  return found;
}

function isWhole(found: Statistics | undefined): found is Required<Statistics> {
  return found?.upper !== undefined;
}

describe('statistics of simulations', () => {
  it('are those of a list that can be reckoned by hand', () => {
    const found = known([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(found).toMatchObject({ n: 8, mean: 5, min: 2, p50: 4.5, max: 9, confidence: 0.95 });
    expect(found.sd).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(found.se).toBeCloseTo(Math.sqrt(32 / 7 / 8), 14);
    // t with 7 degrees of freedom, 2.5 % on each side, is 2.364624.
    expect(found.upper - 5).toBeCloseTo(2.364624251 * found.se, 8);
  });

  it('take their quantiles between neighbours, as R does', () => {
    const found = known([10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([found.p05, found.p50, found.p95]).toEqual([1.45, 5.5, 9.55]);
  });

  it('of none are none, and of one leave unknown what takes two', () => {
    expect(statisticsOf([])).toBeUndefined();
    expect(statisticsOf([7])).toEqual({
      n: 1,
      mean: 7,
      min: 7,
      p05: 7,
      p50: 7,
      p95: 7,
      max: 7,
      confidence: 0.95,
    });
  });

  it('of equal values have a deviation of exactly zero', () => {
    expect(known([0.1, 0.1, 0.1])).toMatchObject({ mean: 0.1, sd: 0, se: 0, lower: 0.1, upper: 0.1 });
  });

  it('keep the digits of tiny differences between large values', () => {
    const found = known([4, 7, 13, 16].map((one) => one + 1e9));
    expect(found.mean).toBe(1e9 + 10);
    expect(found.sd).toBe(Math.sqrt(30));
    const tiny = known([1e9, 1e9 + 2 ** -20, 1e9 + 2 ** -19]);
    expect(tiny.sd).toBe(2 ** -20);
  });

  it.each([
    [[-1e307, 1e307, 0], 0],
    [[1e-310, 2e-310, 3e-310], 2e-310],
    [[1e200, 2e200, 3e200], 2e200],
    [[0, 5e-324, 1e-323], 5e-324],
  ])('of %j neither overflow nor vanish', (list, mean) => {
    const found = known(list);
    expect(found.mean).toBe(mean);
    expect(found.sd).toBeGreaterThan(0);
    expect(found.sd).toBeLessThan(Infinity);
  });

  it('that no double can hold are unknown, never infinite', () => {
    const found = statisticsOf([-Number.MAX_VALUE, Number.MAX_VALUE]);
    expect(found).toMatchObject({ n: 2, min: -Number.MAX_VALUE });
    expect(found).not.toHaveProperty('sd');
    expect(found).not.toHaveProperty('lower');
  });

  it('know no negative zero, which the ledger could not hold', () => {
    const found = statisticsOf([-0, -0]);
    expect(found).toEqual(JSON.parse(JSON.stringify(found)));
  });

  it.each([Number.NaN, Infinity, -Infinity])('refuse %d', (value) => {
    expect(() => statisticsOf([1, value, 2])).toThrow('not finite');
  });

  it('do not depend on the order', () => {
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat()), (list, order) => {
        const shuffled = list
          .map((value) => ({ value, key: order.next().value }))
          .toSorted((a, b) => (a.key ?? 0) - (b.key ?? 0))
          .map(({ value }) => value);
        expect(statisticsOf(shuffled)).toEqual(statisticsOf(list));
      }),
    );
  });

  it('move with the values, and their spread does not', () => {
    fc.assert(
      fc.property(values, plain, (list, by) => {
        const before = known(list);
        const after = known(list.map((value) => value + by));
        const size = Math.max(1, ...list.map(Math.abs), Math.abs(by));
        for (const name of ['mean', 'lower', 'upper', 'min', 'p05', 'p50', 'p95', 'max'] as const)
          expect(Math.abs(after[name] - before[name] - by) / size).toBeLessThan(1e-11);
        expect(Math.abs(after.sd - before.sd) / size).toBeLessThan(1e-11);
      }),
    );
  });

  it('grow with the values, exactly by powers of two', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -30, max: 30 }), (list, power) => {
        const rounded = list.map((value) => Math.round(value * 1024) / 1024);
        const before = known(rounded);
        const after = known(rounded.map((value) => value * 2 ** power));
        for (const name of SCALED) expect(after[name]).toBe(before[name] * 2 ** power);
      }),
    );
  });

  it('are turned round by a change of sign', () => {
    fc.assert(
      fc.property(values, (list) => {
        const before = known(list);
        const after = known(list.map((value) => -value));
        const size = Math.max(1, ...list.map(Math.abs));
        for (const [one, other] of [
          ['mean', 'mean'],
          ['lower', 'upper'],
          ['min', 'max'],
          ['p05', 'p95'],
        ] as const)
          expect(Math.abs(after[one] + before[other]) / size).toBeLessThan(1e-12);
        expect(Math.abs(after.sd - before.sd) / size).toBeLessThan(1e-12);
      }),
    );
  });

  it('stand in their order', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.5, max: 0.999, noNaN: true }), (list, confidence) => {
        const { min, p05, p50, p95, max, lower, mean, upper, sd, se } = known(list, confidence);
        expect([min, p05, p50, p95, max]).toEqual([min, p05, p50, p95, max].toSorted((a, b) => a - b));
        expect(lower).toBeLessThanOrEqual(mean);
        expect(mean).toBeLessThanOrEqual(upper);
        expect(min).toBeLessThanOrEqual(mean);
        expect(mean).toBeLessThanOrEqual(max);
        expect(se).toBeLessThanOrEqual(sd);
        const surer = known(list, (confidence + 1) / 2);
        expect(surer.lower).toBeLessThanOrEqual(lower);
      }),
    );
  });

  it('agree with a reckoning in whole numbers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 60 }), (list) => {
        const n = BigInt(list.length);
        const sum = list.reduce((total, value) => total + BigInt(value), 0n);
        const squares = list.reduce((total, value) => total + BigInt(value) ** 2n, 0n);
        // n²(n−1)/n · variance, without a rounding before the last step.
        const spread = Number(n * squares - sum ** 2n) / Number(n * (n - 1n));
        const found = known(list);
        expect(Math.abs(found.mean - Number(sum) / list.length)).toBeLessThan(1e-9);
        expect(Math.abs(found.sd - Math.sqrt(spread))).toBeLessThan(1e-8 * Math.max(1, Math.sqrt(spread)));
      }),
    );
  });
});

/** Exactly, in whole numbers: every double that is nothing or at least 2⁻²⁷ is a multiple of 2⁻⁸⁰. */
function exactly(list: readonly number[]): { readonly mean: number; readonly sd: number } {
  const whole = list.map((value) => BigInt(value * 2 ** 80));
  const n = BigInt(list.length);
  const sum = whole.reduce((total, value) => total + value, 0n);
  const squares = whole.reduce((total, value) => total + value * value, 0n);
  const mean = Number((sum * 2n ** 60n) / n) / 2 ** 140;
  return { mean, sd: Math.sqrt(Number(n * squares - sum * sum) / Number(n * (n - 1n))) / 2 ** 80 };
}

describe('statistics beside an exact reckoning', () => {
  const SMALLEST = 2 ** -27;
  const near = fc.double({ min: -1, max: 1, noNaN: true });
  const around = fc.record({
    middle: fc.constantFrom(0, 1, -7.25, 381.2, 1e6, -123_456.789),
    width: fc.constantFrom(1e-5, 0.1, 40, 1e5),
    parts: fc.array(near, { minLength: 2, maxLength: 50 }),
  });
  const lists = around.map(({ middle, width, parts }) =>
    parts.map((part) => middle + width * part).map((value) => (Math.abs(value) < SMALLEST ? 0 : value)),
  );

  it('have its mean and its deviation to the last digits, however narrow the values lie', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const exact = exactly(list);
        const found = known(list);
        const size = Math.max(...list.map(Math.abs), SMALLEST);
        expect(Math.abs(found.mean - exact.mean)).toBeLessThanOrEqual(2 ** -52 * size);
        expect(Math.abs(found.sd - exact.sd)).toBeLessThanOrEqual(1e-14 * exact.sd);
        const half = studentQuantile(0.025, list.length - 1) * found.se;
        const dust = 1e-13 * (half + size);
        expect(Math.abs(found.upper - found.mean - half)).toBeLessThanOrEqual(dust);
        expect(Math.abs(found.mean - found.lower - half)).toBeLessThanOrEqual(dust);
      }),
    );
  });

  it('have its quantiles: between the neighbours of rank (n − 1)p', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const sorted = list.toSorted((a, b) => a - b);
        const naive = (p: number) => {
          const rank = (list.length - 1) * p;
          const below = Math.floor(rank + 1e-9);
          const [low = 0, high = low] = sorted.slice(below, below + 2);
          return low + (high - low) * Math.max(0, rank - below);
        };
        const { p05, p50, p95 } = known(list);
        const size = Math.max(...list.map(Math.abs), SMALLEST);
        for (const [found, p] of [
          [p05, 0.05],
          [p50, 0.5],
          [p95, 0.95],
        ] as const)
          expect(Math.abs(found - naive(p)) / size).toBeLessThan(1e-8);
      }),
    );
  });

  it('of pairs are those of the exact differences', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 })), {
          minLength: 2,
          maxLength: 50,
        }),
        (pairs) => {
          const found = pairedOf(
            pairs.map(([one]) => one / 64),
            pairs.map(([, other]) => other / 64),
            HIGHER,
          );
          const exact = exactly(pairs.map(([one, other]) => (one - other) / 64));
          expect(Math.abs((found.mean ?? Number.NaN) - exact.mean)).toBeLessThan(1e-9);
          expect(Math.abs((found.sd ?? Number.NaN) - exact.sd)).toBeLessThanOrEqual(1e-14 * exact.sd);
          const { n, lower } = found;
          if (exact.sd === 0) return;
          const bound = exact.mean - (studentQuantile(0.01, n - 1) * exact.sd) / Math.sqrt(n);
          expect(Math.abs((lower ?? Number.NaN) - bound)).toBeLessThan(1e-8 * Math.max(1, Math.abs(bound)));
          expect(found.wins).toBe((lower ?? 0) > 0);
        },
      ),
    );
  });
});

const HIGHER = { confidence: 0.99, minDelta: 0, better: 'higher' } as const;

describe('the full decision', () => {
  it('asks that the lower bound clears what is wanted, never the mean alone', () => {
    const champion = [10, 11, 12, 13, 14, 15];
    const challenger = [11, 13, 13, 15, 15, 17];
    const found = pairedOf(challenger, champion, HIGHER);
    const se = Math.sqrt(0.3 / 6);
    expect(found).toMatchObject({ n: 6, mean: 1.5, wins: true });
    expect(found.lower).toBeCloseTo(1.5 - studentQuantile(0.01, 5) * se, 12);
    expect(pairedOf(challenger, champion, { ...HIGHER, minDelta: 1 }).wins).toBe(false);
  });

  it('[A9] does not book a lucky mean as a gain', () => {
    const found = pairedOf([0, 0, 0, 0, 50], [0, 0, 0, 0, 0], HIGHER);
    expect(found.mean).toBe(10);
    expect(found.wins).toBe(false);
  });

  it('looks the other way where lower is better', () => {
    const found = pairedOf([1, 2, 3, 4], [3, 4, 5, 6.1], { ...HIGHER, better: 'lower' });
    expect(found.mean).toBeCloseTo(2.025, 12);
    expect(found.wins).toBe(true);
  });

  it('makes no pair of a seed that failed on either side', () => {
    const found = pairedOf([1, undefined, 3, 4.5], [0, 1, undefined, 3], HIGHER);
    expect(found).toMatchObject({ n: 2, mean: 1.25, wins: false });
    expect(found.lower).toBeCloseTo(1.25 - studentQuantile(0.01, 1) * 0.25, 10);
  });

  it('[A9] counts a seed that the challenger alone failed as its lowest gain: nobody wins by failing where it would lose', () => {
    const champion = Array.from({ length: 100 }, () => 0);
    const gains = champion.map((_, seed) => (seed % 10 === 9 ? -5 : 1 + (seed % 3)));
    expect(pairedOf(gains, champion, HIGHER).wins).toBe(true);
    const even = gains.map((gain) => (gain < 0 ? gain - 20 : gain));
    expect(pairedOf(even, champion, HIGHER).wins).toBe(false);
    const without = even.map((gain, seed) => (gain < 0 && seed > 9 ? undefined : gain));
    expect(pairedOf(without, champion, HIGHER).wins).toBe(true);
    const found = pairedOf(without, champion, { ...HIGHER, lost: 9 });
    expect(found).toEqual({ ...pairedOf(even, champion, HIGHER), lost: 9 });
    expect(found).toMatchObject({ n: 100, wins: false });
  });

  it('takes no lost seed for one of the equal gains that the sign test counts', () => {
    const six = Array.from({ length: 6 }, (_, at) => at + 1);
    const before = six.map((value) => value - 1);
    expect(pairedOf(six, before, { ...HIGHER, lost: 5 }).wins).toBe(false);
  });

  it('never gains by a lost seed', () => {
    const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 3, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.nat({ max: 20 }), (list, lost) => {
        const zeros = list.map(() => 0);
        const all = pairedOf(list, zeros, HIGHER);
        const some = pairedOf(list, zeros, { ...HIGHER, lost });
        expect(some.n).toBe(list.length + lost);
        expect(some.mean ?? 0).toBeLessThanOrEqual((all.mean ?? 0) + 1e-9);
      }),
    );
  });

  it('takes seven pairs at 0.99 where all gains are the same, since fewer may be so by chance', () => {
    const equal = (n: number) => [
      Array.from({ length: n }, (_, at) => at + 2),
      Array.from({ length: n }, (_, at) => at),
    ];
    const wins = (n: number, confidence: number) => {
      const [challenger = [], champion = []] = equal(n);
      return pairedOf(challenger, champion, { ...HIGHER, confidence });
    };
    expect(wins(6, 0.99)).toMatchObject({ n: 6, mean: 2, sd: 0, wins: false });
    expect(wins(6, 0.99)).not.toHaveProperty('lower');
    expect(wins(7, 0.99)).toMatchObject({ lower: 2, wins: true });
    expect(wins(4, 0.95).wins).toBe(false);
    expect(wins(5, 0.95).wins).toBe(true);
    // Gains of 0.1 each, but for what a double makes of them.
    const dusty = pairedOf([0.3, 0.4, 0.8], [0.2, 0.3, 0.7], HIGHER);
    expect(dusty.sd).toBeGreaterThan(0);
    expect(dusty.wins).toBe(false);
  });

  it('does not crown a short row of wins, where a simulation can only be won or lost', () => {
    for (let n = 2; n <= 7; n += 1) {
      let won = 0;
      for (let bits = 0; bits < 2 ** n; bits += 1) {
        const challenger = Array.from({ length: n }, (_, at) => ((bits >> at) & 1) * 2 - 1);
        if (
          pairedOf(
            challenger,
            Array.from({ length: n }, () => 0),
            HIGHER,
          ).wins
        )
          won += 1;
      }
      expect(won / 2 ** n, `${n} pairs`).toBeLessThanOrEqual(0.01);
    }
  });

  it('is unknown, never infinite, where no double can hold it', () => {
    const found = pairedOf([1e308, -1e308], [0, 0], HIGHER);
    expect(found).not.toHaveProperty('lower');
    expect(found.wins).toBe(false);
    const wide = statisticsOf([-1.7e308, -1.6e308, -1e308], 0.999999);
    expect(JSON.parse(JSON.stringify(wide))).toEqual(wide);
  });

  it('answers at the least confidence too', () => {
    expect(pairedOf([1, 2, 4], [0, 2, 3], { ...HIGHER, confidence: 0.5 }).wins).toBe(true);
  });

  it('knows no winner among equals, with one pair, or with none', () => {
    expect(pairedOf([1, 2], [1, 2], HIGHER)).toMatchObject({ mean: 0, wins: false });
    const same = [1, 2, 3, 4, 5, 6, 7];
    expect(pairedOf(same, same, HIGHER)).toMatchObject({ lower: 0, wins: false });
    expect(pairedOf([9], [1], HIGHER)).toMatchObject({ n: 1, mean: 8, wins: false });
    expect(pairedOf([undefined], [1], HIGHER)).toEqual({ n: 0, wins: false, confidence: 0.99, minDelta: 0 });
  });

  it('never lets both sides win', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, plain), { minLength: 2, maxLength: 40 }), (pairs) => {
        const one = pairs.map(([a]) => a);
        const other = pairs.map(([, b]) => b);
        expect(pairedOf(one, other, HIGHER).wins && pairedOf(other, one, HIGHER).wins).toBe(false);
      }),
    );
  });
});
