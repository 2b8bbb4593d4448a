import { describe, expect, test } from 'vitest';
import { complaints, gateOf, oneGate, planOf } from './planning.ts';

const MINUTE = 60_000;

test('the defaults', () => {
  expect(gateOf('run: "true"')).toMatchObject({
    mode: 'strict',
    onBroken: 'broken',
    timeoutMs: 10 * MINUTE,
    stall: { warnMs: 5 * MINUTE, killMs: 15 * MINUTE },
    killAfterMs: 10_000,
    retry: { limit: 0 },
    exits: [],
    logLimitBytes: 1024 ** 3,
    env: { pass: undefined, set: {} },
  });
  expect(planOf(oneGate('run: "true"'), { cores: 3 })).toMatchObject({
    jobs: 3,
    cycleTimeoutMs: 60 * MINUTE,
    stopWithinMs: 5 * MINUTE,
    questions: { file: '.gate-run/questions.md', ask: 'ChatGPT @codex' },
    state: {
      dir: '.gate-run',
      history: '.gate-run/history.jsonl',
      latest: '.gate-run/latest.json',
      cycles: '.gate-run/cycles',
    },
    reporters: [{ name: 'terminal' }, { name: 'github' }],
    redact: [],
    phases: [{ at: 'cycle', always: false, policy: 'finish-running', timeoutMs: 'never', title: 'check' }],
  });
});

describe('stall', () => {
  test.each([
    ['6m', 3 * MINUTE, 6 * MINUTE],
    ['{ kill: 20m }', 5 * MINUTE, 20 * MINUTE],
    ['{ kill: 4m }', 2 * MINUTE, 4 * MINUTE],
    ['{ warn: 1m }', MINUTE, 15 * MINUTE],
    ['{ warn: 20m }', 20 * MINUTE, 40 * MINUTE],
    ['{ warn: never }', 'never', 15 * MINUTE],
    ['{ kill: never }', 5 * MINUTE, 'never'],
    ['{ warn: 90s, kill: 180s }', 90_000, 180_000],
  ])('%s', (written, warnMs, killMs) => {
    expect(gateOf(`run: "true"\nstall: ${written}`).stall).toEqual({ warnMs, killMs });
  });

  test('a warning after the kill is a problem', () => {
    expect(complaints(oneGate('run: "true"\nstall: { warn: 5m, kill: 5m }'))).toEqual([
      expect.stringContaining('stall.warn: the warning would come after the kill'),
    ]);
  });
});

describe('retry', () => {
  test('over causes', () => {
    expect(
      gateOf('run: "true"\nretry: { limit: 2, when: [timeout, exit.75], delay: 2s, factor: 1.5 }').retry,
    ).toEqual({
      limit: 2,
      when: ['timeout', 'exit.75'],
      delayMs: 2000,
      factor: 1.5,
    });
  });

  test.each([
    ['{ limit: 101 }', '`101` is no whole number from 0 to 100'],
    ['{ limit: 1, when: [timout] }', 'unknown cause `timout` — did you mean `timeout`?'],
    ['{ limit: 1, when: [exit.0] }', '`exit.0` is no exit code'],
    ['{ limit: 1, when: [exit.256] }', '`exit.256` is no exit code'],
    ['{ limit: 1, when: [exit.007] }', '`exit.007` is no exit code'],
    ['{ limit: 1, when: [network] }', 'the cause `network` is not built yet'],
    ['{ limit: 1, factor: 0.5 }', '`0.5` is no factor'],
    ['{ limit: 1, delay: never }', '`never` is no pause'],
    ['{ when: [oom] }', 'a retry without `limit`'],
  ])('%s', (written, problem) => {
    expect(complaints(oneGate(`run: "true"\nretry: ${written}`))).toContainEqual(
      expect.stringContaining(problem),
    );
  });
});

describe('exits', () => {
  test('are rules in their order', () => {
    expect(gateOf('run: "true"\nexits: { passed: [0, 7], failed: 1, limited: 75 }').exits).toEqual([
      { codes: [0, 7], means: 'passed' },
      { codes: [1], means: 'failed' },
      { codes: [75], means: 'limited' },
    ]);
  });

  test.each([
    ['{ passed: 0, broken: [0] }', 'exit code 0 is `passed` already'],
    ['{ passd: 0 }', 'unknown verdict `passd`'],
    ['{ passed: 256 }', '`256` is no exit code'],
  ])('%s', (written, problem) => {
    expect(complaints(oneGate(`run: "true"\nexits: ${written}`))).toContainEqual(
      expect.stringContaining(problem),
    );
  });
});

describe('mode', () => {
  test('`on-broken: soft` stands on soft gates only', () => {
    expect(gateOf('run: "true"\nmode: soft\non-broken: soft').onBroken).toBe('soft');
    expect(complaints(oneGate('run: "true"\non-broken: soft'))).toEqual([
      expect.stringContaining('on soft gates only'),
    ]);
  });

  test('a profile may make such a gate strict, and defaults may speak of soft gates', () => {
    const strict = `profile: p\nprofiles: { p: { gates: { a: { mode: strict } } } }\n${oneGate('run: "true"\nmode: soft\non-broken: soft')}`;
    expect(planOf(strict).phases[0]?.tasks[0]).toMatchObject({ mode: 'strict', onBroken: 'broken' });
    expect(complaints(`defaults: { on-broken: soft }\n${oneGate('run: "true"')}`)).toEqual([]);
  });

  test('a word from a flag is checked as one from the file is', () => {
    expect(complaints(oneGate('run: "true"'), { flags: { set: [['gates.a.mode', 'sotf']] } })).toEqual([
      '--set gates.a.mode: unknown mode `sotf` — did you mean `soft`? (write strict or soft)',
    ]);
  });
});

test('env: what gate-run sets itself cannot be set', () => {
  expect(
    complaints(
      oneGate('run: "true"\nenv: { set: { GATE_SEED: 1, GATE_VAR_X: 1, GATE_RUN_JOBS: 1, 1A: 1 } }'),
    ),
  ).toEqual([
    expect.stringContaining('`1A` is no name of a variable'),
    expect.stringContaining('`GATE_SEED` is set by gate-run itself'),
    expect.stringContaining('`GATE_VAR_X` is set by gate-run itself'),
  ]);
});

describe('a strict gate that pipes without bash is warned of', () => {
  test.each([
    ['run: a | b', 1],
    ['run: a | b\nshell: bash', 0],
    ['run: a | b\nmode: soft', 0],
    ['run: a || b', 0],
  ])('%j', (keys, count) => {
    const { warnings } = planOf(oneGate(keys));
    expect(warnings).toHaveLength(count);
    if (count > 0) expect(warnings[0]).toMatchObject({ path: ['phases', 'check', 'gates', 'a', 'run'] });
  });
});

describe('reporters', () => {
  const reporters = (written: string, flags: readonly string[] = []) =>
    planOf(`reporters: ${written}\n${oneGate('run: "true"')}`, { flags: { reporters: flags } }).reporters;

  test('a flag adds one, or stands in for the one of the same name; `plain` and `terminal` are one place', () => {
    expect(reporters('[terminal, { github: auto }, { junit: a.xml }]')).toEqual([
      { name: 'terminal' },
      { name: 'github' },
      { name: 'junit', file: 'a.xml' },
    ]);
    expect(reporters('[terminal, { junit: a.xml }]', ['junit=b=c.xml', 'plain'])).toEqual([
      { name: 'junit', file: 'b=c.xml' },
      { name: 'plain' },
    ]);
  });

  test.each([
    ['[junitt]', [], 'reporters.0: unknown reporter `junitt` — did you mean `junit`?'],
    ['[junit]', [], '`junit` without a file'],
    ['[{ plain: x }]', [], '`plain` writes no file'],
    ['[{ junit: a, plain: b }]', [], 'one reporter is one entry'],
    ['[]', ['plan'], '--reporter: unknown reporter `plan` — did you mean `plain`?'],
    ['[]', ['junit='], '--reporter: `junit` without a file'],
  ])('%s with %j', (written, flags, problem) => {
    const text = `reporters: ${written}\n${oneGate('run: "true"')}`;
    expect(complaints(text, { flags: { reporters: flags } })).toContainEqual(
      expect.stringContaining(problem),
    );
  });
});

test('paths of the state follow its directory, each may be set, slashes at the end go', () => {
  const text = `state: { dir: state/, latest: logs/latest.json }\nquestions: { file: "q-{{vars.n}}.md" }\nvars: { n: 1 }\n${oneGate('run: "true"')}`;
  expect(planOf(text)).toMatchObject({
    state: {
      dir: 'state',
      history: 'state/history.jsonl',
      latest: 'logs/latest.json',
      cycles: 'state/cycles',
    },
    questions: { file: 'q-1.md' },
  });
  expect(complaints(`state: { dir: "{{cycle}}" }\n${oneGate('run: "true"')}`)).toEqual([
    expect.stringContaining('`{{cycle}}` is known only while a cycle runs'),
  ]);
});
