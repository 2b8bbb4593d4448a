// Rehearsed nights: every setting that shapes a night is seen to, the same seed prints the same, and nights that go wrong end.

import { describe, expect, test } from 'vitest';
import { rehearsed, type RehearsalWish } from '../../src/cli/rehearse.ts';
import { MOST_CYCLES, NIGHT_MS, playNight } from '../../src/cli/rehearsed-night.ts';
import type { Recorded } from '../../src/core/loop/event.ts';
import { nearness } from '../../src/core/summary/rehearsal.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { Condition } from '../../src/core/plan/ends-plan.ts';
import type { Order } from '../../src/ports.ts';
import { Dice } from '../../src/simulation/random.ts';
import { DrawnOutcomes } from '../../src/simulation/rehearsal-outcomes.ts';
import { readScript, ScriptedOutcomes, type Script } from '../../src/simulation/rehearsal-script.ts';
import { FAULTS } from '../../src/simulation/rehearsal-trouble.ts';
import { rehearsalText } from '../../src/views/rehearsal.ts';
import { planOf } from '../unit/plan/planning.ts';

const HOUR = 3_600_000;
const ALL = new Set(FAULTS);
const BASE = `
jobs: 2
loop: { sleep: 10m, backoff: { from: 30s, factor: 2, max: 1h } }
exit: { target: { score: ">= 1000000" }, budget: { cycles: 5000 }, give-up: { failures-in-a-row: 6 } }
phases:
  check:
    policy: keep-going
    gates:
      quota: { run: quota, timeout: 2m, exits: { limited: 75 } }
      tests: { run: tests, retry: { limit: 1 }, timeout: 20m }
      train:
        run: train
        metrics:
          score: { regex: 'score (?<value>\\d+)', better: higher, bounds: [0, 100] }
          tokens: { regex: 'tokens (?<value>\\d+)' }
          cost: { regex: 'cost (?<value>\\d+)' }
        labels: { idea: { regex: 'idea (?<value>\\w+)' } }
        thresholds: { score: ">= 50" }
`;

type Overlay = Readonly<Record<string, string>>;

function nightly(overlay: Overlay = {}, text: string = BASE): Plan {
  return planOf(text, { flags: { continuous: true, set: Object.entries(overlay) } });
}

async function nightsOf(plan: Plan, wish: Partial<RehearsalWish> = {}): Promise<string> {
  const rehearsal = await rehearsed(plan, { nights: 4, seed: 1, faults: ALL, script: undefined, ...wish });
  return rehearsalText(rehearsal, false);
}

/** What was printed of the nights themselves: neither the limits above them nor the sum below. */
function nightsIn(text: string): string {
  return text.slice(text.indexOf('\n\nnight 1'), text.indexOf('\n\nall nights'));
}

const CHANGES: readonly (readonly [what: string, overlay: Overlay, shown: string])[] = [
  ['sleep', { 'loop.sleep': '20m' }, 'sleep ('],
  ['cron in the place of sleep', { 'loop.cron': '*/30 * * * *', 'loop.timezone': 'UTC' }, 'schedule ('],
  ['backoff.from', { 'loop.backoff.from': '2m' }, 'backoff ('],
  ['backoff.factor', { 'loop.backoff.factor': '3' }, 'backoff ('],
  ['backoff.max', { 'loop.backoff.max': '40s' }, 'backoff ('],
  ['backoff.jitter', { 'loop.backoff.jitter': 'false' }, 'backoff ('],
  ['rest after a failed cycle', { 'loop.rest.failed': '3m' }, 'rule ('],
  ['rest after a broken cycle', { 'loop.rest.broken': '3m' }, 'rule ('],
  ['rest after a cycle out of memory', { 'loop.rest.oom': '3m' }, 'rule ('],
  ['rest after a timeout', { 'loop.rest.timed-out': '3m' }, 'rule ('],
  ['rest after a limit', { 'loop.rest.limited': '3m' }, 'rule ('],
  ['time limit of a cycle', { 'loop.timeout': '5m' }, 'broken'],
  ['target', { 'exit.target.score': '>= 70' }, 'target: score >= 70'],
  ['budget of cycles', { 'exit.budget.cycles': '12' }, 'budget: cycles >= 12'],
  ['budget of run time', { 'exit.budget.runtime': '3h' }, 'budget: runtime >= 3h'],
  ['budget of tokens', { 'exit.budget.tokens': '200k' }, 'budget: tokens >= 200k'],
  ['budget of money', { 'exit.budget.cost': '3usd' }, 'budget: cost >= 3usd'],
  ['budget on a metric', { 'exit.budget.score': '> 60' }, 'budget: score > 60'],
  ['budget on the best of a metric', { 'exit.budget.score.best': '> 60' }, 'budget: score.best > 60'],
  [
    'budget on the spread of a metric',
    { 'exit.budget.score.sd': '< 30 over 4' },
    'budget: score.sd < 30 over 4',
  ],
  ['budget on different labels', { 'exit.budget.idea.distinct': '3' }, 'budget: idea.distinct >= 3'],
  [
    'budget on the rate of cycles',
    { 'exit.budget.cycles-per-hour': '< 60 over 3' },
    'budget: cycles-per-hour < 60 over 3',
  ],
  [
    'budget on the rate of failures',
    { 'exit.budget.failure-rate': '> 20% over 5' },
    'budget: failure-rate > 20% over 5',
  ],
  ['giving up after failures', { 'exit.give-up.failures-in-a-row': '2' }, 'gave-up: failures-in-a-row >= 2'],
  ['giving up after broken cycles', { 'exit.give-up.broken-in-a-row': '1' }, 'gave-up: broken-in-a-row >= 1'],
  [
    'giving up after cycles out of memory',
    { 'exit.give-up.oom-in-a-row': '1' },
    'gave-up: oom-in-a-row >= 1',
  ],
  ['giving up after the same error', { 'exit.give-up.same-error': '1' }, 'gave-up: same-error >= 1'],
  [
    'giving up by the rate of failures',
    { 'exit.give-up.failure-rate': '> 20% over 5' },
    'gave-up: failure-rate > 20% over 5',
  ],
  [
    'giving up by the rate of cycles',
    { 'exit.give-up.cycles-per-hour': '< 60 over 3' },
    'gave-up: cycles-per-hour < 60 over 3',
  ],
  [
    'a breaker that is tried again',
    { 'exit.give-up.failures-in-a-row': '2', 'exit.give-up.half-open.after': '50m' },
    'half-open (',
  ],
  ['a mark', { 'marks.rising.any.score': '> 55' }, 'rising ('],
];

describe('a setting that is changed alone changes the night', () => {
  const base = nightsOf(nightly());

  test.each(CHANGES)('%s', async (_, overlay, shown) => {
    const changed = nightsIn(await nightsOf(nightly(overlay)));
    expect(changed).not.toBe(nightsIn(await base));
    expect(changed).toContain(shown);
  });

  test('half-open is seen apart from the breaker that it is of', async () => {
    const breaker = { 'exit.give-up.failures-in-a-row': '2' };
    const [shut, open] = await Promise.all([
      nightsOf(nightly(breaker)),
      nightsOf(nightly({ ...breaker, 'exit.give-up.half-open.after': '50m' })),
    ]);
    expect(nightsIn(open)).toContain('half-open');
    expect(nightsIn(open)).not.toBe(nightsIn(shut));
  });

  test('nothing else than what was changed: the same plan prints the same nights', async () => {
    expect(nightsIn(await nightsOf(nightly()))).toBe(nightsIn(await base));
    expect(nightsIn(await nightsOf(nightly(), { seed: 2 }))).not.toBe(nightsIn(await base));
  });

  test.each(FAULTS)('%s can be had alone, and left out', async (fault) => {
    const calm = nightsIn(await nightsOf(nightly(), { faults: new Set(), nights: 6 }));
    expect(nightsIn(await nightsOf(nightly(), { faults: new Set([fault]), nights: 6 }))).not.toBe(calm);
  });
});

async function scripted(plan: Plan, script: Script): ReturnType<typeof playNight> {
  const outcomes = new ScriptedOutcomes(script);
  return playNight({ plan, night: 1, seed: 1, faults: new Set(), outcomes });
}

function starts(events: readonly Recorded[], task: string): readonly number[] {
  return events.flatMap((event) =>
    event.type === 'attempt.started' && event.task === task ? [event.mono] : [],
  );
}

/** The most of them that fall into any hour. */
function mostInAnHour(at: readonly number[]): number {
  return Math.max(0, ...at.map((from) => at.filter((one) => one >= from && one < from + HOUR).length));
}

describe('nights that go wrong', () => {
  const endless = { 'exit.give-up.failures-in-a-row': 'never' };
  const resets = nightly(
    endless,
    BASE.replace('limited: 75 }', `limited: 75 }, metrics: { retry-at: { regex: 'retry (?<value>\\d+)' } }`),
  );
  const limited = (output: string): Script => ({
    '*': { quota: { exit: 75, output }, train: { metrics: { score: 60, tokens: 1, cost: 1 } } },
  });

  test('[A4] a night in which everything hangs ends by giving up, each attempt by its own time limit', async () => {
    const { facts, events } = await scripted(nightly(), { '*': { '*': { hang: true } } });
    expect(facts).toMatchObject({
      end: { how: 'ended', reason: 'gave-up', rule: 'failures-in-a-row >= 6', exit: 4 },
      cycles: { broken: 6 },
      hurt: [],
    });
    const outcomes = events.flatMap((event) => (event.type === 'task.judged' ? [event.outcome] : []));
    expect(new Set(outcomes)).toEqual(new Set(['timed-out', 'stalled']));
    expect(facts.atMs).toBeLessThan(6 * HOUR);
  });

  test('[A1] [A3] a limit that does not say when it resets is waited for longer and longer, and never hammered', async () => {
    const { facts, events } = await scripted(nightly(endless), limited(''));
    expect(facts.end).toEqual({ how: 'lasted' });
    expect(facts.cycles).toEqual({ limited: facts.cycles.limited });
    const asked = starts(events, 'quota');
    expect(mostInAnHour(asked)).toBeLessThanOrEqual(8);
    expect(mostInAnHour(asked.filter((at) => at > 2 * HOUR))).toBeLessThanOrEqual(2);
  });

  test('[A1] a limit that says so is asked again after its reset, once', async () => {
    const { events } = await scripted(resets, limited('retry 3000\n'));
    const asked = starts(events, 'quota');
    expect(asked.length).toBeGreaterThan(8);
    expect(mostInAnHour(asked)).toBeLessThanOrEqual(2);
  });

  test('[A1] limits that never end are given up, however often the process is started again', async () => {
    const outcomes = new ScriptedOutcomes(limited('retry 500\n'));
    const { facts } = await playNight({
      plan: resets,
      night: 1,
      seed: 6,
      faults: new Set(['crash']),
      outcomes,
    });
    expect(facts.starts.length).toBeGreaterThan(0);
    expect(facts.end).toMatchObject({ reason: 'gave-up', rule: 'limited 50 times in a row', exit: 4 });
  });

  test('a night that does more than a rehearsal holds is cut short, aloud, and is no sound one', async () => {
    const plan = planOf(
      'loop: { sleep: 0s }\nphases: { check: { gates: { quick: { run: quick, timeout: 4ms } } } }',
      {
        flags: { continuous: true },
      },
    );
    const rehearsal = await rehearsed(plan, { nights: 1, seed: 1, faults: new Set(), script: undefined });
    expect(rehearsal.nights[0]).toMatchObject({ end: { how: 'cut' }, cycles: { passed: MOST_CYCLES } });
    expect(rehearsal.summary.isSound).toBe(false);
    expect(rehearsalText(rehearsal, false)).toContain(
      'cut short after 2000 cycles, the most that a rehearsed night holds,',
    );
  });

  test('a hang that nothing ends lasts until the morning, and the sum says so', async () => {
    const unlimited = BASE.replaceAll(/timeout: \d+m/g, 'timeout: never');
    const plan = nightly({ 'loop.timeout': 'never', 'defaults.stall': 'never' }, unlimited);
    const rehearsal = await rehearsed(plan, {
      nights: 1,
      seed: 1,
      faults: new Set(),
      script: { '*': { tests: { hang: true } } },
    });
    expect(rehearsal.nights[0]).toMatchObject({ end: { how: 'lasted' }, atMs: NIGHT_MS, cycles: {} });
    expect(rehearsal.summary.warnings.join('\n')).toContain('in no night a cycle came to its end');
  });

  test('a crash, a full disk and a torn line are told with what the next start found', async () => {
    const text = await nightsOf(nightly(), { nights: 12, faults: new Set(['crash', 'full-disk']) });
    expect(text).toMatch(/restart {4}crash at \S+, back after \S+: carried the run on\n/);
    expect(text).toMatch(/restart {4}full disk at \S+, back after \S+: carried the run on/);
    expect(text).toMatch(/carried the run on.*, a torn line set aside/);
    expect(text).toContain('no promise was broken');
  });
});

test('a hundred nights break no promise and need no more than a tenth of a second of work each', async () => {
  const plan = nightly({ 'exit.give-up.failures-in-a-row': '10' });
  const tasks = Array.from({ length: 10 }, (_, at) => `g${at}: { run: g${at} }`).join(', ');
  const ten = planOf(`loop: { sleep: 10m }\nphases: { check: { gates: { ${tasks} } } }`, {
    flags: { continuous: true },
  });
  const wish = { seed: 11, faults: ALL, script: undefined };
  const { nights } = await rehearsed(plan, { ...wish, nights: 100 });
  expect(nights.flatMap(({ hurt }) => hurt)).toEqual([]);
  const from = process.cpuUsage();
  await rehearsed(ten, { ...wish, faults: new Set(), nights: 10 });
  const { user, system } = process.cpuUsage(from);
  expect((user + system) / 1000).toBeLessThan(1000);
});

function order(task: string): Order {
  return {
    ref: { task, attempt: 1 },
    command: { argv: [task] },
    cwd: '/',
    stdin: undefined,
    env: {},
    pass: undefined,
    log: '/log',
    shown: task,
    header: '',
    logLimitBytes: 1,
    quietAfterMs: [],
    killAfterMs: 1,
    read: [],
    apart: false,
  };
}

describe('what is drawn', () => {
  test.each(['> last', '>= best', '>= best + 2', '< last', '<= best - 1'])(
    'a metric that is held to `%s` is so in every cycle without trouble',
    async (threshold) => {
      const better = threshold.startsWith('>') ? 'higher' : 'lower';
      const metric = `{ score: { regex: '(?<value>\\d+)', better: ${better} } }`;
      const keys = `run: a, metrics: ${metric}, thresholds: { score: "${threshold}" }`;
      const plan = planOf(`phases: { check: { gates: { a: { ${keys} } } } }`, {
        flags: { continuous: true },
      });
      const calm = { nights: 2, seed: 1, faults: new Set<never>(), script: undefined };
      for (const { cycles } of (await rehearsed(plan, calm)).nights)
        expect(Object.keys(cycles)).toEqual(['passed']);
      const [night] = (await rehearsed(plan, { ...calm, faults: new Set(['failures']) })).nights;
      expect(night?.cycles.failed).toBeGreaterThan(0);
    },
  );

  test('an outcome does not depend on what was asked before it', () => {
    const plan = nightly();
    const outcomes = () => new DrawnOutcomes({ plan, seed: 3, faults: ALL });
    const [forward, alone] = [outcomes(), outcomes()];
    for (const task of ['quota', 'tests', 'train']) forward.actOf(order(task), 1);
    expect(forward.actOf(order('tests'), 1)).toEqual(alone.actOf(order('tests'), 1));
  });

  test('limits are met only by tasks that have a code for them', async () => {
    const plan = nightly();
    const outcomes = new DrawnOutcomes({ plan, seed: 5, faults: new Set(['limits']) });
    const { events } = await playNight({ plan, night: 1, seed: 5, faults: new Set(['limits']), outcomes });
    const limited = events.flatMap((event) =>
      event.type === 'task.judged' && event.outcome === 'limited' ? [event.task] : [],
    );
    expect(new Set(limited)).toEqual(new Set(['quota']));
  });

  test('dice of different purposes are different', () => {
    expect(new Dice(1, 'crash').next()).not.toBe(new Dice(1, 'clock').next());
  });
});

test('nearness is one where a condition holds and falls with the distance', () => {
  const near = (operator: Condition['operator'], limit: number, value: number) =>
    nearness(value, {
      name: 'x',
      measure: { kind: 'cycles' },
      operator,
      value: limit,
      over: undefined,
      text: '',
    });
  expect([near('>=', 10, 10), near('>=', 10, 5), near('<', 2, 8), near('==', 3, 3)]).toEqual([
    1, 0.5, 0.25, 1,
  ]);
});

test('every mistake of a script is named at once', () => {
  const read = readScript(
    '{ "0": {}, "1": { "a": { "exit": 256, "hnag": true, "metrics": { "x": "1" } } }, "2": 3 }',
  );
  expect(read).toEqual({
    mistakes: [
      '`0` is no cycle: write a number from 1, or `*` for all of them',
      'a in cycle 1: `exit` takes a code from 0 to 255',
      'a in cycle 1: unknown key `hnag` — did you mean `hang`?',
      'a in cycle 1: `metrics` takes numbers by their metric',
      'cycle 2 takes an object',
    ],
  });
  expect(readScript('{')).toEqual({ mistakes: [expect.stringContaining('no JSON')] });
});
