// What a condition measures: unknown is never zero, and looks back over as many cycles as it says.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EMPTY, evolve } from '../../../src/core/loop/evolve.ts';
import type { Spent } from '../../../src/core/loop/event.ts';
import { compares, holds, measured } from '../../../src/core/loop/measure.ts';
import { resetTime, spentWith } from '../../../src/core/loop/meanings.ts';
import type { Progress, RunProgress } from '../../../src/core/loop/progress.ts';
import { backoffMs } from '../../../src/core/loop/rest.ts';
import type { Condition, CountMeasure, Measure } from '../../../src/core/plan/ends-plan.ts';
import { STARTED } from './started.ts';

const HOUR = 3_600_000;
function aRun(more: Partial<RunProgress> = {}): Progress {
  const progress = evolve(EMPTY, STARTED);
  return { ...progress, run: progress.run && { ...progress.run, ...more } };
}

function of(measure: Measure, over?: number): Condition {
  return { name: measure.kind, measure, operator: '>=', value: 0, over, text: '>= 0' };
}

const count = (kind: CountMeasure, over?: number) => of({ kind }, over);

function valueOf(condition: Condition, run: Partial<RunProgress>, mono = 1000): number | undefined {
  return measured(condition, aRun(run), mono).value;
}

describe('a metric', () => {
  const metric = (statistic: 'value' | 'best' | 'sd' | 'mean', over?: number) =>
    of({ kind: 'metric', key: 'work.edge', statistic, better: 'higher' }, over);
  const series = (...values: readonly number[]) => ({ series: new Map([['work.edge', values]]) });

  test('is its last value, and unknown before the first', () => {
    expect(valueOf(metric('value'), series(1, 5, 3))).toBe(3);
    expect(valueOf(metric('value'), {})).toBeUndefined();
    expect(holds(metric('value'), aRun(), 1000)).toBe(false);
  });

  test('deviates as the textbook says, over as many values as asked for and never over fewer', () => {
    expect(valueOf(metric('sd', 8), series(99, 2, 4, 4, 4, 5, 5, 7, 9))).toBeCloseTo(2.138_09, 5);
    expect(valueOf(metric('mean', 3), series(99, 1, 2, 6))).toBe(3);
    expect(valueOf(metric('sd', 9), series(2, 4, 4, 4, 5, 5, 7, 9))).toBeUndefined();
    expect(valueOf(metric('sd'), series(1, 1, 1, 1, 1, 1, 1, 1, 1))).toBeUndefined();
    expect(valueOf(metric('sd'), series(1, 1, 1, 1, 1, 1, 1, 1, 1, 1))).toBe(0);
  });

  test('does not change its deviation when all values move together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 5, maxLength: 5 }),
        fc.integer({ min: -1000, max: 1000 }),
        (values, by) => {
          const here = valueOf(metric('sd', 5), series(...values)) ?? Number.NaN;
          const there = valueOf(metric('sd', 5), series(...values.map((value) => value + by)));
          expect(there).toBeCloseTo(here, 6);
        },
      ),
    );
  });
});

describe('run time and rates', () => {
  test('run time is what earlier lives ran and what this one has', () => {
    expect(valueOf(count('runtime'), { earlierMs: 500, bornMono: 1000 }, 1250)).toBe(750);
  });

  const recent = (...ends: readonly (readonly [runMs: number, failed: boolean])[]) => ({
    cycles: ends.length,
    failed: ends.filter(([, failed]) => failed).length,
    recent: ends.map(([runMs, failed], at) => ({ cycle: at + 1, runMs, failed })),
  });

  test('a failure rate counts over the whole run, or over the last cycles and not before there are so many', () => {
    const four = recent([1, true], [2, false], [3, true], [4, true]);
    expect(valueOf(count('failure-rate'), four)).toBe(0.75);
    expect(valueOf(count('failure-rate', 2), four)).toBe(1);
    expect(valueOf(count('failure-rate', 5), four)).toBeUndefined();
    expect(valueOf(count('failure-rate'), {})).toBeUndefined();
  });

  test('cycles per hour begin where the cycle before them ended, or with the run', () => {
    const three = recent([HOUR, false], [3 * HOUR, false], [4 * HOUR, false]);
    expect(valueOf(count('cycles-per-hour'), three)).toBe(0.75);
    expect(valueOf(count('cycles-per-hour', 3), three)).toBe(0.75);
    expect(valueOf(count('cycles-per-hour', 2), three)).toBeCloseTo(2 / 3, 9);
    expect(valueOf(count('cycles-per-hour', 1), three)).toBe(1);
    expect(valueOf(count('cycles-per-hour', 4), three)).toBeUndefined();
    expect(valueOf(count('cycles-per-hour'), {})).toBeUndefined();
  });
});

describe('tokens and cost', () => {
  const told = (spent: Spent) => measured(count('tokens'), aRun({ tokens: spent }), 0);

  test('[A18] say whether they are actual, estimated or unknown', () => {
    expect(told({ sum: 300, told: 3, silent: 0 })).toEqual({ value: 300, basis: 'actual' });
    expect(told({ sum: 300, told: 3, silent: 1 })).toEqual({ value: 400, basis: 'estimated' });
    expect(told({ sum: 0, told: 0, silent: 4 })).toEqual({ value: undefined, basis: 'unknown' });
  });

  test('a reading that could not be made is not nothing, and one below zero is none', () => {
    const none = { sum: 0, told: 0, silent: 0 };
    expect(spentWith(none, undefined)).toBe(none);
    expect(spentWith(none, { value: 5 })).toEqual({ sum: 5, told: 1, silent: 0 });
    expect(spentWith(none, { unread: 'missing', detail: '' })).toEqual({ sum: 0, told: 0, silent: 1 });
    expect(spentWith(none, { value: -5 })).toEqual({ sum: 0, told: 0, silent: 1 });
  });
});

test('a limit resets at an instant in seconds or milliseconds, or so many seconds after the attempt ended', () => {
  const ended = '2026-02-10T06:30:00.000Z';
  const instant = Date.UTC(2026, 1, 10, 10);
  expect(resetTime({ value: instant }, ended)).toBe('2026-02-10T10:00:00.000Z');
  expect(resetTime({ value: instant / 1000 }, ended)).toBe('2026-02-10T10:00:00.000Z');
  expect(resetTime({ value: 90 }, ended)).toBe('2026-02-10T06:31:30.000Z');
  expect(resetTime({ value: 1e300 }, ended)).toBe('9999-12-31T23:59:59.999Z');
  expect(resetTime({ value: -1 }, ended)).toBeUndefined();
  expect(resetTime({ unread: 'missing', detail: '' }, ended)).toBeUndefined();
});

test('each operator compares as it is written', () => {
  const kept = (operator: Condition['operator']) =>
    [4, 5, 6].filter((value) => compares(value, { ...count('cycles'), operator, value: 5 }));
  expect(kept('<')).toEqual([4]);
  expect(kept('<=')).toEqual([4, 5]);
  expect(kept('==')).toEqual([5]);
  expect(kept('!=')).toEqual([4, 6]);
  expect(kept('>=')).toEqual([5, 6]);
  expect(kept('>')).toEqual([6]);
});

test('[G15] a backoff never falls, never passes its cap, and stays a number after any number of failures', () => {
  fc.assert(
    fc.property(
      fc.record({
        fromMs: fc.nat(3_600_000),
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
        maxMs: fc.nat(86_400_000),
        jitter: fc.boolean(),
      }),
      fc.nat(1_000_000),
      (backoff, row) => {
        const now = backoffMs(backoff, row);
        expect(now).toBeLessThanOrEqual(backoff.maxMs);
        expect(backoffMs(backoff, row + 1)).toBeGreaterThanOrEqual(now);
        expect(Number.isInteger(now)).toBe(true);
      },
    ),
  );
});
