import { describe, expect, test } from 'vitest';
import { limitsOf } from '../../../src/core/loop/watch.ts';
import type { Schedules } from '../../../src/core/plan/pauses.ts';
import { makePlan } from '../../../src/core/plan/make.ts';
import { NO_FLAGS, type Flags } from '../../../src/core/plan/flags.ts';
import { complaints, configOf, planOf, type Circumstances } from './planning.ts';

const TASKS = 'phases: { p: { gates: { g: { run: "true" } } } }\n';

function loopOf(written: string, at: Circumstances = {}): ReturnType<typeof planOf>['loop'] {
  return planOf(`${TASKS}loop: ${written}\n`, at).loop;
}

function wrong(written: string, flags: Partial<Flags> = {}): readonly string[] {
  return complaints(`${TASKS}loop: ${written}\n`, { flags });
}

describe('the flags alone say whether cycles follow one another', () => {
  test.each<readonly [name: string, flags: Partial<Flags>, mode: string, sleepMs: number]>([
    ['nothing', {}, 'once', 600_000],
    ['--continuous', { continuous: true }, 'continuous', 600_000],
    ['--max-runtime', { maxRuntime: '1h' }, 'continuous', 600_000],
    ['--target', { targets: [['cycles', '3']] }, 'continuous', 600_000],
    ['--iterations', { iterations: '3' }, 'iterations', 0],
    ['--continuous --iterations', { continuous: true, iterations: '3' }, 'iterations', 0],
    ['--sleep alone', { sleep: '0' }, 'once', 0],
  ])('%s', (_, flags, mode, sleepMs) => {
    expect(loopOf('{}', { flags })).toMatchObject({ mode, sleepMs });
  });

  test('a pause that is written holds in every mode', () => {
    expect(loopOf('{ sleep: 1m }', { flags: { iterations: '3' } }).sleepMs).toBe(60_000);
  });
});

test.each<
  readonly [name: string, flags: Partial<Flags>, env: Record<string, string>, ms: number, source: string]
>([
  ['file', {}, {}, 60_000, 'file'],
  ['profile', { profile: 'p' }, {}, 120_000, 'profile'],
  [
    'variable, where a bare number means seconds',
    { profile: 'p' },
    { GATE_RUN_SLEEP: '180' },
    180_000,
    'variable',
  ],
  ['--set', { set: [['loop.sleep', '4m']] }, { GATE_RUN_SLEEP: '180' }, 240_000, 'flag'],
  ['--sleep', { sleep: '300', set: [['loop.sleep', '4m']] }, { GATE_RUN_SLEEP: '180' }, 300_000, 'flag'],
])('flag > variable > profile > file: %s', (_, flags, env, ms, source) => {
  const text = `${TASKS}loop: { sleep: 1m }\nprofiles: { p: { loop: { sleep: 2m } } }\n`;
  const plan = planOf(text, { flags, env });
  expect([plan.loop.sleepMs, plan.sources['loop.sleep']]).toEqual([ms, source]);
});

test('every other variable and flag of the loop has its key', () => {
  const env = {
    GATE_RUN_MAX_BACKOFF: '90',
    GATE_RUN_MAX_FAILURES: '7',
    GATE_RUN_MAX_RUNTIME: '60',
    GATE_RUN_STOP_FILE: 'halt',
    GATE_RUN_OVERLAP: 'queue',
  };
  const { loop, ends } = planOf(TASKS, { env });
  expect(loop).toMatchObject({
    mode: 'once',
    stopFile: 'halt',
    overlap: 'queue',
    backoff: { maxMs: 90_000 },
  });
  expect([...ends.budget, ...ends.giveUp].map(({ name, text }) => `${name} ${text}`)).toEqual([
    'runtime >= 60s',
    'failures-in-a-row >= 7',
  ]);
  const flags = { maxBackoff: '80', stopFile: 'f', overlap: 'skip', maxFailures: '8', maxRuntime: '61' };
  const over = planOf(TASKS, { env, flags });
  expect(over.loop).toMatchObject({ stopFile: 'f', overlap: 'skip', backoff: { maxMs: 80_000 } });
  expect([...over.ends.budget, ...over.ends.giveUp].map(({ value }) => value)).toEqual([61_000, 8]);
});

describe('rest', () => {
  test('what is written stands over the defaults', () => {
    expect(loopOf('{}').rest).toEqual({ passed: 'sleep', oom: 5000, limited: 'reset' });
    expect(loopOf('{ rest: { failed: 2s, oom: backoff, timed-out: 0s } }').rest).toEqual({
      passed: 'sleep',
      oom: 'backoff',
      limited: 'reset',
      failed: 2000,
      'timed-out': 0,
    });
  });

  test('a sleep from nearer to the person goes before the rest after a pass, and `plan` says whose word it is', () => {
    const text = `${TASKS}loop: { sleep: 1m, rest: { passed: 7s } }\nprofiles: { p: { loop: { rest: { passed: 9s } } } }\n`;
    const told = (at: Circumstances) => {
      const plan = planOf(text, at);
      return [plan.loop.rest['passed'], plan.sources['loop.rest.passed']];
    };
    expect(told({})).toEqual([7000, 'file']);
    expect(told({ flags: { sleep: '5' } })).toEqual(['sleep', 'flag']);
    expect(told({ env: { GATE_RUN_SLEEP: '5' } })).toEqual(['sleep', 'variable']);
    expect(told({ flags: { profile: 'p' } })).toEqual([9000, 'profile']);
    expect(told({ flags: { profile: 'p', sleep: '5' } })).toEqual(['sleep', 'flag']);
    const both = { sleep: '5', set: [['loop.rest.passed', '3s']] } as const;
    expect(told({ flags: both })).toEqual(['sleep', 'flag']);
    expect(told({ flags: { set: [['loop.rest.passed', '3s']] } })).toEqual([3000, 'flag']);
    expect(planOf(TASKS, { flags: { sleep: '5' } }).sources['loop.rest.passed']).toBeUndefined();
  });

  test('the limits that people are told name the pause that there will be', () => {
    const flags = { continuous: true };
    const limits = (loop: string, more = {}) =>
      limitsOf(planOf(`${TASKS}loop: ${loop}\n`, { flags: { ...flags, ...more } }))['sleep'];
    expect(limits('{ sleep: 1m, rest: { passed: 7s } }')).toBe('7s');
    expect(limits('{ sleep: 1m, rest: { passed: 7s } }', { sleep: '5' })).toBe('5s');
    expect(limits('{ sleep: 1m }')).toBe('1m');
  });

  test.each(['never', '-5s', '5', '99999d', 'often'])('[A10] %s is no pause', (value) => {
    expect(wrong(`{ rest: { failed: "${value}" } }`)).toHaveLength(1);
  });
});

describe('backoff', () => {
  test('has defaults for each of its parts', () => {
    const usual = { fromMs: 30_000, factor: 2, maxMs: 3_600_000, jitter: true };
    expect(loopOf('{}').backoff).toEqual(usual);
    expect(loopOf('{ backoff: { factor: 1.5, jitter: false } }').backoff).toEqual({
      ...usual,
      factor: 1.5,
      jitter: false,
    });
    expect(loopOf('{}', { flags: { set: [['loop.backoff.jitter', 'false']] } }).backoff.jitter).toBe(false);
  });

  test('a longest pause from nearer to the person shortens the first one too', () => {
    expect(loopOf('{ backoff: { from: 1m } }', { flags: { maxBackoff: '10' } }).backoff).toMatchObject({
      fromMs: 10_000,
      maxMs: 10_000,
    });
    expect(loopOf('{ backoff: { max: 10s } }').backoff).toMatchObject({ fromMs: 10_000, maxMs: 10_000 });
  });

  test.each([
    ['{ from: 2h }', '`from` is longer than `max`'],
    ['{ from: 2m, max: 1m }', '`from` is longer than `max`'],
    ['{ factor: 0.5 }', '`0.5` is no factor'],
    ['{ factor: 101 }', '`101` is no factor'],
    ['{ factor: -2 }', '`-2` is no factor'],
    ['{ factor: 1e9 }', '`1000000000` is no factor'],
    ['{ max: never }', '`never` is no pause'],
  ])('[A10] %s', (written, expected) => {
    expect(wrong(`{ backoff: ${written} }`)).toEqual([expect.stringContaining(expected)]);
  });
});

describe('a calendar', () => {
  const schedules: Schedules = {
    timezone: () => 'Europe/Berlin',
    problem: (expression, timezone) =>
      expression === 'bad' ? { key: 'cron', message: `never in ${timezone}`, mend: 'mend it' } : undefined,
  };
  const planned = (written: string, flags: Partial<Flags> = {}) => {
    const result = made(written, flags);
    if (result.problems) throw new Error('no plan');
    return result.value;
  };
  const made = (written: string, flags: Partial<Flags> = {}) =>
    makePlan({
      config: configOf(`${TASKS}loop: ${written}\n`),
      gates: new Map(),
      flags: { ...NO_FLAGS, ...flags },
      env: {},
      cores: 1,
      schedules,
    });

  test("stands in the place of `sleep`, in the machine's zone unless one is written", () => {
    expect(planned('{ cron: "*/5 * * * *" }').loop.cron).toEqual({
      expression: '*/5 * * * *',
      timezone: 'Europe/Berlin',
    });
    expect(planned('{ cron: "* * * * *", timezone: Asia/Tokyo }').loop.cron?.timezone).toBe('Asia/Tokyo');
  });

  test('what is wrong with it is told at its place', () => {
    expect(made('{ cron: bad }').problems).toEqual([
      { path: ['loop', 'cron'], message: 'never in Europe/Berlin', mend: 'mend it' },
    ]);
    expect(made('{}', { set: [['loop.cron', 'bad']] }).problems?.[0]).toMatchObject({
      file: '--set loop.cron',
    });
  });

  test('[A10] beside `sleep` in one place it is a problem; from nearer to the person either replaces the other', () => {
    expect(wrong('{ sleep: 1m, cron: "* * * * *" }')).toEqual([
      expect.stringContaining('`cron` takes the place of `sleep`'),
    ]);
    expect(planned('{ cron: "* * * * *" }', { sleep: '0' }).loop).toMatchObject({
      cron: undefined,
      sleepMs: 0,
    });
    expect(planned('{ sleep: 1m }', { set: [['loop.cron', '0 * * * *']] }).loop.cron?.expression).toBe(
      '0 * * * *',
    );
  });

  test('a zone without a calendar is warned of', () => {
    expect(planned('{ timezone: UTC }').warnings.map(({ message }) => message)).toEqual([
      '`timezone` means nothing without `cron`',
    ]);
  });
});

describe('[A10] the stop file is nothing that a run makes or stands on', () => {
  test.each([
    ['.gate-run', 'the ledger lies in `.gate-run`'],
    ['.gate-run/lock.db', '`.gate-run/lock.db` is a file of gate-run itself'],
    ['./.gate-run//history.jsonl', 'is the ledger'],
    ['.gate-run/latest.json', 'is the summary for scripts'],
    ['.gate-run/cycles', 'is the folder of the cycles'],
    ['.gate-run/questions.md', 'is the questions file'],
    ['a/../.gate-run/owner.json', 'is a file of gate-run itself'],
    ['.', '`.` is a folder'],
    ['..', '`..` is a folder'],
    ['halt/', '`halt/` is a folder'],
    ['" "', 'an empty path'],
  ])('%s', (path, expected) => {
    expect(wrong(`{ stop-file: ${path} }`)).toEqual([expect.stringContaining(expected)]);
  });

  test('nor the config', () => {
    const input = { config: configOf(`${TASKS}loop: { stop-file: ./loop.config.yaml }\n`), gates: new Map() };
    const made = makePlan({ ...input, flags: NO_FLAGS, env: {}, cores: 1, file: 'loop.config.yaml' });
    expect(made.problems?.[0]?.message).toContain('is the config');
  });

  test('any other path is fine, also where its folder is not there yet', () => {
    expect(loopOf('{}').stopFile).toBe('.gate-run/stop');
    for (const path of ['state/run_cycle.stop', '/var/run/halt', '.gate-run/halt', 'stop'])
      expect(loopOf(`{ stop-file: ${path} }`).stopFile).toBe(path);
  });
});

test('[B5] what a start does beside another run', () => {
  expect(loopOf('{}').overlap).toBe('skip');
  for (const overlap of ['queue', 'replace'] as const)
    expect(loopOf(`{ overlap: ${overlap} }`).overlap).toBe(overlap);
  expect(wrong('{}', { overlap: 'skp' })).toEqual([
    '--overlap: unknown word `skp` — did you mean `skip`? (write `skip`, `queue` or `replace`)',
  ]);
});

describe('what is kept', () => {
  const keep = (written: string) => planOf(`${TASKS}state: { keep: ${written} }\n`).keep;

  test('a thousand cycles, thirty days and two gigabytes, unless something else is written', () => {
    expect(keep('{}')).toEqual({ cycles: 1000, ageMs: 30 * 86_400_000, sizeBytes: 2 * 1024 ** 3 });
    expect(keep('{ cycles: 200, age: 7d, size: 512m }')).toEqual({
      cycles: 200,
      ageMs: 7 * 86_400_000,
      sizeBytes: 512 * 1024 ** 2,
    });
    expect(keep('{ cycles: never, age: never, size: never }')).toEqual({
      cycles: 'never',
      ageMs: 'never',
      sizeBytes: 'never',
    });
  });

  test.each(['{ cycles: 0 }', '{ cycles: -1 }', '{ age: 0s }', '{ size: 0 }', '{ size: 99999999999999t }'])(
    '[A10] %s is no limit',
    (written) => {
      expect(complaints(`${TASKS}state: { keep: ${written} }\n`)).toHaveLength(1);
    },
  );
});

test("a task's grace that is as long as the whole stop is warned of", () => {
  const warnings = (stopWithin: string) =>
    planOf(`${TASKS}loop: { stop-within: ${stopWithin} }\n`).warnings.map(({ message }) => message);
  expect(warnings('10s')).toEqual(['`kill-after` of `g` is not shorter than `loop.stop-within` (10s)']);
  expect(warnings('11s')).toEqual([]);
  expect(warnings('0s')).toEqual([]);
});
