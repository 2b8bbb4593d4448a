// Scenes of a search: what is crowned and what is not, what leans on it, and what a crash leaves of it.

import { describe, expect, test } from 'vitest';
import type { Event, Recorded } from '../../src/core/loop/event.ts';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { ObjectivePlan } from '../../src/core/plan/champion-plan.ts';
import type { Plan, TaskPlan } from '../../src/core/plan/plan.ts';
import type { Condition } from '../../src/core/plan/ends-plan.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import { metric, stage } from '../unit/judge/parts.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { afterCycles, play, type Act } from './scene.ts';

const OBJECTIVE: ObjectivePlan = {
  metric: 'score',
  task: 'sims',
  name: 'score',
  key: 'sims.score',
  better: 'higher',
  minDelta: 0,
  count: undefined,
  measuredBy: '11111111',
};

interface Seeking {
  readonly cycles?: number;
  readonly objective?: Partial<ObjectivePlan>;
  readonly task?: Partial<TaskPlan>;
  readonly keep?: readonly string[];
  readonly more?: Partial<Plan>;
  readonly beside?: readonly TaskPlan[];
}

function seeking({
  cycles = 3,
  objective = {},
  task = {},
  keep = [],
  more,
  beside = [],
}: Seeking = {}): Plan {
  const score = metric('score', { better: objective.better ?? 'higher' });
  const base = plan([phase('prove', [gate('sims', { metrics: [score], ...task }), ...beside])]);
  return {
    ...base,
    loop: { ...base.loop, mode: 'continuous', sleepMs: 0 },
    ends: { ...NO_EXIT, budget: [afterCycles(cycles)] },
    objective: { ...OBJECTIVE, ...objective },
    champion: {
      keep: keep.map((path) => ({ from: 'cycle', path })),
      robustness: { batches: 3, bands: [] },
    },
    ...more,
  };
}

/** `crowned 2 at 5 before 1`, `kept 2`, `aside 1`, `cycle 2`, in order. */
function told(events: readonly Recorded[]): readonly string[] {
  return events.flatMap((event: Event) => {
    if (event.type === 'champion.chosen')
      return [
        `chosen ${event.cycle} at ${event.value}${event.before ? ` before ${event.before.cycle}` : ''}`,
      ];
    if (event.type === 'champion.kept') return [`${event.failed ?? 'kept'} ${event.cycle}`];
    if (event.type === 'champion.set-aside') return [`aside ${event.cycle}`];
    return event.type === 'cycle.ended' ? [`${event.verdict} ${event.cycle}`] : [];
  });
}

function scores(...values: readonly number[]): Readonly<Record<string, Act>> {
  return Object.fromEntries(
    values.map((score, at) => [`sims/${at + 1}`, { score, writes: { best: String(score) } }]),
  );
}

describe('a search', () => {
  test('[A9] crowns the first candidate and then only what is better, and goes on when one is not', async () => {
    const { events, exit, progress } = await play(seeking({ cycles: 5 }), { acts: scores(5, 4, 5, 7, 6) });
    expect(told(events)).toEqual([
      'passed 1',
      'chosen 1 at 5',
      'kept 1',
      'passed 2',
      'passed 3',
      'passed 4',
      'chosen 4 at 7 before 1',
      'kept 4',
      'passed 5',
    ]);
    expect(exit).toBe(0);
    expect(progress?.champion).toMatchObject({ cycle: 4, value: 7, metrics: { 'sims.score': 7 } });
    expect(progress?.run).toMatchObject({ accepted: 2, crownedAt: 4, cycles: 5, failed: 0 });
  });

  test('[A9] asks for min-delta, and a tie is no champion', async () => {
    const acts = scores(5, 5.4, 5.5, 5.5);
    const { events } = await play(seeking({ cycles: 4, objective: { minDelta: 0.5 } }), { acts });
    expect(told(events).filter((one) => one.startsWith('chosen'))).toEqual([
      'chosen 1 at 5',
      'chosen 3 at 5.5 before 1',
    ]);
    const lower = await play(seeking({ cycles: 4, objective: { better: 'lower' } }), {
      acts: scores(5, 5, 6, 4),
    });
    expect(told(lower.events).filter((one) => one.startsWith('chosen'))).toEqual([
      'chosen 1 at 5',
      'chosen 4 at 4 before 1',
    ]);
  });

  test('binary dust is no distance', async () => {
    const { events } = await play(seeking({ cycles: 2, objective: { minDelta: 0.2 } }), {
      acts: scores(0.1, 0.1 + 0.2),
    });
    expect(told(events)).toContain('chosen 2 at 0.30000000000000004 before 1');
  });

  test('a cycle that failed crowns nothing, whatever it measured', async () => {
    const acts = { ...scores(5, 9), 'later/2': { end: { code: 1 } } } as const;
    const beside = [gate('later', { needs: ['sims'] })];
    const { events } = await play(seeking({ cycles: 2, beside, more: {} }), { acts });
    expect(told(events)).toEqual(['passed 1', 'chosen 1 at 5', 'kept 1', 'failed 2']);
  });

  test('a ladder that was pruned below its top rung challenges nobody', async () => {
    const promote = [
      {
        metric: 'score',
        require: { text: '> 4', operator: '>', reference: 'value', offset: 4 },
        want: undefined,
        failOnMissing: false,
      },
    ] as const;
    const task = { stages: [stage(10, { promote }), stage(100)] };
    const acts = { 'sims/1': { score: 5 }, 'sims/2': { score: 4 }, 'sims/3': { score: 6 } };
    const { events } = await play(seeking({ task, objective: { count: 100 } }), { acts });
    expect(told(events)).toEqual([
      'passed 1',
      'chosen 1 at 5',
      'kept 1',
      'passed 2',
      'passed 3',
      'chosen 3 at 6 before 1',
      'kept 3',
    ]);
  });

  test('a soft gate that failed measures no champion', async () => {
    const acts = { 'sims/1': { score: 5, end: { code: 1 } }, 'sims/2': { score: 4 } } as const;
    const { events } = await play(seeking({ cycles: 2, task: { mode: 'soft' } }), { acts });
    expect(told(events)).toEqual(['passed 1', 'passed 2', 'chosen 2 at 4', 'kept 2']);
  });
});

describe('what leans on it', () => {
  test('a threshold is held to the champion, and is the first where there is none', async () => {
    const require = { text: '>= champion - 1', operator: '>=', reference: 'champion', offset: -1 } as const;
    const thresholds = [{ metric: 'score', require, want: undefined, failOnMissing: false }];
    const { events } = await play(seeking({ cycles: 4, task: { thresholds } }), {
      acts: scores(5, 4, 3.9, 6),
    });
    expect(told(events).filter((one) => !one.startsWith('kept'))).toEqual([
      'passed 1',
      'chosen 1 at 5',
      'passed 2',
      'failed 3',
      'passed 4',
      'chosen 4 at 6 before 1',
    ]);
    const checks = events.flatMap((event) => (event.type === 'task.judged' ? event.checks : []));
    expect(checks.map(({ limit, first }) => [limit, first])).toEqual([
      [undefined, true],
      [4, false],
      [4, false],
      [4, false],
    ]);
  });

  test('conditions count champions, and the cycles since the last one', async () => {
    const count = (kind: 'accepted' | 'since-champion', value: number): Condition => ({
      name: kind,
      measure: { kind },
      operator: '>=',
      value,
      over: undefined,
      text: `>= ${value}`,
    });
    const budget = (one: Condition) => ({ ends: { ...NO_EXIT, budget: [one] } });
    const acts = scores(5, 6, 5, 5, 5, 5, 5, 7);
    const second = await play(seeking({ more: budget(count('accepted', 2)) }), { acts });
    expect(second.progress?.last?.cycle).toBe(2);
    const stale = await play(seeking({ more: budget(count('since-champion', 3)) }), { acts });
    expect(stale.progress?.last?.cycle).toBe(5);
    expect(stale.progress?.run?.ended?.rule).toBe('since-champion >= 3');
  });

  test('a target that the champion already meets ends a new run at once', async () => {
    const target: Condition = {
      name: 'score',
      measure: { kind: 'metric', key: 'sims.score', statistic: 'value', better: 'higher' },
      operator: '>',
      value: 6,
      over: undefined,
      text: '> 6',
    };
    const plan = seeking({ more: { ends: { ...NO_EXIT, target: [target] } } });
    const acts = scores(5, 7, 1);
    const first = await play(plan, { acts });
    expect(first.progress?.last?.cycle).toBe(2);
    const second = await play(plan, { acts, disk: first.disk, run: 'run-2' });
    expect(second.exit).toBe(0);
    expect(second.progress?.run?.ended?.reason).toBe('target');
    expect(second.progress?.last?.cycle).toBe(2);
  });

  test('`on-champion` runs once for each, and is owed over a crash', async () => {
    const command = { kind: 'argv', argv: ['tell'] } as const;
    const hooks = [
      { on: 'on-champion', command, env: { pass: undefined, set: {} }, timeoutMs: 1000 },
    ] as const;
    const { events } = await play(seeking({ more: { hooks } }), { acts: scores(5, 4, 6) });
    const started = events.flatMap((event) => (event.type === 'hook.started' ? [event.cycle] : []));
    expect(started).toEqual([1, 3]);
    const aim = { ...NO_FAULTS, crashOn: 'hook.started' };
    const cut = await play(seeking({ more: { hooks } }), { acts: scores(5, 4, 6), faults: aim });
    const second = await play(seeking({ more: { hooks } }), {
      acts: scores(5, 4, 6),
      disk: cut.disk,
      run: 'run-2',
    });
    expect(second.events.find(({ type }) => type === 'hook.started')).toMatchObject({ cycle: 1 });
  });
});

describe('what is damaged', () => {
  test.each([
    ['a byte of a kept file', '/state/champion/000001/best', 'best is not what was kept'],
    [
      'a byte of the record',
      '/state/champion/000001/champion.json',
      'champion.json is not what was written when it was crowned',
    ],
  ])('%s: the champion is set aside when a start finds it, and said', async (_name, file, why) => {
    const first = await play(seeking({ cycles: 1, keep: ['best'] }), { acts: scores(9) });
    first.disk.replace(file, new TextEncoder().encode('x'), true);
    const second = await play(seeking({ cycles: 1, keep: ['best'] }), {
      acts: scores(9, 5),
      disk: first.disk,
      run: 'run-2',
    });
    expect(told(second.events)).toEqual(['aside 1', 'passed 2', 'chosen 2 at 5', 'kept 2']);
    expect(second.events.find(({ type }) => type === 'champion.set-aside')).toMatchObject({
      why: `champion/000001/${why}`,
    });
  });
});

describe('what is kept', () => {
  test('a file that vanished leaves the champion that was, and the search goes on', async () => {
    const acts = { ...scores(5, 6, 7), 'sims/2': { score: 6 } };
    const { events, progress, disk } = await play(seeking({ keep: ['best'] }), { acts });
    expect(told(events)).toEqual([
      'passed 1',
      'chosen 1 at 5',
      'kept 1',
      'passed 2',
      'chosen 2 at 6 before 1',
      'best is not there 2',
      'passed 3',
      'chosen 3 at 7 before 1',
      'kept 3',
    ]);
    expect(progress?.champion).toMatchObject({ cycle: 3, files: 1 });
    expect(progress?.run?.accepted).toBe(2);
    expect(disk.list('/state/champion')).toEqual(['000001', '000003', 'current']);
  });

  test('the folder of a cycle whose champion is still to be kept is not pruned', async () => {
    const keep = { cycles: 1, ageMs: 'never', sizeBytes: 'never' } as const;
    const { progress } = await play(seeking({ keep: ['best'], more: { keep } }), { acts: scores(5, 6, 7) });
    expect(progress?.run?.accepted).toBe(3);
  });
});

describe('another life', () => {
  test('a crash between choosing and keeping: the next start chooses the same cycle again', async () => {
    const aim = { ...NO_FAULTS, crashOn: 'champion.kept' };
    const first = await play(seeking({ keep: ['best'] }), { acts: scores(5, 6, 7), faults: aim });
    expect(told(first.events)).toEqual(['passed 1', 'chosen 1 at 5']);
    const second = await play(seeking({ keep: ['best'] }), {
      acts: scores(5, 6, 7),
      disk: first.disk,
      run: 'run-2',
    });
    expect(told(second.events).slice(0, 3)).toEqual(['chosen 1 at 5', 'kept 1', 'passed 2']);
    expect(second.progress?.run?.accepted).toBe(3);
  });

  test('a crash before it was chosen loses nothing either, also where the next start is a run of its own', async () => {
    const once = seeking({ keep: ['best'] });
    const plain: Plan = { ...once, loop: { ...once.loop, mode: 'once' } };
    const aim = { ...NO_FAULTS, crashOn: 'champion.chosen' };
    const first = await play(plain, { acts: scores(5, 6), faults: aim });
    expect(told(first.events)).toEqual(['passed 1']);
    const second = await play(plain, { acts: scores(5, 6), disk: first.disk, run: 'run-2' });
    expect(told(second.events)).toEqual([
      'chosen 1 at 5',
      'kept 1',
      'passed 2',
      'chosen 2 at 6 before 1',
      'kept 2',
    ]);
  });

  test('another plan crowns nothing that it did not judge', async () => {
    const aim = { ...NO_FAULTS, crashOn: 'champion.chosen' };
    const first = await play(seeking({ cycles: 2 }), { acts: scores(5, 4), faults: aim });
    const other = { ...seeking({ cycles: 2 }), id: 'plan-2' };
    const second = await play(other, {
      acts: scores(5, 4),
      disk: first.disk,
      run: 'run-2',
      acceptConfig: true,
    });
    expect(told(second.events)).toEqual(['passed 2', 'chosen 2 at 4', 'kept 2']);
  });

  test.each([
    ['another metric', { key: 'other.score' }],
    ['the other direction', { better: 'lower' }],
    ['another count', { count: 100 }],
    ['another command', { measuredBy: '22222222' }],
  ] as const)('a champion of %s is set aside, never compared', async (_name, objective) => {
    const first = await play(seeking({ cycles: 1 }), { acts: scores(9) });
    const task = 'count' in objective ? { stages: [stage(100)] } : {};
    const beside =
      'key' in objective ? [gate('other', { metrics: [metric('score', { better: 'higher' })] })] : [];
    const changed = seeking({
      cycles: 1,
      task,
      beside,
      objective: { ...objective, ...('key' in objective && { task: 'other' }) },
    });
    const acts = { 'sims/2': { score: 5 }, 'other/2': { score: 5 } };
    const second = await play({ ...changed, id: 'plan-2' }, { acts, disk: first.disk, run: 'run-2' });
    expect(told(second.events)).toEqual(['aside 1', 'passed 2', 'chosen 2 at 5', 'kept 2']);
    expect(second.events.find(({ type }) => type === 'champion.set-aside')).toMatchObject({
      why: expect.stringContaining('the champion of cycle 1 was'),
    });
  });
});
