import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../../src/core/baseline/definition.ts';
import { ratchetsOf } from '../../../src/core/baseline/ratchet.ts';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import { EMPTY } from '../../../src/core/loop/evolve.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import type { Plan, TaskPlan } from '../../../src/core/plan/plan.ts';
import { parseComparison } from '../../../src/core/plan/threshold.ts';
import fc from 'fast-check';
import { gate, phase, plan } from '../plan-builder.ts';

function of(text: string, more: Partial<TaskPlan> = {}): Plan {
  const thresholds = [{ metric: 'm', require: parseComparison(text), want: undefined, failOnMissing: false }];
  return plan([phase('check', [gate('g', { thresholds, ...more })])]);
}

function measured(values: Readonly<Record<string, number>>): Progress {
  const entries = Object.entries(values).map(
    ([key, last]) => [key, { last, highest: last, lowest: last, cycle: 3 }] as const,
  );
  return { ...EMPTY, metrics: new Map(entries) };
}

/** A baseline whose runs lay so far apart. */
function spread(made: Plan, progress: Progress, [min, max]: readonly [number, number]): Progress {
  const task = made.phases[0]?.tasks[0];
  if (!task) throw new Error('no task');
  const { measures } = definitionOf(indexPlan(made), task);
  const noise = { n: 3, mean: (min + max) / 2, sd: 1, min, max };
  const kept = {
    measures,
    limits: 'other',
    runs: [],
    late: 0,
    metrics: { m: noise },
    fingerprints: [],
    reasons: [],
  };
  return {
    ...progress,
    baselines: new Map([['g', [{ ...kept, at: '2026-11-29T00:00:00.000Z', cycle: 0 }]]]),
  };
}

function one(made: Plan, progress: Progress) {
  const [first] = ratchetsOf(made, progress);
  return first;
}

describe('slack and pin', () => {
  test.each([
    ['<= 50', 41, 9, '<= 41'],
    ['>= 80', 83.4, 3.4, '>= 83.4'],
    ['> 80', 83.4, 3.4, '>= 83.4'],
    ['< 5', 3, 2, '<= 3'],
    ['>= 80', 83.333333, 3.333333, '>= 83.33'],
    ['<= 0.5', 0.00012345, 0.49987655, '<= 0.0001235'],
    ['>= -20', -12.3456, 7.6544, '>= -12.35'],
    ['<= 2000000', 1234567, 765433, '<= 1234567'],
  ])('%s with %d: %d of slack, pin %s', (text, value, slack, pin) => {
    expect(one(of(text), measured({ 'g.m': value }))).toMatchObject({ slack, pin: { text: pin }, why: null });
  });

  test.each([
    ['<= 41', 41, 'there is no room to take away'],
    ['<= 40', 41, 'it is missed'],
    ['>= 83.33', 83.333333, 'there is no room to take away'],
  ])('%s with %d: %s', (text, value, why) => {
    expect(one(of(text), measured({ 'g.m': value }))).toMatchObject({ pin: null, why });
  });

  test('what nobody has measured has no slack, and what follows the best needs no pin', () => {
    expect(one(of('<= 50'), EMPTY)).toMatchObject({
      slack: null,
      pin: null,
      why: 'no cycle has measured it yet',
    });
    expect(one(of('>= best - 0.2'), measured({ 'g.m': 5 }))).toMatchObject({
      now: 5,
      pin: null,
      why: 'it follows its `best` by itself',
    });
    expect(ratchetsOf(of('== 0'), EMPTY)).toEqual([]);
  });

  test('the noise of a baseline is left free, and limits that change take no baseline away', () => {
    const made = of('>= 80');
    const progress = spread(made, measured({ 'g.m': 90 }), [88.5, 90]);
    expect(one(made, progress)).toMatchObject({ noise: 1.5, pin: { text: '>= 88.5' } });
    expect(one(made, measured({ 'g.m': 90 }))).toMatchObject({ noise: null, pin: { text: '>= 90' } });
  });

  test('of a ladder the worst rung decides, and a stage has its own', () => {
    const stages = [10, 100].map((count) => ({
      count,
      timeoutMs: 'never' as const,
      promote: [],
      thresholds:
        count === 10
          ? [{ metric: 'm', require: parseComparison('>= 1'), want: undefined, failOnMissing: false }]
          : [],
    }));
    const found = ratchetsOf(of('>= 2', { stages }), measured({ 'g.10.m': 5, 'g.100.m': 4 }));
    expect(found.map(({ name, pin }) => [name, pin?.text])).toEqual([
      ['g.m', '>= 4'],
      ['g.10.m', '>= 5'],
    ]);
    expect(found[1]?.path).toEqual(['phases', 'check', 'gates', 'g', 'stages', 0, 'thresholds', 'm']);
  });
});

test('a pin is never looser than the limit, and what was measured holds it', () => {
  const number = fc.oneof(
    fc.integer({ min: -1e6, max: 1e6 }),
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  );
  fc.assert(
    fc.property(number, number, fc.constantFrom('<=', '>=', '<', '>'), (limit, value, operator) => {
      const text = `${operator} ${limit}`;
      fc.pre(parseComparison(text) !== undefined);
      const pin = one(of(text), measured({ 'g.m': value }))?.pin;
      if (!pin) return true;
      const isHigher = operator.startsWith('>');
      const parsed = parseComparison(pin.text);
      const isTighter = isHigher ? pin.value > limit : pin.value < limit;
      const near = Math.abs(value) * 1e-11;
      const holds = isHigher ? value >= pin.value - near : value <= pin.value + near;
      return parsed?.offset === pin.value && isTighter && holds;
    }),
    { numRuns: 500 },
  );
});
