// Scenes of gates over many cycles: days on which they turn strict, debts and their age, and how steady they are.

import { describe, expect, test } from 'vitest';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { Plan, TaskPlan } from '../../src/core/plan/plan.ts';
import type { Condition } from '../../src/core/plan/ends-plan.ts';
import { debtsOf, flakyOf } from '../../src/core/summary/gates.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play, type Act, type Played } from './scene.ts';

const FAILS: Act = { end: { code: 1 } };
const NOON = Date.parse('2026-12-31T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CYCLES = (value: number): Condition => ({
  name: 'cycles',
  measure: { kind: 'cycles' },
  operator: '>=',
  value,
  over: undefined,
  text: `>= ${value}`,
});

/** A cycle an hour, so that midnight falls between two of them. */
function hourly(cycles: number, tasks: readonly TaskPlan[]): Plan {
  const made = plan([phase('check', tasks, { policy: 'keep-going' })]);
  const loop = { ...made.loop, mode: 'iterations' as const, sleepMs: HOUR, rest: {} };
  const backoff = { fromMs: HOUR, factor: 1, maxMs: HOUR, jitter: false };
  return { ...made, loop: { ...loop, backoff }, ends: { ...NO_EXIT, budget: [CYCLES(cycles)] } };
}

function verdicts({ events }: Played): readonly string[] {
  return events.flatMap((event) => (event.type === 'cycle.ended' ? [event.verdict] : []));
}

function tasksOf({ events }: Played, id: string) {
  return events.flatMap((event) =>
    event.type === 'cycle.ended' ? event.tasks.filter((task) => task.id === id) : [],
  );
}

describe('`soft-until`', () => {
  const soft = gate('lint', { mode: 'soft', softness: { until: '2026-12-31' } });

  test('[A20] a gate is soft through its day, and strict in the first cycle of the next one', async () => {
    const wall = Date.parse('2026-12-31T21:30:00.000Z');
    const played = await play(hourly(5, [soft, gate('other')]), { acts: { lint: FAILS }, wall });
    expect(verdicts(played)).toEqual(['passed', 'passed', 'passed', 'failed', 'failed']);
    const [first, , , fourth] = tasksOf(played, 'lint');
    expect(first).toMatchObject({
      verdict: 'soft-failed',
      mode: 'soft',
      softUntil: '2026-12-31',
      reasons: ['exit 1', 'soft until 2026-12-31'],
    });
    expect(fourth).toMatchObject({
      verdict: 'failed',
      mode: 'strict',
      reasons: ['exit 1', 'strict again: soft until 2026-12-31'],
    });
    expect(fourth?.softUntil).toBeUndefined();
    // One failure is one question, on whichever side of the day.
    expect(fourth?.fingerprint).toBe(first?.fingerprint);
  });

  test('a cycle that began before midnight is judged by the day on which it began', async () => {
    const wall = Date.parse('2026-12-31T23:59:59.000Z');
    const slow = { ...FAILS, afterMs: 5000 };
    const played = await play(hourly(2, [soft, gate('other')]), { acts: { lint: slow }, wall });
    expect(verdicts(played)).toEqual(['passed', 'failed']);
  });

  test('a strict failure halts what comes behind it, from the day on', async () => {
    const made = hourly(1, []);
    const phases = [phase('check', [soft]), phase('later', [gate('late')])];
    const at = (wall: number) => play({ ...made, phases }, { acts: { lint: FAILS }, wall });
    expect((await at(NOON)).started).toEqual(['lint', 'late']);
    expect((await at(NOON + 24 * HOUR)).started).toEqual(['lint']);
  });
});

describe('`quarantine-until`', () => {
  test('[A20] a quarantined gate counts as soft and is shown as quarantined; behind the day it is strict again', async () => {
    const flaky = gate('e2e', { softness: { quarantineUntil: '2026-12-31' } });
    const at = (wall: number) => play(hourly(1, [flaky, gate('other')]), { acts: { e2e: FAILS }, wall });
    const before = await at(NOON);
    expect(verdicts(before)).toEqual(['passed']);
    expect(tasksOf(before, 'e2e')[0]).toMatchObject({
      verdict: 'soft-failed',
      mode: 'soft',
      quarantined: '2026-12-31',
      reasons: ['exit 1', 'quarantined until 2026-12-31'],
    });
    const behind = await at(NOON + 24 * HOUR);
    expect(verdicts(behind)).toEqual(['failed']);
    expect(tasksOf(behind, 'e2e')[0]).toMatchObject({
      mode: 'strict',
      reasons: ['exit 1', 'strict again: quarantined until 2026-12-31'],
    });
  });

  test('one that is broken stays broken, unless `on-broken: soft`', async () => {
    const softness = { quarantineUntil: '2026-12-31' };
    const verdictOf = async (more: Partial<TaskPlan>) =>
      verdicts(
        await play(hourly(1, [gate('e2e', { softness, ...more }), gate('other')]), {
          acts: { e2e: { end: { signal: 'SIGSEGV' } } },
          wall: NOON,
        }),
      );
    expect(await verdictOf({})).toEqual(['broken']);
    expect(await verdictOf({ onBroken: 'soft' })).toEqual(['passed']);
  });
});

describe('debts', () => {
  test('a soft failure has an age and a streak, and is over with the first pass', async () => {
    const tasks = [gate('lint', { mode: 'soft' }), gate('other')];
    const acts = { 'lint/2': FAILS, 'lint/3': FAILS, 'lint/4': FAILS };
    const debts = async (cycles: number) => {
      const { progress } = await play(hourly(cycles, tasks), { acts, wall: NOON });
      return progress && debtsOf(progress);
    };
    expect(await debts(1)).toEqual([]);
    expect(await debts(4)).toEqual([
      {
        task: 'lint',
        since: 2,
        sinceAt: '2026-12-31T13:00:00.200Z',
        cycles: 3,
        reason: 'exit 1',
        softUntil: null,
        quarantined: null,
      },
    ]);
    expect(await debts(5)).toEqual([]);
  });
});

describe('flake rate', () => {
  test('[A20] passed on attempt 2 is its own mark, and is counted over the history', async () => {
    const retry = { limit: 1, when: [], delayMs: 0, factor: 1 };
    const tasks = [gate('e2e', { retry }), gate('red', { mode: 'soft' })];
    const acts = { 'e2e.1': FAILS, red: FAILS };
    const { progress, cycle } = await play(hourly(4, tasks), { acts, wall: NOON });
    expect(cycle?.tasks[0]).toMatchObject({ verdict: 'passed', flaky: true, attempts: 2 });
    expect(progress && flakyOf(progress)).toEqual([{ task: 'e2e', runs: 4, late: 4, flips: 0, rate: 1 }]);
  });

  test('it looks back over a hundred runs, and a gate that only fails is steady', async () => {
    const { progress } = await play(hourly(120, [gate('red', { mode: 'soft' }), gate('other')]), {
      acts: { red: FAILS },
      wall: NOON,
    });
    expect(progress?.gates.get('red')?.runs).toBe('s'.repeat(100));
    expect(progress && flakyOf(progress)).toEqual([]);
  });
});
