import { describe, expect, test } from 'vitest';
import type { GateFile } from '../../../src/core/config/config.ts';
import { complaints, gateOf, oneGate, planOf, taskOf } from './planning.ts';

describe('flag > variable > profile > file > default, and the plan says which', () => {
  const config = 'jobs: 3\nprofiles: { p: { jobs: 4 } }\nphases: { a: { gates: { g: { run: "true" } } } }';
  const none = 'phases: { a: { gates: { g: { run: "true" } } } }';
  test.each([
    ['default', none, {}, {}, 8, undefined],
    ['file', config, {}, {}, 3, 'file'],
    ['profile', config, { profile: 'p' }, {}, 4, 'profile'],
    ['variable', config, { profile: 'p' }, { GATE_RUN_JOBS: '5' }, 5, 'variable'],
    ['empty variable', config, { profile: 'p' }, { GATE_RUN_JOBS: '' }, 4, 'profile'],
    ['--set', config, { profile: 'p', set: [['jobs', '6']] as const }, { GATE_RUN_JOBS: '5' }, 6, 'flag'],
    [
      'flag',
      config,
      { profile: 'p', jobs: '7', set: [['jobs', '6']] as const },
      { GATE_RUN_JOBS: '5' },
      7,
      'flag',
    ],
  ])('%s', (_name, text, flags, env, jobs, source) => {
    const plan = planOf(text, { flags, env, cores: 8 });
    expect(plan.jobs).toBe(jobs);
    expect(plan.sources['jobs']).toBe(source);
  });

  test('the profile itself: flag > variable > file', () => {
    const text = `profile: a\nprofiles: { a: {}, b: {}, c: {} }\n${none}`;
    expect(planOf(text).profile).toBe('a');
    expect(planOf(text, { env: { GATE_RUN_PROFILE: 'b' } }).profile).toBe('b');
    expect(planOf(text, { env: { GATE_RUN_PROFILE: 'b' }, flags: { profile: 'c' } }).profile).toBe('c');
  });

  test('vars: --set > GATE_RUN_VAR_ > the variable they name > their default', () => {
    const text = `vars: { max-x: { env: OUTSIDE, default: 1 } }\n${none}`;
    const value = (env: Record<string, string>, set: readonly (readonly [string, string])[] = []) =>
      planOf(text, { env, flags: { set } }).vars['max-x'];
    expect(value({})).toBe('1');
    expect(value({ OUTSIDE: '' })).toBe('1');
    expect(value({ OUTSIDE: '2' })).toBe('2');
    expect(value({ OUTSIDE: '2', GATE_RUN_VAR_MAX_X: '3' })).toBe('3');
    expect(value({ OUTSIDE: '2', GATE_RUN_VAR_MAX_X: '3' }, [['vars.max-x', '4']])).toBe('4');
    expect(planOf(text, { env: { OUTSIDE: '2' } }).sources['vars.max-x']).toBe('variable');
  });

  test('GATE_RUN and, in a run inside another, unknown variables of that kind set nothing', () => {
    const plain = planOf(none);
    expect(planOf(none, { env: { GATE_RUN: 'r1', GATE_RUN_NONSENSE: '1', GATE_JOBS: '9' } })).toEqual(plain);
  });

  test('a variable of that kind that nobody knows is a slip, unless it may be the var of another loop', () => {
    const told = (env: Readonly<Record<string, string>>) =>
      complaints(`vars: { max-x: 1 }\n${oneGate('run: "true"')}`, { env });
    expect(told({ GATE_RUN_JBOS: '1' })).toEqual([
      'GATE_RUN_JBOS: unknown variable — did you mean `GATE_RUN_JOBS`?',
    ]);
    expect(told({ GATE_RUN_VAR_MAXX: '1' })).toEqual([
      'GATE_RUN_VAR_MAXX: unknown variable — did you mean `GATE_RUN_VAR_MAX_X`?',
    ]);
    expect(told({ GATE_RUN_COLOUR: '1' })[0]).toMatch(/^GATE_RUN_COLOUR: unknown variable \(known are GATE/);
    expect(told({ GATE_RUN_VAR_ENDPOINT: '1', GATE_RUN_JBOS: '', GATE_RUNS: '1' })).toEqual([]);
  });
});

describe('what a task inherits', () => {
  const gate: GateFile = {
    about: 'a',
    tool: 'https://example.com',
    run: ['tool'],
    timeout: '1m',
    env: { set: { A: 'gate', B: 'gate' } },
    exits: { broken: 2 },
    samples: [],
  };
  const gates = new Map([['used', { file: 'gates/used.yaml', gate, from: 'loop' as const }]]);
  const layers = {
    gate: ['', '', '{ uses: used }'],
    defaults: ['defaults: { timeout: 2m, env: { set: { A: defaults } } }', '', '{ uses: used }'],
    'defaults of the profile': [
      'defaults: { timeout: 2m }',
      'defaults: { timeout: 3m, env: { set: { A: defaults } } }',
      '{ uses: used }',
    ],
    'the task itself': [
      'defaults: { timeout: 2m }',
      'defaults: { timeout: 3m }',
      '{ uses: used, timeout: 4m, env: { set: { A: task } } }',
    ],
    'a glob of the profile': ['', 'gates: { "t*": { timeout: 5m } }', '{ uses: used, timeout: 4m }'],
    'a later glob': [
      '',
      'gates: { "t*": { timeout: 5m }, "*": { timeout: 6m } }',
      '{ uses: used, timeout: 4m }',
    ],
    'the exact id': [
      '',
      'gates: { test: { timeout: 7m }, "*": { timeout: 6m } }',
      '{ uses: used, timeout: 4m }',
    ],
  };
  test.each(Object.entries(layers).map(([name, texts], at) => ({ name, texts, minutes: at + 1 })))(
    '$name',
    ({ texts: [top = '', profile = '', task = ''], minutes }) => {
      const text = `profile: p\nprofiles: { p: { ${profile} } }\n${top}\nphases: { a: { gates: { test: ${task} } } }`;
      expect(taskOf(planOf(text, { gates }), 'test').timeoutMs).toBe(minutes * 60_000);
    },
  );

  test('maps merge, lists and scalars replace', () => {
    const text = `defaults: { env: { pass: [P, Q], set: { A: x, C: x } } }\n${oneGate('uses: used\nenv: { pass: [R], set: { C: y } }\nexits: { failed: 1 }')}`;
    const task = taskOf(planOf(text, { gates }), 'a');
    expect(task.env).toEqual({ pass: ['R'], set: { A: 'x', B: 'gate', C: 'y' } });
    expect(task.exits).toEqual([
      { codes: [2], means: 'broken' },
      { codes: [1], means: 'failed' },
    ]);
  });

  test('a metric that names a reader takes the place of the whole reader below it, and keeps the rest', () => {
    const metrics = { m: { regex: '(?<value>x)', in: 'stderr', better: 'higher' as const } };
    const used = new Map([['used', { file: 'f', gate: { ...gate, metrics }, from: 'loop' as const }]]);
    const task = gateOf('uses: used\nmetrics: { m: { count: "x" } }', { gates: used });
    expect(task.metrics).toEqual([
      {
        name: 'm',
        source: { reader: 'count', pattern: 'x', in: { stream: 'output' } },
        better: 'higher',
        bounds: undefined,
        unit: undefined,
      },
    ]);
  });

  test('steps inherit from `defaults` what steps can have', () => {
    const text =
      'defaults: { mode: soft, timeout: 1m }\nphases: { a: { steps: { s: { run: "true" } }, gates: { g: { run: "true" } } } }';
    expect(taskOf(planOf(text), 's')).toMatchObject({ mode: 'strict', timeoutMs: 60_000 });
    expect(taskOf(planOf(text), 'g').mode).toBe('soft');
  });

  test('`defaults` do not change the shell of a command in a gate file', () => {
    const piped = new Map([['used', { file: 'f', gate: { ...gate, run: 'a | b' }, from: 'loop' as const }]]);
    const text = `defaults: { shell: bash }\n${oneGate('uses: used')}`;
    expect(taskOf(planOf(text, { gates: piped }), 'a').command).toMatchObject({ shell: 'sh' });
    const bash = new Map([
      ['used', { file: 'f', gate: { ...gate, run: 'a | b', shell: 'bash' as const }, from: 'loop' as const }],
    ]);
    expect(gateOf('uses: used', { gates: bash }).command).toMatchObject({ shell: 'bash' });
    expect(gateOf('uses: used\nshell: sh', { gates: bash }).command).toMatchObject({ shell: 'sh' });
    expect(gateOf('uses: used\nshell: bash', { gates: piped }).command).toMatchObject({ shell: 'bash' });
    expect(taskOf(planOf(`defaults: { shell: bash }\n${oneGate('run: a | b')}`), 'a').command).toMatchObject({
      shell: 'bash',
    });
  });

  test('a gate called `defaults` is a gate like any other', () => {
    const text = 'phases: { a: { gates: { x: { run: "true" }, defaults: { judges: x, run: "true" } } } }';
    expect(complaints(text)).toEqual([expect.stringContaining('gates.defaults.run: a gate that `judges`')]);
    const inherited = 'defaults: { run: "true" }\nphases: { a: { gates: { x: {}, j: { judges: x } } } }';
    expect(taskOf(planOf(inherited), 'j').command).toBeUndefined();
  });

  test('each setting of a task says where it was written', () => {
    const text = `profile: p\nprofiles: { p: { gates: { a: { stall: 1m } } } }\ndefaults: { kill-after: 1s }\n${oneGate('uses: used\ncwd: x')}`;
    const { sources } = planOf(text, { gates, flags: { set: [['gates.a.log-limit', '1m']] } });
    expect(sources).toMatchObject({
      'gates.a.run': 'gate',
      'gates.a.kill-after': 'file',
      'gates.a.cwd': 'file',
      'gates.a.stall': 'profile',
      'gates.a.log-limit': 'flag',
    });
    expect(sources['gates.a.mode']).toBeUndefined();
  });
});

describe('problems point at the place that holds the value', () => {
  const text = `profile: p\nprofiles: { p: { gates: { "*": { timeout: 1x } } } }\n${oneGate('run: "true"\nkill-after: 1y')}`;
  test('in the file, in the profile, in a flag', () => {
    expect(complaints(text, { flags: { set: [['gates.a.stall', 'soon']], jobs: 'many' } })).toEqual([
      expect.stringContaining('--jobs: `many` is no whole number'),
      expect.stringContaining('profiles.p.gates.*.timeout: `1x` is no duration'),
      expect.stringContaining('--set gates.a.stall: `soon` is no duration'),
      expect.stringContaining('phases.check.gates.a.kill-after: `1y` is no duration'),
    ]);
  });

  test('unknown names of profiles, tasks, phases and keys come with the nearest', () => {
    const config = `profile: pp\nprofiles: { push: { gates: { lnit: {}, s: {} } } }\nphases: { a: { steps: { s: { run: "true" } }, gates: { lint: { run: "true" } } } }`;
    expect(complaints(config)).toEqual(['profile: unknown profile `pp`']);
    expect(complaints(config, { flags: { profile: 'psuh' } })).toEqual([
      '--profile: unknown profile `psuh` — did you mean `push`?',
    ]);
    expect(complaints(config, { flags: { profile: 'push' } })).toEqual([
      'profiles.push.gates.lnit: unknown gate `lnit` — did you mean `lint`?',
      'profiles.push.gates.s: `s` is a step (write it under `steps`)',
    ]);
    const set = (key: string) => complaints(config, { flags: { profile: 'push', set: [[key, '1']] } })[0];
    expect(set('gates.lint.timout')).toContain(
      '--set gates.lint.timout: unknown key `timout` — did you mean `timeout`?',
    );
    expect(set('steps.s.mode')).toContain('unknown key `mode`');
    expect(set('gates.lnt.timeout')).toBeDefined();
    expect(set('loop.timout')).toContain('did you mean `loop.timeout`?');
    expect(set('redact')).toContain('unknown key `redact`');
    expect(
      complaints(config, { flags: { profile: 'push', set: [['phases.b.jobs', '1']] } }).join(),
    ).toContain('unknown phase `b`');
  });

  test('a mistake in `defaults` is told once, however many tasks inherit it', () => {
    const config =
      'defaults: { timeout: "{{goal}}m" }\ngoal: x\nphases: { a: { gates: { g: { run: "true" }, h: { run: "true" } } } }';
    expect(complaints(config)).toEqual([expect.stringContaining('defaults.timeout: `xm` is no duration')]);
  });

  test('a key such as __proto__ is a key and nothing more', () => {
    expect(complaints(oneGate('run: "true"'), { flags: { set: [['vars.__proto__', 'x']] } })).toEqual([]);
    expect(complaints(oneGate('run: "true"'), { flags: { set: [['__proto__.x', 'x']] } })).toHaveLength(1);
    expect(complaints(oneGate('run: "true"'), { flags: { profile: 'constructor' } })).toHaveLength(1);
  });
});

test('outside the file a bare number is seconds where a duration is due, and nowhere else', () => {
  const text = `vars: { timeout: x }\n${oneGate('run: "true"')}`;
  const plan = planOf(text, {
    flags: {
      timeout: '300',
      set: [
        ['gates.a.timeout', '20'],
        ['vars.timeout', '5'],
      ],
    },
    env: { GATE_RUN_STOP_WITHIN: '9' },
  });
  expect(plan).toMatchObject({ cycleTimeoutMs: 300_000, stopWithinMs: 9000, vars: { timeout: '5' } });
  expect(taskOf(plan, 'a').timeoutMs).toBe(20_000);
  expect(complaints(oneGate('run: "true"\ntimeout: "20"'))).toEqual([
    expect.stringContaining('`20` is no duration'),
  ]);
});

describe('[A10] counts are digits and nothing else; none of them means "no limit"', () => {
  test.each([
    '0',
    '01',
    '-1',
    '1e3',
    '1.5',
    '',
    ' 4',
    '4 ',
    '0x4',
    '+4',
    '4_0',
    '1001',
    '99999999999999999999',
    'Infinity',
    'never',
    'NaN',
  ])('--jobs %j is a problem', (jobs) => {
    expect(complaints(oneGate('run: "true"'), { flags: { jobs } })).toEqual([
      expect.stringContaining('is no whole number from 1 to 1000'),
    ]);
  });

  test('the same in the file and in a variable', () => {
    for (const jobs of ['0', '-1', '2.5', '"01"']) {
      expect(complaints(`jobs: ${jobs}\n${oneGate('run: "true"')}`)).toHaveLength(1);
    }
    expect(complaints(oneGate('run: "true"'), { env: { GATE_RUN_JOBS: '0' } })[0]).toContain(
      'GATE_RUN_JOBS:',
    );
  });

  test('a limit of zero is a problem; `never` says that there is none', () => {
    for (const key of ['timeout', 'stall']) {
      expect(complaints(oneGate(`run: "true"\n${key}: 0s`))).toEqual([
        expect.stringContaining('a limit of zero'),
      ]);
    }
    expect(gateOf('run: "true"\ntimeout: never\nstall: never')).toMatchObject({
      timeoutMs: 'never',
      stall: { warnMs: 'never', killMs: 'never' },
    });
    expect(complaints(oneGate('run: "true"'), { flags: { timeout: '0' } })).toHaveLength(1);
    expect(complaints(oneGate('run: "true"\nlog-limit: 0'))).toHaveLength(1);
    expect(complaints(oneGate('run: "true"\nkill-after: never'))).toHaveLength(1);
  });
});

test('a phase has no more jobs than the plan', () => {
  const text = 'phases: { a: { jobs: 6, gates: { g: { run: "true" } } } }';
  expect(planOf(text, { flags: { jobs: '4' } }).phases[0]?.jobs).toBe(4);
  expect(planOf(text, { flags: { jobs: '8' } }).phases[0]?.jobs).toBe(6);
});
