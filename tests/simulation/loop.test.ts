// Scenes of many cycles: rests and what decides them, ends and their precedence, breakers, and runs that are carried on.

import { describe, expect, test } from 'vitest';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import type { LoopPlan, MetricPlan, Plan, TaskPlan } from '../../src/core/plan/plan.ts';
import type { Condition, Measure } from '../../src/core/plan/ends-plan.ts';
import type { Event, Recorded, RestStarted } from '../../src/core/loop/event.ts';
import { MOST_LIMITED } from '../../src/core/loop/ending.ts';
import { LATEST_BY_WALL_MS, MOST_RESTARTS } from '../../src/core/loop/rest.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play, type Act, type Played } from './scene.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LOOP: LoopPlan = {
  mode: 'continuous',
  sleepMs: 10 * MINUTE,
  cron: undefined,
  rest: { passed: 'sleep', oom: 5000, limited: 'reset' },
  backoff: { fromMs: 30_000, factor: 2, maxMs: HOUR, jitter: false },
  stopFile: '/state/stop',
  overlap: 'skip',
};
const FAILS: Act = { end: { code: 1 } };
const BREAKS: Act = { end: { signal: 'SIGSEGV' } };
const LIMITED: Act = { end: { code: 75 } };
const STOP: Event = { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false };
const OOM: Act = { end: { signal: 'SIGKILL' }, oomKills: 1 };

const SCORE: MetricPlan = {
  name: 'score',
  source: { reader: 'regex', pattern: '(?<value>.*)', in: { stream: 'output' } },
  better: 'higher',
  bounds: undefined,
  unit: undefined,
};

function aLoop(
  more: { loop?: Partial<LoopPlan>; ends?: Partial<Plan['ends']>; task?: Partial<TaskPlan> } & Partial<
    Omit<Plan, 'loop' | 'ends'>
  > = {},
): Plan {
  const { loop, ends, task, ...rest } = more;
  const work = gate('work', { exits: [{ codes: [75], means: 'limited' }], ...task });
  return plan([phase('check', [work])], {
    loop: { ...LOOP, ...loop },
    ends: { ...NO_EXIT, budget: [atLeast('cycles', 5)], ...ends },
    ...rest,
  });
}

function atLeast(kind: Exclude<Measure['kind'], 'metric' | 'distinct'>, value: number): Condition {
  return { name: kind, measure: { kind }, operator: '>=', value, over: undefined, text: `>= ${value}` };
}

function score(
  text: string,
  value: number,
  more: Partial<Extract<Measure, { kind: 'metric' }>> = {},
): Condition {
  const measure: Measure = {
    kind: 'metric',
    key: 'work.score',
    statistic: 'value',
    better: 'higher',
    ...more,
  };
  return { name: 'score', measure, operator: '>', value, over: undefined, text };
}

function rests({ events }: Pick<Played, 'events'>): readonly Recorded<RestStarted>[] {
  return events.filter((event): event is Recorded<RestStarted> => event.type === 'rest.started');
}

function ended({ progress }: Played) {
  const end = progress?.run?.ended;
  return `${end?.reason} ${end?.exit}${end?.rule === undefined ? '' : `: ${end.rule}`}`;
}

const acts = (...list: readonly (readonly [cycle: number, act: Act])[]) =>
  Object.fromEntries(list.map(([cycle, act]) => [`work/${cycle}`, act]));

describe('rests', () => {
  test('a passing cycle is followed by the sleep, and the last one by none', async () => {
    const played = await play(aLoop());
    expect(rests(played).map(({ cause, forMs }) => [cause, forMs])).toEqual(
      Array.from({ length: 4 }, () => ['sleep', 10 * MINUTE]),
    );
    expect(played.clock.now().mono).toBe(5 * 100 + 4 * 10 * MINUTE);
  });

  test('[G15] every other cycle backs off, doubling up to the cap, and only a pass resets it', async () => {
    const loop = { backoff: { ...LOOP.backoff, maxMs: 2 * MINUTE } };
    const played = await play(aLoop({ loop, ends: { budget: [atLeast('cycles', 8)] } }), {
      acts: { work: FAILS, ...acts([6, {}], [3, BREAKS]) },
    });
    expect(rests(played).map(({ cause, forMs }) => `${cause} ${forMs / 1000}`)).toEqual([
      'backoff 30',
      'backoff 60',
      'backoff 120',
      'backoff 120',
      'backoff 120',
      'sleep 600',
      'backoff 30',
    ]);
  });

  test('[G15] each of 200 pauses is said and lasts to the millisecond, however odd its factor', async () => {
    const backoff = { fromMs: 700, factor: 1.37, maxMs: 9 * MINUTE, jitter: false };
    const ends = { budget: [atLeast('cycles', 201)] };
    const played = await play(aLoop({ loop: { backoff }, ends }), { acts: { work: FAILS } });
    const due: number[] = [];
    for (let pauseMs = 700; due.length < 200; pauseMs *= 1.37) due.push(Math.min(9 * MINUTE, pauseMs));
    const said = rests(played);
    const over = played.events.filter(({ type }) => type === 'rest.ended');
    const lasted = said.map(({ mono }, at) => (over[at]?.mono ?? 0) - mono);
    expect(said.map(({ forMs }) => forMs)).toEqual(due.map(Math.round));
    expect(lasted).toEqual(due.map(Math.round));
    console.log(`figure: ${lasted.length} pauses in a row, none off by a millisecond`);
  });

  test('[G15] jitter takes at most half away, differs from cycle to cycle, and is the same for the same run', async () => {
    const loop = { backoff: { ...LOOP.backoff, factor: 1, jitter: true } };
    const once = rests(await play(aLoop({ loop }), { acts: { work: FAILS } })).map(({ forMs }) => forMs);
    const again = rests(await play(aLoop({ loop }), { acts: { work: FAILS } })).map(({ forMs }) => forMs);
    expect(once).toEqual(again);
    expect(new Set(once).size).toBe(4);
    for (const forMs of once) {
      expect(forMs).toBeGreaterThanOrEqual(15_000);
      expect(forMs).toBeLessThanOrEqual(30_000);
    }
  });

  test('a rule for the outcome goes before a rule for the verdict', async () => {
    const loop = { rest: { ...LOOP.rest, failed: 2000, 'timed-out': 7000, broken: 9000 } };
    const played = await play(aLoop({ loop, task: { timeoutMs: 1000 } }), {
      acts: acts([1, FAILS], [2, { afterMs: 'never' }], [3, BREAKS], [4, OOM]),
    });
    expect(rests(played).map(({ forMs }) => forMs)).toEqual([2000, 7000, 9000, 5000]);
  });

  test('[A1] [A3] a limit is waited for until it resets, and uses up neither cycle nor failure', async () => {
    const wall = Date.UTC(2026, 1, 10, 6, 30);
    const resets = wall + HOUR;
    const task = { metrics: [{ ...SCORE, name: 'retry-at' }] };
    const limited: Act = { ...LIMITED, readings: { 'retry-at': resets / 1000 } };
    const ends = { budget: [atLeast('cycles', 2)], giveUp: [atLeast('failures-in-a-row', 1)] };
    const played = await play(aLoop({ task, ends }), {
      wall,
      acts: { work: { readings: { 'retry-at': 0 } }, ...acts([1, limited]) },
    });
    const [first] = rests(played);
    expect(first).toMatchObject({ cause: 'limit', by: 'wall', until: new Date(resets + 5000).toISOString() });
    expect(ended(played)).toBe('budget 0: cycles >= 2');
    expect(played.started).toHaveLength(3);
  });

  test('[A1] a limit that does not say when it resets is asked ever more rarely, and not for ever', async () => {
    const played = await play(aLoop({ ends: { budget: [], giveUp: [] } }), { acts: { work: LIMITED } });
    const waits = rests(played).map(({ cause, forMs }) => `${cause} ${forMs / 1000}`);
    expect(waits.slice(0, 4)).toEqual(['limit 30', 'limit 60', 'limit 120', 'limit 240']);
    expect(waits.at(-1)).toBe('limit 3600');
    expect(ended(played)).toBe(`gave-up 4: limited ${MOST_LIMITED} times in a row`);
    expect(played.started).toHaveLength(MOST_LIMITED);
  });

  test('[A1] a limit that says again and again that it has reset by now is asked ever more rarely', async () => {
    const task = { metrics: [{ ...SCORE, name: 'retry-at' }] };
    const past: Act = { ...LIMITED, readings: { 'retry-at': Date.UTC(2020, 0, 1) / 1000 } };
    const played = await play(aLoop({ task }), {
      acts: { work: {}, ...acts([1, past], [2, past], [3, past]) },
    });
    const [first, second, third] = rests(played);
    expect([first, second, third].map((rest) => `${rest?.cause} ${rest?.forMs}`)).toEqual([
      'limit 5000',
      'limit 60000',
      'limit 120000',
    ]);
    expect(second?.why).toBe('cycle 2 met a limit, 2 in a row, which has reset by now, as it says');
  });

  test('a limit that resets in a hundred years is asked again after a day', async () => {
    const task = { metrics: [{ ...SCORE, name: 'retry-at' }] };
    const limited: Act = { ...LIMITED, readings: { 'retry-at': 3e9 } };
    const played = await play(aLoop({ task, ends: { budget: [atLeast('runtime', 30 * HOUR)] } }), {
      acts: { work: limited },
    });
    expect(rests(played).map(({ forMs }) => forMs / HOUR)).toEqual([24, 24]);
  });

  test('a calendar decides in the place of the sleep, and ticks missed in a long cycle are not made up for', async () => {
    const wall = Date.UTC(2026, 1, 10, 6, 0);
    const loop = { cron: { expression: '*/30 * * * *', timezone: 'UTC' } };
    const task = { timeoutMs: 'never' as const };
    const played = await play(
      aLoop({ loop, task, cycleTimeoutMs: 'never', ends: { budget: [atLeast('cycles', 4)] } }),
      {
        wall,
        nextFire: (at) => (Math.floor(at / (30 * MINUTE)) + 1) * 30 * MINUTE,
        acts: acts([2, { afterMs: 100 * MINUTE }]),
      },
    );
    const cycles = played.events
      .filter((event) => event.type === 'cycle.started')
      .map(({ at }) => at.slice(11, 16));
    expect(cycles).toEqual(['06:00', '06:30', '08:30', '09:00']);
    expect(rests(played).map(({ cause, by }) => `${cause} ${by}`)).toEqual(Array(3).fill('schedule wall'));
  });

  test('[G14] a clock that is set back by years makes a pause of the calendar three hours longer, not years', async () => {
    const wall = Date.UTC(2038, 0, 1);
    const loop = { cron: { expression: '*/30 * * * *', timezone: 'UTC' } };
    const played = await play(aLoop({ loop, ends: { budget: [atLeast('cycles', 3)] } }), {
      wall,
      nextFire: (at) => (Math.floor(at / (30 * MINUTE)) + 1) * 30 * MINUTE,
      walls: [[10 * MINUTE, Date.UTC(2026, 0, 1) - wall]],
    });
    const ends = played.events.filter((event) => event.type === 'rest.ended').map(({ mono }) => mono);
    expect(ends).toEqual([30 * MINUTE + LATEST_BY_WALL_MS, HOUR + LATEST_BY_WALL_MS]);
    expect(ended(played)).toBe('budget 0: cycles >= 3');
  });

  test('at the second out-of-memory cycle in a row fewer tasks run at once, and after one without all of them', async () => {
    const tasks = ['a', 'b', 'c', 'd'].map((id) => gate(id));
    const made = plan([phase('check', tasks)], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('cycles', 5)] },
    });
    const played = await play(made, { acts: { 'a/1': OOM, 'a/2': OOM, 'a/3': OOM } });
    const most = new Map<number, number>();
    const running = new Set<string>();
    let cycle = 0;
    for (const event of played.events) {
      if (event.type === 'cycle.started') ({ cycle } = event);
      if (event.type === 'attempt.started') running.add(event.task);
      if (event.type === 'attempt.ended') running.delete(event.task);
      most.set(cycle, Math.max(most.get(cycle) ?? 0, running.size));
    }
    expect(rests(played).map(({ why }) => why)).toEqual([
      'cycle 1 is broken',
      'cycle 2 is broken, 2 in a row; the next one runs 2 of 4 tasks at once',
      'cycle 3 is broken, 3 in a row; the next one runs 1 of 4 tasks at once',
      'cycle 4 passed',
    ]);
    expect([...most].filter(([number]) => number > 0).map(([, jobs]) => jobs)).toEqual([4, 4, 2, 1, 4]);
  });

  test('a stop ends a rest at once', async () => {
    const played = await play(aLoop(), {
      facts: [[3 * MINUTE, { type: 'stop.seen', by: 'file', now: false }]],
    });
    expect(played.clock.now().mono).toBe(3 * MINUTE);
    expect(ended(played)).toBe('stopped 6');
  });

  test('a budget of run time ends a rest when it is spent', async () => {
    const played = await play(aLoop({ ends: { budget: [atLeast('runtime', 3 * MINUTE)] } }));
    expect(played.clock.now().mono).toBe(3 * MINUTE);
    expect(ended(played)).toBe(`budget 0: runtime >= ${3 * MINUTE}`);
  });

  test('giving up by run time ends a rest as well', async () => {
    const played = await play(aLoop({ ends: { giveUp: [atLeast('runtime', 3 * MINUTE)] } }));
    expect(played.clock.now().mono).toBe(3 * MINUTE);
    expect(ended(played)).toBe(`gave-up 4: runtime >= ${3 * MINUTE}`);
  });
});

describe('the task that decided a cycle', () => {
  const both = (...tasks: readonly TaskPlan[]) =>
    plan([phase('check', tasks, { policy: 'keep-going' })], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('cycles', 2)] },
    });

  test('is the one whose verdict the cycle has, not the one that failed first', async () => {
    const played = await play(both(gate('lint'), gate('build')), {
      acts: { lint: { ...FAILS, afterMs: 50 }, build: BREAKS },
    });
    expect([played.cycle?.verdict, played.cycle?.cause]).toEqual(['broken', 'build']);
    expect(played.progress?.run?.streaks.sameError).toBe(2);
  });

  test('is not a limit that was met beside a failure, so that nobody waits for that limit', async () => {
    const agent = gate('agent', { exits: [{ codes: [75], means: 'limited' }] });
    const played = await play(both(agent, gate('tests')), {
      acts: { agent: { ...LIMITED, afterMs: 50 }, tests: FAILS },
    });
    expect([played.cycle?.verdict, played.cycle?.cause]).toEqual(['failed', 'tests']);
    expect(rests(played).map(({ cause, why }) => `${cause}: ${why}`)).toEqual(['backoff: cycle 1 failed']);
  });
});

describe('the end of a run', () => {
  const task = { metrics: [SCORE] };

  test('a target is met by a cycle that passed, and by its own values alone', async () => {
    const ends = { target: [score('> 400', 400)], budget: [atLeast('cycles', 9)] };
    const flaky = { metrics: [SCORE], exits: [{ codes: [7], means: 'skipped' as const }] };
    const played = await play(aLoop({ task: flaky, ends }), {
      acts: acts(
        [1, { score: 100 }],
        [2, { score: 500, end: { code: 1 } }],
        [3, { score: 450, end: { code: 7 } }],
        [4, { score: 390 }],
        [5, { score: 401 }],
      ),
    });
    expect(ended(played)).toBe('target 0: score > 400');
    expect(played.started).toHaveLength(5);
  });

  test('[A6] a marker that the work sets itself ends nothing while a strict gate is red', async () => {
    const tasks = [gate('done', { metrics: [{ ...SCORE, name: 'done' }] }), gate('tests')];
    const measure: Measure = { kind: 'metric', key: 'done.done', statistic: 'value', better: undefined };
    const target: Condition = {
      name: 'done',
      measure,
      operator: '>=',
      value: 1,
      over: undefined,
      text: '>= 1',
    };
    const made = plan([phase('check', tasks, { policy: 'keep-going' })], {
      loop: { ...LOOP, rest: { failed: 1000 } },
      ends: { ...NO_EXIT, target: [target], budget: [atLeast('cycles', 9)] },
    });
    const played = await play(made, {
      acts: { done: { readings: { done: 1 } }, 'tests/1': FAILS, 'tests/2': FAILS },
    });
    expect(played.events.filter(({ type }) => type === 'cycle.ended')).toHaveLength(3);
    expect(ended(played)).toBe('target 0: done >= 1');
  });

  test('a soft gate that was broken has measured nothing, whatever it printed before', async () => {
    const loose = gate('work', { metrics: [SCORE], mode: 'soft', onBroken: 'soft', timeoutMs: 1000 });
    const ends = { ...NO_EXIT, target: [score('> 400', 400)], budget: [atLeast('cycles', 2)] };
    const marks: Plan['marks'] = [{ id: 'high', level: 'info', all: [score('> 400', 400)], any: [] }];
    const made = plan([phase('check', [loose, gate('tests')])], { loop: LOOP, ends, marks });
    const hung: Act = { score: 500, end: { signal: 'SIGSEGV' } };
    const played = await play(made, { acts: { work: hung } });
    expect(played.verdicts).toEqual({ work: 'soft-failed', tests: 'passed' });
    expect(ended(played)).toBe('budget 5: cycles >= 2');
    expect(played.events.filter(({ type }) => type === 'mark.reached')).toEqual([]);
  });

  test("a rung that fails with a value outside the metric's bounds has not measured it", async () => {
    const bounded: MetricPlan = { ...SCORE, bounds: [0, 100] };
    const stages = [10, 100].map((count) => ({ count, timeoutMs: 60_000, thresholds: [], promote: [] }));
    const loose = gate('work', { metrics: [bounded], mode: 'soft', stages });
    const target = [{ ...score('> 400', 400, { key: 'work.10.score' }), name: 'work.10.score' }];
    const ends = { ...NO_EXIT, target, budget: [atLeast('cycles', 2)] };
    const made = plan([phase('check', [loose, gate('tests')])], { loop: LOOP, ends });
    const played = await play(made, { acts: { work: { score: 5000, end: { code: 1 } } } });
    expect(played.verdicts).toEqual({ work: 'soft-failed', tests: 'passed' });
    expect(ended(played)).toBe('budget 5: cycles >= 2');
  });

  test('a spent budget with an unmet target is told apart from one without a target', async () => {
    const budget = [atLeast('cycles', 2)];
    const unmet = await play(aLoop({ task, ends: { budget, target: [score('> 400', 400)] } }), {
      acts: { work: { score: 1 } },
    });
    expect(ended(unmet)).toBe('budget 5: cycles >= 2');
    const failing = await play(aLoop({ ends: { budget } }), { acts: { work: FAILS } });
    expect(ended(failing)).toBe('budget 1: cycles >= 2');
    expect(failing.progress?.run?.ended?.why).toContain('2 of 2 cycles failed');
  });

  test.each([
    [{}, 0],
    [FAILS, 1],
    [BREAKS, 3],
    [LIMITED, 3],
  ])(
    'a spent budget has the code of the last cycle that counted, not of a limit behind it: %o, exit %i',
    async (act, exit) => {
      const ends = { budget: [atLeast('runtime', HOUR)] };
      const played = await play(aLoop({ ends }), { acts: { work: LIMITED, ...acts([1, act]) } });
      expect(ended(played)).toBe(`budget ${exit}: runtime >= ${HOUR}`);
      expect(played.progress?.run?.lastVerdict).toBe('limited');
    },
  );

  test('a budget that is spent behind a cycle that a stop cut short has the code of the cycle before', async () => {
    const stop = [
      [10 * MINUTE + 150, { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: true }],
    ] as const;
    const { disk, exit, progress } = await play(aLoop(), { facts: stop });
    expect([exit, progress?.run?.lastVerdict]).toEqual([143, 'stopped']);
    const ends = { budget: [atLeast('cycles', 1)] };
    const second = await play(aLoop({ ends, id: 'plan-2' }), { disk, run: 'run-2', acceptConfig: true });
    expect(ended(second)).toBe('budget 0: cycles >= 1');
  });

  test('a budget that is spent before a cycle was finished is not green', async () => {
    const made = plan([phase('first', [gate('ready')], { at: 'start' }), phase('check', [gate('work')])], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('runtime', 50)] },
    });
    expect(ended(await play(made))).toBe('budget 3: runtime >= 50');
  });

  test('target goes before stop, stop before budget, budget before giving up', async () => {
    const stop = [[50, { type: 'stop.seen', by: 'file', now: false }]] as const;
    const target = { target: [score('> 400', 400)], budget: [atLeast('cycles', 1)] };
    const met = await play(aLoop({ task, ends: target }), { facts: stop, acts: { work: { score: 500 } } });
    expect(ended(met)).toBe('target 0: score > 400');
    const stopped = await play(aLoop({ task, ends: target }), { facts: stop, acts: { work: { score: 5 } } });
    expect(ended(stopped)).toBe('stopped 6');
    const ends = { budget: [atLeast('cycles', 2)], giveUp: [atLeast('failures-in-a-row', 2)] };
    const spent = await play(aLoop({ ends }), { acts: { work: FAILS } });
    expect(ended(spent)).toBe('budget 1: cycles >= 2');
  });

  test.each([
    ['failures-in-a-row', 3, { work: FAILS, ...acts([2, BREAKS]) }, 3],
    ['broken-in-a-row', 2, { work: BREAKS, ...acts([1, FAILS], [2, BREAKS], [3, FAILS]) }, 5],
    ['oom-in-a-row', 2, { work: OOM, ...acts([2, BREAKS]) }, 4],
    ['same-error', 3, { work: BREAKS, ...acts([2, { end: { signal: 'SIGBUS' } }]) }, 5],
  ] as const)('[A4] [A22] a run gives up at its measure %s', async (kind, value, fates, cycles) => {
    const ends = { budget: [atLeast('cycles', 9)], giveUp: [atLeast(kind, value)] };
    const played = await play(aLoop({ ends }), { acts: fates });
    expect(ended(played)).toBe(`gave-up 4: ${kind} >= ${value}`);
    expect(played.started).toHaveLength(cycles);
  });

  test('a failure rate is asked only over as many cycles as it speaks of', async () => {
    const rate: Condition = { ...atLeast('failure-rate', 0.5), operator: '>', over: 4, text: '> 50% over 4' };
    const ends = { budget: [atLeast('cycles', 9)], giveUp: [rate] };
    const played = await play(aLoop({ ends }), { acts: { work: FAILS, ...acts([1, {}], [2, {}], [4, {}]) } });
    expect(ended(played)).toBe('gave-up 4: failure-rate > 50% over 4');
    expect(played.started).toHaveLength(6);
  });

  test('[A18] tokens are summed over attempts, and a budget over what was never told is not spent', async () => {
    const told = { metrics: [{ ...SCORE, name: 'tokens' }] };
    const ends = { budget: [atLeast('tokens', 250), atLeast('cycles', 9)] };
    const played = await play(aLoop({ task: told, ends }), { acts: { work: { readings: { tokens: 100 } } } });
    expect(ended(played)).toBe('budget 0: tokens >= 250');
    expect(played.started).toHaveLength(3);
    const silent = await play(aLoop({ ends }));
    expect(ended(silent)).toBe('budget 0: cycles >= 9');
  });

  test('[A14] [A18] what a cycle used that a crash cut off, or the phases at the start, counts for the budget', async () => {
    const told = { metrics: [{ ...SCORE, name: 'tokens' }] };
    const acts = { work: { readings: { tokens: 100 } }, warm: { readings: { tokens: 7 } } };
    const made = aLoop({ task: told, ends: { budget: [atLeast('tokens', 200), atLeast('cycles', 9)] } });
    const { disk } = await play(made, { acts, faults: { ...NO_FAULTS, crashOn: 'task.judged' } });
    const second = await play(made, { disk, acts, run: 'run-2' });
    expect(second.started).toEqual(['work']);
    expect(ended(second)).toBe('budget 0: tokens >= 200');
    const phases = [phase('first', [gate('warm', told)], { at: 'start' }), ...made.phases];
    const warmed = await play({ ...made, phases }, { acts });
    expect(warmed.progress?.run?.tokens).toEqual({ sum: 207, told: 3, silent: 0 });
  });

  test('a mark is announced once, with the cycle that reached it, and ends nothing', async () => {
    const marks: Plan['marks'] = [
      { id: 'good', level: 'info', all: [score('> 10', 10), atLeast('cycles', 2)], any: [] },
      {
        id: 'flat',
        level: 'warning',
        all: [],
        any: [{ ...score('< 2 over 3', 2, { statistic: 'sd' }), name: 'score.sd', operator: '<', over: 3 }],
      },
    ];
    const played = await play(aLoop({ task, marks }), { acts: { work: { score: 11 } } });
    const reached = played.events.flatMap((event) =>
      event.type === 'mark.reached' ? [`${event.mark} ${event.cycle}: ${event.because.join(', ')}`] : [],
    );
    expect(reached).toEqual([
      'good 2: score > 10 (at 11), cycles >= 2 (at 2)',
      'flat 3: score.sd < 2 over 3 (at 0)',
    ]);
    expect(ended(played)).toBe('budget 0: cycles >= 5');
  });
});

describe('a breaker that trips', () => {
  const ends = {
    budget: [atLeast('cycles', 20)],
    giveUp: [atLeast('failures-in-a-row', 2)],
    halfOpen: { afterMs: 30 * MINUTE, times: 3 },
  };

  test('[A22] gets its tries after a long pause each, and then the run is given up', async () => {
    const played = await play(aLoop({ ends }), { acts: { work: FAILS } });
    expect(rests(played).map(({ cause, forMs }) => `${cause} ${forMs / 1000}`)).toEqual([
      'backoff 30',
      'half-open 1800',
      'half-open 1800',
      'half-open 1800',
    ]);
    expect(played.started).toHaveLength(5);
    expect(ended(played)).toBe('gave-up 4: failures-in-a-row >= 2');
  });

  test('[A22] closes by itself when a try passes, and may trip anew', async () => {
    const played = await play(aLoop({ ends }), { acts: { work: FAILS, ...acts([4, {}]) } });
    expect(rests(played).map(({ cause }) => cause)).toEqual([
      'backoff',
      'half-open',
      'half-open',
      'sleep',
      'backoff',
      'half-open',
      'half-open',
      'half-open',
    ]);
  });

  test('a try that met a limit was none', async () => {
    const played = await play(aLoop({ ends }), { acts: { work: FAILS, ...acts([3, LIMITED]) } });
    expect(rests(played).map(({ cause }) => cause)).toEqual([
      'backoff',
      'half-open',
      'limit',
      'half-open',
      'half-open',
    ]);
  });
});

describe('starting again', () => {
  const crash = { ...NO_FAULTS, crashOn: 'attempt.ended' };

  test('[A14] a crashed run is carried on: its cycle is closed as interrupted, its budget goes on, its clock stood still', async () => {
    const made = aLoop({ ends: { budget: [atLeast('cycles', 3)] } });
    const first = await play(made, { faults: { ...NO_FAULTS, crashOn: 'rest.ended' } });
    expect(first.failure).toBe('crash');
    const second = await play(made, { disk: first.disk, run: 'run-2', faults: crash });
    expect(second.failure).toBe('crash');
    const third = await play(made, { disk: first.disk, run: 'run-3' });
    expect(third.events.find(({ type }) => type === 'run.resumed')).toMatchObject({
      type: 'run.resumed',
      run: 'run-1',
      by: 'run-3',
      goesOn: true,
      interrupted: ['work#1'],
    });
    const verdicts = third.events.flatMap((event) =>
      event.type === 'cycle.ended' ? [`${event.cycle} ${event.verdict}`] : [],
    );
    expect(verdicts).toEqual(['2 interrupted', '3 passed', '4 passed']);
    expect(ended(third)).toBe('budget 0: cycles >= 3');
    expect(new Set(third.events.map(({ run }) => run))).toEqual(new Set(['run-1']));
  });

  test('the rest that was running goes on for what is left of it', async () => {
    const wall = Date.UTC(2026, 1, 10, 6, 30);
    const made = aLoop({ ends: { budget: [atLeast('cycles', 2)] } });
    const first = await play(made, {
      wall,
      facts: [[4 * MINUTE, { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false }]],
    });
    expect(ended(first)).toBe('stopped 6');
    const second = await play(made, { disk: first.disk, run: 'run-2', wall: wall + 6 * MINUTE });
    expect(second.events.map(({ type }) => type).slice(0, 3)).toEqual([
      'run.resumed',
      'rest.ended',
      'cycle.started',
    ]);
    // It began 100 ms after the first life did, and ends ten minutes later by the wall.
    expect(second.events[1]?.mono).toBe(4 * MINUTE + 100);
  });

  test('run time does not run while nobody runs it', async () => {
    const made = aLoop({ ends: { budget: [atLeast('runtime', 25 * MINUTE)] } });
    const stop = [[15 * MINUTE, { type: 'stop.seen', by: 'file', now: false }]] as const;
    const first = await play(made, { facts: stop });
    const second = await play(made, {
      disk: first.disk,
      run: 'run-2',
      wall: Date.UTC(2026, 5, 1),
    });
    expect(ended(second)).toBe(`budget 0: runtime >= ${25 * MINUTE}`);
    expect(second.clock.now().mono).toBe(10 * MINUTE);
  });

  test('after a target, a budget or giving up a start opens a new run with fresh budgets and streaks', async () => {
    const ends = { budget: [atLeast('cycles', 9)], giveUp: [atLeast('failures-in-a-row', 2)] };
    const first = await play(aLoop({ ends }), { acts: { work: FAILS } });
    const second = await play(aLoop({ ends }), { disk: first.disk, run: 'run-2', acts: { work: FAILS } });
    expect(second.events[0]).toMatchObject({ type: 'run.started', run: 'run-2' });
    expect(second.events.filter(({ type }) => type === 'cycle.started')).toHaveLength(2);
    expect(second.cycle?.cycle).toBe(4);
    expect(second.progress?.failuresInARow).toBe(4);
  });

  test('one cycle, and a number of cycles, close an unfinished run and open their own', async () => {
    for (const mode of ['once', 'iterations'] as const) {
      const first = await play(aLoop(), { faults: crash });
      const second = await play(aLoop({ loop: { mode } }), { disk: first.disk, run: 'run-2' });
      const ends = second.events.filter((event) => event.type === 'run.ended');
      expect(ends.map((event) => `${event.run} ${event.type === 'run.ended' && event.reason}`)).toEqual([
        'run-1 interrupted',
        mode === 'once' ? 'run-2 finished' : 'run-2 budget',
      ]);
    }
  });

  test('a continuous start closes one cycle that nobody finished, whatever its plan was', async () => {
    const once = { loop: { mode: 'once' }, id: 'plan-once' } as const;
    const stop = [[50, { type: 'stop.seen', by: 'signal', signal: 'SIGINT', now: false }]] as const;
    for (const scene of [{ faults: crash }, { facts: stop }]) {
      const first = await play(aLoop(once), scene);
      const second = await play(aLoop(), { disk: first.disk, run: 'run-2' });
      expect(second.progress?.run?.id).toBe('run-2');
      expect(ended(second)).toBe('budget 0: cycles >= 5');
    }
  });

  test('a changed plan is carried on only when somebody accepts it, and nothing is written before', async () => {
    const first = await play(aLoop(), { faults: crash });
    const changed = aLoop({ id: 'plan-2' });
    const before = first.disk.read(changed.state.history);
    const refused = await play(changed, { disk: first.disk, run: 'run-2' });
    expect(refused.failure).toBe('changed since run-1');
    expect(first.disk.read(changed.state.history)).toEqual(before);
    const accepted = await play(changed, { disk: first.disk, run: 'run-3', acceptConfig: true });
    expect(accepted.events[0]).toMatchObject({ type: 'run.resumed', goesOn: true, plan: 'plan-2' });
    expect(ended(accepted)).toBe('budget 0: cycles >= 5');
  });

  test('[A22] a try is over with its cycle, also where another plan is followed next', async () => {
    const once = { halfOpen: { afterMs: 30 * MINUTE, times: 1 } };
    const strict = aLoop({ id: 'strict', ends: { giveUp: [atLeast('failures-in-a-row', 2)], ...once } });
    const lax = aLoop({ id: 'lax', ends: { giveUp: [atLeast('failures-in-a-row', 9)], ...once } });
    const stopped = (at: number) => [[at, STOP]] as const;
    const lives = { acts: { work: FAILS }, acceptConfig: true };
    const first = await play(strict, { ...lives, facts: stopped(10 * MINUTE) });
    expect(rests(first).map(({ cause }) => cause)).toEqual(['backoff', 'half-open']);
    const second = await play(lax, {
      ...lives,
      disk: first.disk,
      run: 'run-2',
      facts: stopped(21.5 * MINUTE),
    });
    expect(rests(second).map(({ cause }) => cause)).toEqual(['backoff']);
    const third = await play(strict, { ...lives, disk: first.disk, run: 'run-3' });
    expect(ended(third)).toBe('gave-up 4: failures-in-a-row >= 2');
    expect(third.started).toEqual([]);
  });

  test('what a plan did not look at in between is not taken for a row of values', async () => {
    const flat = { ...score('< 2', 2, { statistic: 'sd' }), operator: '<' as const, over: 3 };
    const marks: Plan['marks'] = [{ id: 'flat', level: 'warning', all: [flat], any: [] }];
    const task = { metrics: [SCORE] };
    const scores = acts([1, { score: 11 }], [2, { score: 11 }], [3, { score: 500 }]);
    const lives = { acts: { work: { score: 11 }, ...scores }, acceptConfig: true };
    const looks = (cycles: number, id: string, looked: Plan['marks']) =>
      aLoop({ id, task, marks: looked, ends: { budget: [atLeast('cycles', cycles)] } });
    const first = await play(looks(9, 'looks', marks), { ...lives, facts: [[15 * MINUTE, STOP]] });
    const second = await play(looks(9, 'looks-away', []), {
      ...lives,
      disk: first.disk,
      run: 'run-2',
      facts: [[7 * MINUTE, STOP]],
    });
    expect(second.started).toHaveLength(1);
    const third = await play(looks(4, 'looks', marks), { ...lives, disk: first.disk, run: 'run-3' });
    expect(third.started).toHaveLength(1);
    expect(third.events.filter(({ type }) => type === 'mark.reached')).toEqual([]);
  });

  test('a stop that comes while a crashed run is being closed is not lost on it', async () => {
    const first = await play(aLoop(), { faults: crash });
    const stop = [[0, { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false }]] as const;
    const second = await play(aLoop({ loop: { mode: 'iterations' } }), {
      disk: first.disk,
      run: 'run-2',
      facts: stop,
    });
    expect(ended(second)).toBe('stopped 6');
  });

  test('[A22] starts that die again and again are slowed down by a rest, and never end the run', async () => {
    const made = aLoop({ ends: { budget: [atLeast('cycles', 1)] } });
    const { disk } = await play(made, { faults: crash });
    for (let start = 2; start <= MOST_RESTARTS; start += 1)
      await play(made, { disk, run: `run-${start}`, faults: crash });
    const slowed = await play(made, { disk, run: 'run-21' });
    expect(rests(slowed).map(({ cause, forMs }) => `${cause} ${forMs}`)).toEqual([`restarts ${HOUR}`]);
    expect(ended(slowed)).toBe('budget 0: cycles >= 1');
  });

  test('[A22] twenty of them, not nineteen, and the rest says how many', async () => {
    const made = aLoop({ ends: { budget: [atLeast('cycles', 1)] } });
    const { disk } = await play(made, { faults: crash });
    for (let start = 2; start < MOST_RESTARTS; start += 1)
      await play(made, { disk, run: `run-${start}`, faults: crash });
    expect(rests(await play(made, { disk, run: 'run-20', faults: crash }))).toEqual([]);
    const [slowed] = rests(await play(made, { disk, run: 'run-21' }));
    expect(slowed?.why).toBe('20 starts in a row died without finishing a cycle');
  });

  test('a start whose run came to an end of its own has not died', async () => {
    const ready = phase('first', [gate('ready')], { at: 'start' });
    const made = plan([ready, phase('check', [gate('work')])], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('cycles', 1)] },
    });
    const { disk } = await play(made, { acts: { ready: FAILS } });
    for (let start = 2; start <= MOST_RESTARTS + 5; start += 1) {
      const played = await play(made, { disk, run: `run-${start}`, acts: { ready: FAILS } });
      expect([ended(played), rests(played)]).toEqual(['start-failed 3', []]);
    }
  });

  test('phases at the start that a crash cut off run again, and those that passed do not', async () => {
    const made = plan([phase('first', [gate('ready')], { at: 'start' }), phase('check', [gate('work')])], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('cycles', 2)] },
    });
    const { disk } = await play(made, { faults: crash });
    const second = await play(made, {
      disk,
      run: 'run-2',
      faults: { ...NO_FAULTS, crashOn: 'rest.started' },
    });
    expect(second.started).toEqual(['ready', 'work']);
    const third = await play(made, { disk, run: 'run-3' });
    expect(third.started).toEqual(['work']);
    expect(ended(third)).toBe('budget 0: cycles >= 2');
  });

  describe('phases at the start that meet a limit', () => {
    const ready = gate('ready', { exits: [{ codes: [75], means: 'limited' }] });
    const withStart = (loop: Partial<LoopPlan> = {}, budget = [atLeast('cycles', 1)]) =>
      plan([phase('first', [ready], { at: 'start' }), phase('check', [gate('work')])], {
        loop: { ...LOOP, ...loop },
        ends: { ...NO_EXIT, budget },
      });
    const SILENT = 'start phases met a limit and did not say when the limit resets';
    const twice = { ready: LIMITED, 'ready/3': {} };

    test('[G15] are tried again after the wait for it, and the cycles begin when they have passed', async () => {
      for (const mode of ['continuous', 'iterations'] as const) {
        const played = await play(withStart({ mode }), { acts: twice });
        expect(played.started).toEqual(['ready', 'ready', 'ready', 'work']);
        expect(rests(played).map(({ cause, forMs, why }) => [cause, forMs, why])).toEqual([
          ['limit', 30_000, SILENT],
          ['limit', MINUTE, SILENT.replace('limit ', 'limit, 2 in a row ')],
        ]);
        expect(ended(played)).toBe('budget 0: cycles >= 1');
        expect(played.progress?.run?.streaks.limited).toBe(0);
      }
    });

    test('end one cycle with 3 at once', async () => {
      const played = await play(withStart({ mode: 'once' }), { acts: twice });
      expect([ended(played), rests(played)]).toEqual(['start-failed 3', []]);
    });

    test('end a run whose time is over while it waits, and one that nobody waits for any longer', async () => {
      const timed = await play(withStart({}, [atLeast('runtime', HOUR)]), { acts: { ready: LIMITED } });
      expect(ended(timed)).toBe(`budget 3: runtime >= ${HOUR}`);
      const hopeless = await play(withStart({ rest: { limited: 0 } }), { acts: { ready: LIMITED } });
      expect(ended(hopeless)).toBe(`gave-up 4: limited ${MOST_LIMITED} times in a row`);
    });

    test('go on waiting in the life after a crash or a stop, and then run again', async () => {
      const stop = [[10_000, { type: 'stop.seen', by: 'file', now: false }]] as const;
      for (const cut of [{ faults: { ...NO_FAULTS, crashOn: 'rest.started' } }, { facts: stop }]) {
        const first = await play(withStart(), { acts: { ready: LIMITED }, ...cut });
        const second = await play(withStart(), { disk: first.disk, run: 'run-2' });
        expect(second.started).toEqual(['ready', 'work']);
        expect(ended(second)).toBe('budget 0: cycles >= 1');
      }
    });
  });

  test('phases at the end run each time the run ends, in folders of their own', async () => {
    const made = plan([phase('check', [gate('work')]), phase('last', [gate('tidy')], { at: 'end' })], {
      loop: LOOP,
      ends: { ...NO_EXIT, budget: [atLeast('cycles', 2)] },
    });
    const stop = (atMs: number) => ({
      facts: [[atMs, { type: 'stop.seen', by: 'file', now: false }]] as const,
    });
    const { disk } = await play(made, stop(MINUTE));
    await play(made, { disk, run: 'run-2', ...stop(MINUTE) });
    const third = await play(made, { disk, run: 'run-3' });
    expect(ended(third)).toBe('budget 0: cycles >= 2');
    const folders = disk.list(made.state.cycles).filter((name) => name.endsWith('-end'));
    expect(new Set(folders).size).toBe(3);
    expect(folders.filter((name) => name.includes('lost'))).toEqual([]);
  });
});
