import { describe, expect, test } from 'vitest';
import { complaints, planOf, rules, taskOf } from './planning.ts';

const CONFIG = `
profiles:
  push: { skip: [cover*] }
  quick: { only: [lint, judged] }
phases:
  before: { at: start, gates: { ready: { run: "true" } } }
  shape:
    steps: { s1: { run: "true" }, s2: { run: "true" } }
    gates: { lint: { run: "true" }, types: { run: "true", needs: [s2] } }
  prove:
    steps: { make: { run: "true" } }
    gates:
      tests: { run: "true", needs: [types] }
      coverage: { run: "true" }
      judged: { judges: tests, needs: [lint] }
`;
const ALL = ['ready', 's1', 's2', 'lint', 'types', 'make', 'tests', 'coverage', 'judged'];
const without = (rule: string, ...out: readonly string[]) =>
  Object.fromEntries(ALL.map((id) => [id, out.includes(id) ? rule : 'in']));
const onlyIn = (rule: string, ...kept: readonly string[]) =>
  Object.fromEntries(ALL.map((id) => [id, kept.includes(id) ? 'in' : rule]));

describe('what is left out, and by which rule', () => {
  test.each([
    ['nothing', {}, without('')],
    ['--skip', { skip: ['lint', 't*'] }, without('--skip', 'lint', 'types', 'tests', 'judged')],
    ['--only', { only: ['lint'] }, onlyIn('--only', 'lint')],
    ['--only a judge', { only: ['judged'] }, onlyIn('--only', 'judged', 'tests')],
    ['--phase', { phases: ['shape'] }, onlyIn('--phase', 's1', 's2', 'lint', 'types')],
    // With what they need, and what those need; the step before a step is not among it.
    [
      '--failed',
      { failed: ['coverage', 'judged'] },
      onlyIn('--failed', 'coverage', 'judged', 'tests', 'lint', 'types', 's2'),
    ],
    ['--failed, green needs', { failed: ['types'] }, onlyIn('--failed', 'types', 's2')],
    ['--failed, nothing failed', { failed: [] }, onlyIn('--failed')],
    ['a profile skips', { profile: 'push' }, without('profile push', 'coverage')],
    ['a profile keeps', { profile: 'quick' }, onlyIn('profile quick', 'lint', 'judged', 'tests')],
    ['--only over a profile', { profile: 'push', only: ['coverage'] }, onlyIn('--only', 'coverage')],
    [
      '--skip over --only',
      { skip: ['lint'], only: ['lint', 'types'] },
      { ...onlyIn('--only', 'types'), lint: '--skip' },
    ],
  ])('%s', (_name, flags, expected) => {
    expect(rules(planOf(CONFIG, { flags }))).toEqual(expected);
  });

  test.each([
    [{ skip: ['lnit'] }, '--skip: unknown task `lnit` — did you mean `lint`?'],
    [{ skip: ['x*'] }, '--skip: `x*` matches no task'],
    [{ only: ['shape'] }, '--only: `shape` is a phase, not a task — `--phase shape` means it'],
    [{ phases: ['shpae'] }, '--phase: unknown phase `shpae` — did you mean `shape`?'],
    [{ tasks: ['tpyes'] }, 'command line: unknown task `tpyes` — did you mean `types`?'],
  ])('%j', (flags, problem) => {
    expect(complaints(CONFIG, { flags })).toEqual([problem]);
  });

  test('the skip list of a profile is checked too', () => {
    const text = CONFIG.replace('cover*', 'covrage');
    expect(complaints(text, { flags: { profile: 'push' } })).toEqual([
      'profiles.push.skip.0: unknown task `covrage` — did you mean `coverage`?',
    ]);
  });
});

describe('an ad hoc run', () => {
  const ids = (tasks: readonly string[], more: object = {}) =>
    planOf(CONFIG, { flags: { tasks, ...more } }).phases.flatMap((phase) =>
      phase.tasks.map((task) => task.id),
    );

  test('has the named tasks and what they need, no other step, no earlier phase', () => {
    expect(ids(['lint'])).toEqual(['lint']);
    expect(ids(['types'])).toEqual(['s2', 'types']);
    expect(ids(['judged'])).toEqual(['s2', 'lint', 'types', 'tests', 'judged']);
    expect(ids(['make', 'lint'])).toEqual(['lint', 'make']);
    expect(ids(['s2'])).toEqual(['s2']);
    const plan = planOf(CONFIG, { flags: { tasks: ['types'] } });
    expect(taskOf(plan, 's2').needs).toEqual([]);
    expect(taskOf(plan, 'types')).toMatchObject({ needs: ['s2'], number: '2.4' });
  });

  test('carries out what otherwise runs at the start', () => {
    expect(planOf(CONFIG, { flags: { tasks: ['ready'] } }).phases.map((phase) => phase.at)).toEqual([
      'cycle',
    ]);
  });

  test('names win over a profile, `--skip` wins over names', () => {
    expect(rules(planOf(CONFIG, { flags: { tasks: ['coverage'], profile: 'push' } }))).toEqual({
      coverage: 'in',
    });
    expect(rules(planOf(CONFIG, { flags: { tasks: ['types'], skip: ['s2'] } }))).toEqual({
      s2: '--skip',
      types: 'in',
    });
  });
});

describe('`when`', () => {
  const one = (when: string, phase = '') =>
    `profiles: { p: {}, q: {} }\nphases: { a: { ${phase} gates: { x: { run: "true" }, g: { run: "true", when: ${when} } } } }`;

  test.each([
    ['{ profile: p }', { profile: 'p' }, undefined],
    ['{ profile: [p, q] }', { profile: 'q' }, undefined],
    ['{ profile: p }', { profile: 'q' }, 'when profile'],
    ['{ profile: p }', {}, 'when profile'],
    ['{ env: SET }', {}, undefined],
    ['{ env: [SET, EMPTY] }', {}, 'when env'],
    ['{ env: MISSING }', {}, 'when env'],
  ])('%s under %j: %s', (when, flags, leftOut) => {
    const plan = planOf(one(when), { flags, env: { SET: '1', EMPTY: '' } });
    expect(taskOf(plan, 'g').leftOut).toBe(leftOut);
  });

  test('what the plan cannot decide is left to the cycle and to the world, with the phase joined', () => {
    const text = one(
      '{ every: 3, passed: [x], exists: b, changed: ["c/**"] }',
      'when: { every: 2, command: [a], failed: ["*"] },',
    );
    expect(taskOf(planOf(text, { flags: { since: 'main' } }), 'g').when).toEqual({
      every: 6,
      passed: ['x'],
      failed: ['*'],
      asks: [
        { key: 'command', names: ['a'] },
        { key: 'exists', paths: ['b'] },
        { key: 'changed', globs: ['c/**'], since: 'main' },
      ],
    });
  });

  test('a phase that is left out takes its tasks along', () => {
    const plan = planOf(one('{ exists: a }', 'when: { profile: p },'));
    expect(rules(plan)).toEqual({ x: 'when profile', g: 'when profile' });
  });

  test('unknown profiles and tasks are problems with the nearest', () => {
    expect(complaints(one('{ profile: pp, passed: [xx], failed: [y] }'))).toEqual([
      expect.stringContaining('when.profile: unknown profile `pp`'),
      expect.stringContaining('when.passed.0: unknown task `xx`'),
      expect.stringContaining('when.failed.0: unknown task `y`'),
    ]);
  });
});
