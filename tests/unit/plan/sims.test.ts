import { describe, expect, test } from 'vitest';
import { describeTask } from '../../../src/core/plan/describe.ts';
import { mayFail } from '../../../src/core/plan/sims-plan.ts';
import { MOST_SIMULATIONS } from '../../../src/core/plan/stage.ts';
import { complaints, gateOf, oneGate, planOf } from './planning.ts';

const LADDER = `run: [sim, --seed, "{{seed}}"]
per: seed
metrics: { edge: { better: higher } }
stages: [{ count: 10 }, { count: 100 }]`;

test('the defaults of a ladder whose simulations gate-run runs', () => {
  expect(gateOf(LADDER)).toMatchObject({
    sims: { per: 'seed', base: 0, batch: 1, timeoutMs: undefined, maxFailed: { count: 0 } },
    metrics: [{ name: 'edge', source: { reader: 'line', field: 'edge', in: { stream: 'output' } } }],
  });
  expect(gateOf(LADDER).sims).not.toHaveProperty('stopEarly');
  expect(gateOf('run: "true"')).not.toHaveProperty('sims');
});

test('every key of it', () => {
  const keys = `${LADDER.replace('per: seed', 'per: batch').replace('"{{seed}}"', '"{{seed}}", "{{count}}"')}
seeds: { base: 7, batch: 25, timeout: 2s }
max-failed: 0.5%
stop-early: { confidence: 0.99 }`;
  expect(gateOf(keys).sims).toEqual({
    per: 'batch',
    base: 7,
    batch: 25,
    timeoutMs: 2000,
    maxFailed: { share: 0.005 },
    stopEarly: { confidence: 0.99 },
  });
  const plan = planOf(oneGate(keys));
  const [phase] = plan.phases;
  const [task] = phase?.tasks ?? [];
  const told = phase && task ? describeTask(plan, { phase, task }, []) : '';
  expect(told).toContain('per: batch');
  expect(told).toContain('seeds: from 7, 25 a process, one within 2s');
  expect(told).toContain('max-failed: 0.5%');
  expect(told).toContain('stop-early: confidence 0.99');
  expect(told).toContain('metrics: edge from the line of each simulation');
});

test.each([
  ['1%', 1000, 10],
  ['1%', 99, 0],
  ['29%', 100, 29],
  ['0.1%', 1000, 1],
  ['100%', 7, 7],
  ['0%', 7, 0],
  ['3', 1000, 3],
  ['3', 2, 2],
  ['0', 9, 0],
])('max-failed %s of %i simulations is %i', (written, count, most) => {
  const { sims } = gateOf(`${LADDER}\nmax-failed: ${written}`);
  expect(sims && mayFail(sims, count)).toBe(most);
});

describe('a problem', () => {
  const A = 'phases.check.gates.a';
  test.each([
    ['max-failed: 1%', '`max-failed` without `per`: in form (a)'],
    ['stop-early: { confidence: 0.99 }', '`stop-early` without `per`: in form (a)'],
    ['seeds: { base: 1 }', '`seeds` without `per`: in form (a)'],
  ])('in form (a): %s', (key, message) => {
    const keys = `run: [sim, "{{count}}"]\nmetrics: { edge: { regex: "(?<value>1)" } }\nstages: [{ count: 1 }]\n${key}`;
    const [first = '', ...others] = complaints(oneGate(keys));
    expect(first).toContain(message);
    expect(first).toContain('add `per: seed`');
    expect(others).toEqual([]);
  });

  test.each([
    ['no rungs', LADDER.replace(/\nstages.*/, ''), [`${A}.per: \`per\` without \`stages\``]],
    [
      'the seed is nowhere in the command',
      LADDER.replace('"{{seed}}"', '"1"'),
      [`${A}.run: the command never says \`{{seed}}\`: every simulation would be the same one`],
    ],
    [
      'the seed is nowhere in the script',
      LADDER.replace(/run: .*/, 'run: "sim | tail"'),
      ['write `"$GATE_SEED"` where'],
    ],
    ['a batch without its size', LADDER.replace('per: seed', 'per: batch'), ['never says `{{count}}`']],
    [
      'a worker with a seed',
      LADDER.replace('per: seed', 'per: worker'),
      ['`{{seed}}` in the command of a worker'],
    ],
    [
      'a batch size beside per: seed',
      `${LADDER}\nseeds: { batch: 3 }`,
      ['`batch` says nothing beside `per: seed`'],
    ],
    [
      'labels',
      `${LADDER}\nlabels: { l: { regex: "(?<value>a)" } }`,
      [`${A}.labels.l: \`l\` would be read of a thousand`],
    ],
    [
      'a limit among the exit codes',
      `${LADDER}\nexits: { limited: 75 }`,
      ['`limited` speaks of a whole gate'],
    ],
    [
      'counts that do not ascend',
      LADDER.replace('count: 100', 'count: 10'),
      ['counts ascend: 10 comes after 10'],
    ],
    [
      'more simulations than are kept',
      LADDER.replace('count: 100', `count: ${MOST_SIMULATIONS + 1}`),
      [`${A}.stages.1.count: 1000001 simulations in a rung: gate-run runs 1000000 at most`],
    ],
    [
      'one file for all',
      LADDER.replace('{ better: higher }', '{ json: out.json, at: /edge }'),
      ['`out.json` is one file for simulations that run side by side'],
    ],
    [
      'a metric called failed',
      LADDER.replace('edge:', 'failed:'),
      ['`failed` counts the simulations that failed'],
    ],
    ['tokens', LADDER.replace('edge:', 'tokens:'), ['`tokens` of many simulations would be their mean']],
  ])('%s', (_, keys, expected) => {
    const found = complaints(oneGate(keys));
    expect(found).toHaveLength(expected.length);
    expected.forEach((message, at) => expect(found[at]).toContain(message));
  });

  test.each(['worker', 'batch'])('a regex beside per: %s', (per) => {
    const run = per === 'batch' ? '[sim, "{{seed}}", "{{count}}"]' : '[sim]';
    const keys = `run: ${run}\nper: ${per}\nmetrics: { edge: { regex: "(?<value>1)" } }\nstages: [{ count: 1 }]`;
    expect(complaints(oneGate(keys))).toEqual([
      expect.stringContaining(`${A}.metrics.edge.regex: \`regex\` beside \`per: ${per}\``),
    ]);
  });

  test('standard input for a worker', () => {
    const keys = 'run: [sim]\nper: worker\nstdin: f\nstages: [{ count: 1 }]';
    expect(complaints(oneGate(keys))).toEqual([
      expect.stringContaining('a worker is asked on its standard input'),
    ]);
  });

  test('a metric without a source in form (a)', () => {
    const keys = 'run: [sim, "{{count}}"]\nmetrics: { edge: { better: higher } }\nstages: [{ count: 1 }]';
    expect(complaints(oneGate(keys))).toEqual([expect.stringContaining('nothing says how it is read')]);
  });

  test('another gate that would judge its output', () => {
    const config = `${oneGate(LADDER)}      b: { judges: a }\n`;
    expect(complaints(config)).toEqual([expect.stringContaining('runs many simulations')]);
  });

  test.each(['1', '0', '0.3', '2', 'n/a', '-1', '1e9'])('a confidence of %s from a flag', (confidence) => {
    const flags = { set: [['gates.a.stop-early.confidence', confidence]] as const };
    const found = complaints(oneGate(`${LADDER}\nstop-early: { confidence: 0.9 }`), { flags });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/confidence/);
  });
});

test('the most simulations of a rung are allowed, and a command that runs its own may run more', () => {
  const most = LADDER.replace('count: 100', `count: ${MOST_SIMULATIONS}`);
  expect(gateOf(most).stages.at(-1)?.count).toBe(MOST_SIMULATIONS);
  const [problem] = complaints(oneGate(LADDER.replace('count: 100', `count: ${MOST_SIMULATIONS + 1}`)));
  expect(problem).toContain('leave `per` out: then the command runs them');
  const own = `run: [sim, "{{count}}"]\nstages: [{ count: ${MOST_SIMULATIONS + 1} }]`;
  expect(gateOf(own).stages).toHaveLength(1);
});

test('the variables of a command count as its words', () => {
  const viaEnv = LADDER.replace(/run: .*/, 'run: [sim]\nenv: { set: { SEED: "{{seed}}" } }');
  expect(gateOf(viaEnv).sims?.per).toBe('seed');
  const viaShell = LADDER.replace(/run: .*/, `run: 'sim --seed "$GATE_SEED" | tail -1'`);
  expect(gateOf(viaShell).sims?.per).toBe('seed');
});

test('`per` in the defaults speaks of ladders alone', () => {
  const config = `defaults: { per: worker, max-failed: 1% }\n${oneGate('run: [sim]')}      l: { run: [sim], stages: [{ count: 3 }] }\n`;
  const [plain, ladder] = planOf(config).phases[0]?.tasks ?? [];
  expect(plain?.sims).toBeUndefined();
  expect(ladder?.sims).toMatchObject({ per: 'worker', maxFailed: { share: 0.01 } });
});

test.each([
  ['thresholds: { edge.min: "> 0" }', true],
  ['thresholds: { edge: ">= best - 1" }', true],
  ['thresholds: { edge.min: { want: "> 0" }, edge: { want: "> 1" } }', true],
  ['thresholds: { edge.min: "> 0", edge: "> 0" }', false],
  ['thresholds: { edge: "> 0" }', false],
  ['', false],
])('`stop-early` that could end no rung is warned of: %s', (asked, isWarned) => {
  const { warnings } = planOf(oneGate(`${LADDER}\nstop-early: { confidence: 0.99 }\n${asked}`));
  const found = warnings.map(({ message }) => message);
  expect(found).toEqual(
    isWarned ? ['`stop-early` ends no rung of this gate: its thresholds are asked of whole rungs alone'] : [],
  );
});
