import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fill, namesIn, variableName } from '../../../src/core/plan/fill.ts';
import { complaints, gateOf, oneGate, planOf, taskOf } from './planning.ts';

describe('filling in', () => {
  test('a value is put in as it is and never looked at again', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('{{b}}', '{{', '}}', '$&', '$1')), { maxLength: 5 }),
        (values) => {
          const template = `<${values.map((_, at) => `{{v${at}}}`).join('{')}>`;
          const filled = fill(template, (name) => values[Number(name.slice(1))]);
          expect(filled).toBe(`<${values.join('{')}>`);
        },
      ),
    );
  });

  test('names stand in double braces, with or without blanks', () => {
    expect(namesIn('a{{b}}{{ c.d }}{e}{{f')).toEqual(['b', 'c.d']);
    expect(fill('{{ a }}-{{a}}', () => 'x')).toBe('x-x');
  });

  test('names become names of variables', () => {
    expect(variableName('GATE_VAR_', 'max-draw.down')).toBe('GATE_VAR_MAX_DRAW_DOWN');
  });
});

describe('what is known now is filled in before it is checked', () => {
  const top = 'goal: win {{vars.n}}\nvars: { n: 3, of: "{{profile}}" }\nprofile: p\nprofiles: { p: {} }\n';

  test('durations, sizes, counts, thresholds, patterns, paths', () => {
    const text = `${top}jobs: "{{vars.n}}"\nstate: { dir: "s-{{profile}}" }\n${oneGate('run: "true"\ntimeout: "{{vars.n}}m"\nlog-limit: "{{vars.n}}k"\nmetrics: { m: { regex: "(?<value>{{vars.n}})" } }\nthresholds: { m: ">= {{vars.n}}" }')}`;
    const plan = planOf(text);
    expect(plan).toMatchObject({
      jobs: 3,
      goal: 'win 3',
      vars: { n: '3', of: 'p' },
      state: { dir: 's-p', history: 's-p/history.jsonl' },
    });
    expect(taskOf(plan, 'a')).toMatchObject({
      timeoutMs: 180_000,
      logLimitBytes: 3072,
      metrics: [{ source: { pattern: '(?<value>3)' } }],
      thresholds: [{ require: { text: '>= 3', offset: 3 } }],
    });
  });

  test('a value that makes no sense there is a problem at the place', () => {
    expect(complaints(`${top}${oneGate('run: "true"\ntimeout: "{{goal}}"')}`)).toEqual([
      'phases.check.gates.a.timeout: `win 3` is no duration (write a number with its unit: 250ms, 90s, 5m, 1h30m, 2d)',
    ]);
  });

  test('what comes from the environment is no template', () => {
    const text = `vars: { x: { env: X } }\n${oneGate('run: [echo, "{{vars.x}}"]')}`;
    expect(planOf(text, { env: { X: '{{nonsense}}' } }).vars).toEqual({ x: '{{nonsense}}' });
  });
});

describe('what is known later stays in commands, env, folders and files', () => {
  test('and is checked', () => {
    const task = gateOf(
      'run: [echo, "{{seed}}", "{{cycle.dir}}/x", "{{gate-run.node}}"]\ncwd: "{{state.dir}}"\nstdin: "{{tasks.a.log}}"\nenv: { set: { A: "{{cycle}}" } }\nmetrics: { m: { json: "{{cycle.dir}}/m.json", at: /a } }',
    );
    expect(task).toMatchObject({
      command: { argv: ['echo', '{{seed}}', '{{cycle.dir}}/x', '{{gate-run.node}}'] },
      cwd: '{{state.dir}}',
      stdin: '{{tasks.a.log}}',
      env: { set: { A: '{{cycle}}' } },
      metrics: [{ source: { in: { file: '{{cycle.dir}}/m.json' } } }],
    });
  });

  test.each([
    [
      'run: [echo, "{{sed}}"]',
      'phases.check.gates.a.run.1: unknown name `{{sed}}` — did you mean `{{seed}}`?',
    ],
    ['run: "echo {{vars.modl}}"', 'run: unknown name `{{vars.modl}}` — did you mean `{{vars.model}}`?'],
    ['run: [echo, "{{count}}"]', '`{{count}}` is known only in a gate with `stages`'],
    ['run: [echo, "{{}}"]', '`{{}}` names nothing'],
    ['run: [echo, "{{a"]', '`{{` that is never closed'],
    ['run: [echo, "{{tasks.b.log}}"]', 'unknown name `{{tasks.b.log}}`'],
    ['run: [echo, "{{tasks.a.message}}"]', '`{{tasks.a.message}}` is not built yet'],
    ['run: [echo, "{{champion.dir}}"]', '`{{champion.dir}}`: nothing is crowned'],
    ['run: [echo, "{{metrics.edge}}"]', 'unknown metric `edge`'],
    ['run: "true"\ntimeout: "{{cycle}}m"', '`{{cycle}}` is known only while a cycle runs'],
    ['run: "true"\nenv: { set: { A: "{{x.y.z}}" } }', 'env.set.A: unknown name'],
    ['run: [echo, "{{vars.none}}"]', '`{{vars.none}}` has no value'],
  ])('%j', (keys, problem) => {
    const text = `vars: { model: m, none: { env: NONE } }\n${oneGate(keys)}`;
    expect(complaints(text)).toContainEqual(expect.stringContaining(problem));
  });

  test('a var without a value troubles nobody who does not run', () => {
    const text = `vars: { none: { env: NONE } }\nprofiles: { p: {} }\n${oneGate('run: [echo, "{{vars.none}}"]\ntimeout: "{{vars.none}}m"\nwhen: { profile: p }')}`;
    expect(taskOf(planOf(text), 'a').leftOut).toBe('when profile');
    expect(complaints(text, { flags: { profile: 'p' } })).toHaveLength(2);
  });

  test('a metric is named bare where it is unique, by its task where it is not, by its rung on a ladder', () => {
    const text = (name: string) => `
phases:
  one:
    gates:
      a: { run: "true", metrics: { m: { count: x }, n: { count: x } } }
      b: { run: "true", metrics: { m: { count: x } }, stages: [{ count: 10 }, { count: 100 }] }
  two: { gates: { c: { run: [echo, "{{metrics.${name}}}"] } } }`;
    for (const name of ['n', 'a.m', 'b.m', 'b.10.m']) expect(complaints(text(name))).toEqual([]);
    expect(complaints(text('m'))).toEqual([
      'phases.two.gates.c.run.1: several tasks have a metric `m` (write `task.m`)',
    ]);
    expect(complaints(text('b.20.m'))).toHaveLength(1);
  });
});

test('`{{` in a shell command is a problem at the command', () => {
  expect(complaints(oneGate('run: echo {{seed}} | wc'))).toEqual([
    'phases.check.gates.a.run: `{{` in a command that a shell runs (write `"$GATE_SEED"`, or make `run` a list of words)',
  ]);
});
