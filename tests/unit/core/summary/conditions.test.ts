// How far a run is from its ends and marks: each number beside what it is made of, and what nobody knows called unknown.

import { expect, test } from 'vitest';
import type { Condition, Measure } from '../../../../src/core/plan/ends-plan.ts';
import { conditionsOf } from '../../../../src/core/summary/conditions.ts';
import type { ConditionStatus } from '../../../../src/core/summary/conditions.ts';
import { aLoop, aTask, Script } from '../../views/rig.ts';

const HOUR = 3_600_000;
const OPERATORS = ['>=', '>', '<'] as const;

function condition(name: string, measure: Measure, limit: string, over?: number): Condition {
  const operator = OPERATORS.find((one) => limit.startsWith(`${one} `)) ?? '==';
  return { name, measure, operator, value: Number(limit.split(' ')[1]), over, text: limit };
}

const EDGE: Measure = { kind: 'metric', key: 'sims.edge', statistic: 'value', better: 'higher' };

/** Cycles of one hour each; `edges` is what each of them measured. */
function night(target: Condition[], budget: Condition[], edges: readonly number[] = []): Script {
  const script = new Script(aLoop({ tests: [aTask('sims', 'tests')] }, { target, budget }));
  script.start();
  for (const [index, edge] of edges.entries()) {
    script.cycle(index + 1).attempt('sims', { durationMs: HOUR });
    script.judge('sims', 'passed', { metrics: { edge } }).endCycle('passed');
  }
  return script;
}

function only({ progress, mono }: Script, group: 'target' | 'budget'): ConditionStatus | undefined {
  return conditionsOf(progress, mono)?.[group][0];
}

test('a count has its value, its distance, and the time to it at the rate of the run', () => {
  const script = night([], [condition('cycles', { kind: 'cycles' }, '>= 50')], [1, 1, 1]);
  expect(only(script, 'budget')).toEqual({
    name: 'cycles',
    limit: '>= 50',
    limitValue: 50,
    unit: 'cycles',
    value: 3,
    holds: false,
    distance: 47,
    inMs: 47 * HOUR,
    unknown: null,
    basis: null,
  });
});

test('a count that has not begun has no rate, which says nothing about how long it takes', () => {
  const cycles = night([], [condition('cycles', { kind: 'cycles' }, '>= 50')]);
  expect(only(cycles, 'budget')).toMatchObject({ value: 0, inMs: null, unknown: 'no cycle has ended yet' });
});

test('a count that has to pass its limit is one further away from it', () => {
  const script = night([], [condition('cycles', { kind: 'cycles' }, '> 3')], [1, 1, 1]);
  expect(only(script, 'budget')).toMatchObject({ value: 3, holds: false, distance: 1, inMs: HOUR });
});

test('run time is as far away as it says', () => {
  const script = night([], [condition('runtime', { kind: 'runtime' }, `>= ${10 * HOUR}`)], [1, 1]);
  expect(only(script, 'budget')).toMatchObject({ value: 2 * HOUR, distance: 8 * HOUR, inMs: 8 * HOUR });
});

test('a metric that moves towards its limit is given the time that its trend takes', () => {
  const script = night([condition('edge', EDGE, '> 460')], [], [400, 412, 419, 430]);
  // By least squares it gains 9.7 a cycle.
  expect(only(script, 'target')).toMatchObject({ value: 430, distance: 30, unknown: null });
  expect(only(script, 'target')?.inMs).toBe(Math.round((30 / 9.7) * HOUR));
});

test.each([
  ['moves the other way', [430, 420, 410], 'it moves the other way'],
  ['does not move', [400, 400, 400], 'it does not move'],
  ['has only two values', [400, 410], 'fewer than 3 values'],
  ['hardly moves', [400, 400.001, 400.002], 'not within a year as it goes now'],
  ['was never measured', [], 'no value yet'],
])('[A18] the time to a metric that %s is unknown, and why', (_, edges, unknown) => {
  const script = night([condition('edge', EDGE, '> 527')], [], edges);
  expect(only(script, 'target')).toMatchObject({ inMs: null, unknown });
});

test('what holds is no way off', () => {
  const script = night([condition('edge', EDGE, '> 400')], [], [401]);
  expect(only(script, 'target')).toMatchObject({ holds: true, distance: 0, inMs: 0 });
});

test('a spread and a streak are never foreseen', () => {
  const sd: Measure = { kind: 'metric', key: 'sims.edge', statistic: 'sd', better: undefined };
  const script = night([condition('edge.sd', sd, '< 1', 3)], [], [400, 412, 419]);
  expect(only(script, 'target')).toMatchObject({ inMs: null, unknown: 'a spread has no trend' });
  const streak = night([], [condition('broken-in-a-row', { kind: 'broken-in-a-row' }, '>= 5')], [1]);
  expect(only(streak, 'budget')).toMatchObject({ value: 0, distance: 5, inMs: null });
});

test('[A18] tokens and cost say whether they are actual, estimated or unknown; unknown is no zero', () => {
  const tokens = condition('tokens', { kind: 'tokens' }, '>= 1000');
  const after = (spent: { sum: number; told: number; silent: number } | undefined) => {
    const script = night([], [tokens]);
    script.cycle(1).mono += HOUR;
    const { open } = script.progress;
    if (!open) throw new Error('no cycle is open');
    const more = spent && { tokens: spent };
    script.record({
      type: 'cycle.ended',
      cycle: 1,
      turn: 'cycle',
      verdict: 'passed',
      durationMs: HOUR,
      tasks: [],
      ...more,
    });
    return only(script, 'budget');
  };
  expect(after({ sum: 250, told: 2, silent: 0 })).toMatchObject({
    basis: 'actual',
    value: 250,
    distance: 750,
    inMs: 3 * HOUR,
  });
  expect(after({ sum: 250, told: 1, silent: 1 })).toMatchObject({
    basis: 'estimated',
    value: 500,
    inMs: HOUR,
  });
  expect(after(undefined)).toMatchObject({
    basis: 'unknown',
    value: null,
    distance: null,
    inMs: null,
    unknown: 'no attempt has said what it used, so it cannot hold',
  });
});

test('a mark says in which cycle it was reached, or how far each of its conditions is', () => {
  const plan = aLoop(
    { tests: ['sims'] },
    {
      marks: [
        { id: 'halfway', level: 'warning', all: [condition('cycles', { kind: 'cycles' }, '>= 2')], any: [] },
      ],
    },
  );
  const script = new Script(plan).start().cycle(1).pass('sims').endCycle('passed');
  expect(conditionsOf(script.progress, script.mono)?.marks).toMatchObject([
    { id: 'halfway', level: 'warning', reachedIn: null, all: [{ value: 1, distance: 1 }] },
  ]);
  script.record({ type: 'mark.reached', mark: 'halfway', level: 'warning', cycle: 2, because: [] });
  expect(conditionsOf(script.progress, script.mono)?.marks).toMatchObject([{ reachedIn: 2 }]);
});

test('a half-open breaker counts its tries', () => {
  const script = new Script(aLoop({ tests: ['sims'] }, { halfOpen: { afterMs: HOUR, times: 3 } })).start();
  script.rest('half-open', HOUR);
  expect(conditionsOf(script.progress, script.mono)?.halfOpen).toEqual({ tries: 1, of: 3, afterMs: HOUR });
});

test('one cycle by itself is held to nothing', () => {
  const script = new Script(aLoop({ tests: ['sims'] }, { mode: 'once' })).start();
  expect(conditionsOf(script.progress, script.mono)).toBeNull();
});
