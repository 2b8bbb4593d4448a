import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawer, type Shape } from '../../../bench/early/draw.ts';
import { endedAtTheBorder, measure } from '../../../bench/early/measure.ts';
import { isAbove, missed } from '../../../bench/early/targets.ts';
import { EarlyWatch, earlyDecision, MIN_VALUES, type EarlyQuestion } from '../../../src/core/judge/early.ts';

const QUESTION: EarlyQuestion = { planned: 1000, confidence: 0.99, limit: 0, asks: 'lower' };

function drawn(effect: number, seed: number, shape: Shape = 'normal', length = 1000): readonly number[] {
  const draw = drawer(shape, seed, 'unit');
  return Array.from({ length }, () => effect + draw());
}

describe('the early decision', () => {
  it('speaks on fifty values at the earliest, however clear they are', () => {
    expect(MIN_VALUES).toBe(50);
    const clear = drawn(-40, 1);
    expect(earlyDecision(clear, QUESTION)).toEqual({ at: MIN_VALUES, side: 'below' });
    expect(earlyDecision(clear.slice(0, MIN_VALUES - 1), QUESTION)).toBeUndefined();
    expect(earlyDecision(drawn(40, 1), QUESTION)).toEqual({ at: MIN_VALUES, side: 'above' });
  });

  it('says nothing on the last value: then the rung is whole', () => {
    expect(earlyDecision(drawn(-40, 1, 'normal', 50), { ...QUESTION, planned: 50 })).toBeUndefined();
    expect(earlyDecision(drawn(-40, 1, 'normal', 51), { ...QUESTION, planned: 51 })?.at).toBe(50);
  });

  it('learns nothing from values without any spread', () => {
    const same = Array.from({ length: 999 }, () => -7);
    expect(earlyDecision(same, QUESTION)).toBeUndefined();
    expect(earlyDecision([...same.slice(0, 400), -7.5, ...same.slice(0, 9)], QUESTION)?.at).toBe(401);
  });

  it('counts a simulation that failed as one value less, and as none of its own', () => {
    const clear = drawn(-40, 3);
    const withFailed = [undefined, undefined, ...clear];
    expect(earlyDecision(withFailed, QUESTION)).toEqual({ at: MIN_VALUES + 2, side: 'below' });
    const short = [...clear.slice(0, 50), ...Array.from({ length: 49 }, () => undefined)];
    expect(earlyDecision(short.toReversed(), { ...QUESTION, planned: 99 })).toBeUndefined();
  });

  it('goes by the values before it alone', () => {
    const values = drawn(-0.4, 4);
    const found = earlyDecision(values, QUESTION);
    expect(found?.side).toBe('below');
    const at = found?.at ?? 0;
    expect(earlyDecision(values.slice(0, at), QUESTION)).toEqual(found);
    expect(earlyDecision(values.slice(0, at - 1), QUESTION)).toBeUndefined();
  });

  it('is the same in another unit and around another limit', () => {
    const unit = fc.constantFrom(2 ** -20, 1, 1024, 2 ** 40);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99 }),
        unit,
        fc.integer({ min: -8, max: 8 }),
        (seed, scale, limit) => {
          const values = drawn(-0.3, seed);
          const moved = values.map((value) => value * scale + limit * scale);
          const found = earlyDecision(moved, { ...QUESTION, limit: limit * scale });
          expect(found?.side).toBe('below');
          expect(Math.abs((found?.at ?? 0) - (earlyDecision(values, QUESTION)?.at ?? 0))).toBeLessThanOrEqual(
            1,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('turns round with the values where it asks for the mean', () => {
    const asks = { ...QUESTION, asks: 'mean' } as const;
    for (let seed = 0; seed < 20; seed += 1) {
      const values = drawn(-0.2, seed);
      const found = earlyDecision(values, asks);
      const turned = earlyDecision(
        values.map((value) => -value),
        asks,
      );
      expect(turned?.at).toBe(found?.at);
      expect([found?.side, turned?.side]).toEqual(found ? ['below', 'above'] : [undefined, undefined]);
    }
  });

  it('keeps its digits around large values', () => {
    const values = drawn(-0.3, 6).map((value) => Math.round(value * 2 ** 20) / 2 ** 20);
    const large = values.map((value) => value + 2 ** 30);
    expect(earlyDecision(large, { ...QUESTION, limit: 2 ** 30 })).toEqual(earlyDecision(values, QUESTION));
  });

  it('decides nothing on values that no double can hold the spread of', () => {
    const watch = new EarlyWatch({ ...QUESTION, planned: 100 });
    const sides = Array.from({ length: 99 }, (_, at) => watch.add(at % 2 === 0 ? 1e308 : -1e308));
    expect(new Set(sides)).toEqual(new Set([undefined]));
  });
});

describe('early stopping, measured', () => {
  const size = { planned: 1000, confidence: 0.99, seed: 7 };

  it('agrees with the full decision, saves what it should, and promotes no more', () => {
    const shapes: readonly Shape[] = ['normal', 'student-3', 'log-normal'];
    const cells = shapes.flatMap((shape) =>
      [-0.5, 0, 0.05, 0.1].flatMap((effect) => measure(shape, effect, { ...size, repetitions: 120 })),
    );
    expect(missed(cells)).toEqual([]);
  });

  it('ends hardly any rung that ends exactly at the border, which is where its bound is hardest', () => {
    const repetitions = 1200;
    const ended = endedAtTheBorder({ ...size, repetitions });
    expect(isAbove(ended, repetitions, 0.01)).toBe(false);
    // A bound that never speaks would hold everything.
    expect(ended).toBeGreaterThan(0);
  });
});
