import { describe, expect, test } from 'vitest';
import {
  cycleSeed,
  makeOrder,
  missingNames,
  readsCycleFile,
  type OrderFacts,
} from '../../../src/core/plan/order.ts';
import { joinPath } from '../../../src/core/plan/path.ts';
import type { Order } from '../../../src/ports.ts';
import { oneGate, planOf, taskOf } from './planning.ts';

const FACTS: OrderFacts = {
  folder: '/work',
  stateDir: '/work/.gate-run',
  node: '/bin/node',
  bin: '/lib/gate-run.js',
  run: 'r1',
  cycle: 41,
  cycleDir: '/work/.gate-run/cycles/000041',
  startedAt: '2026-11-20T12:00:00.000Z',
  metrics: new Map([
    ['a.edge', 3.5],
    ['a.both', 1],
    ['b.both', 2],
  ]),
  logOf: (task) => (task === 'a' ? '/logs/a.log' : undefined),
};
const TOP = 'goal: win\nprofile: p\nprofiles: { p: {} }\nvars: { max-x: "a b; c" }\n';
const MANY = `${TOP}
phases:
  check:
    gates:
      a: { run: "true", metrics: { edge: { count: x }, both: { count: x } } }
      b: { run: "true", metrics: { both: { count: x, in: stderr } } }
      j: { judges: b, cwd: sub, metrics: { n: { json: n.json, at: /n } } }
      k: { judges: b, metrics: { n: { json: n.json, at: /n } }, labels: { l: { regex: "(?<value>.)", in: "{{cycle.dir}}/l" } } }
`;

function orderOf(keys: string, more: { rung?: number; facts?: Partial<OrderFacts> } = {}): Order {
  const plan = planOf(TOP + oneGate(keys));
  const ref = { task: 'a', attempt: 2, ...(more.rung === undefined ? {} : { rung: more.rung }) };
  return makeOrder({
    plan,
    task: taskOf(plan, 'a'),
    ref,
    judges: [],
    facts: { ...FACTS, metrics: new Map(), ...more.facts },
  });
}

describe('of the champion', () => {
  const text = `objective: { metric: edge }
phases:
  p:
    steps: { s: { run: [x, "{{champion.dir}}", "{{champion.edge}}", "{{champion.cycle}}"] } }
    gates: { g: { run: y, metrics: { edge: { count: x, better: higher } } } }`;
  const plan = planOf(text);
  const order = (champion: OrderFacts['champion']) => {
    const task = taskOf(plan, 's');
    const input = { plan, task, ref: { task: 's', attempt: 1 }, judges: [], facts: { ...FACTS, champion } };
    return { made: makeOrder(input), missing: missingNames(input) };
  };

  test('a task is told its folder and its values, and nothing where there is none', () => {
    const champion = {
      cycle: 7,
      metric: 'edge',
      key: 'g.edge',
      better: 'higher',
      value: 4.5,
      measuredBy: '',
      plan: '',
      metrics: { 'g.edge': 4.5 },
      labels: {},
      at: '',
      files: 0,
      bytes: 0,
      sum: undefined,
    } as const;
    const { made, missing } = order(champion);
    expect(made.command).toEqual({ argv: ['x', '/work/.gate-run/champion/000007', '4.5', '7'] });
    expect(made.env).toMatchObject({
      GATE_CHAMPION_DIR: '/work/.gate-run/champion/000007',
      GATE_CHAMPION_CYCLE: '7',
      GATE_CHAMPION_VALUE: '4.5',
      GATE_CHAMPION_EDGE: '4.5',
    });
    expect(missing).toEqual([]);
    const none = order(undefined);
    expect(none.missing).toEqual(['champion.dir', 'champion.edge', 'champion.cycle']);
    expect(Object.keys(none.made.env).filter((name) => name.startsWith('GATE_CHAMPION'))).toEqual([]);
  });
});

describe('an order', () => {
  test('has every name filled in, word by word', () => {
    const names = [
      'vars.max-x',
      'goal',
      'profile',
      'cycle',
      'cycle.dir',
      'cycle.file',
      'run',
      'phase',
      'task',
      'attempt',
      'seed',
      'count',
      'state.dir',
      'gate-run.node',
      'gate-run.bin',
      'tasks.a.log',
    ];
    const words = names.map((name) => `"{{${name}}}"`).join(', ');
    const order = orderOf(`run: [${words}]\nstages: [{ count: 10 }]`, { rung: 10 });
    expect(order.command).toEqual({
      argv: [
        'a b; c',
        'win',
        'p',
        '41',
        FACTS.cycleDir,
        `${FACTS.cycleDir}/cycle.json`,
        'r1',
        'check',
        'a',
        '2',
        String(cycleSeed({ name: 'sample' }, 41)),
        '10',
        '/work/.gate-run',
        '/bin/node',
        '/lib/gate-run.js',
        '/logs/a.log',
      ],
    });
  });

  test('tells the task the same in its environment', () => {
    const order = orderOf(
      'run: "true"\nenv: { set: { A: "<{{vars.max-x}}>" }, pass: [PATH] }\nstages: [{ count: 10 }]',
      { rung: 10 },
    );
    expect(order.env).toEqual({
      A: '<a b; c>',
      GATE_RUN: 'r1',
      GATE_CYCLE: '41',
      GATE_CYCLE_DIR: FACTS.cycleDir,
      GATE_PHASE: 'check',
      GATE_TASK: 'a',
      GATE_ATTEMPT: '2',
      GATE_SEED: String(cycleSeed({ name: 'sample' }, 41)),
      GATE_COUNT: '10',
      GATE_STATE: '/work/.gate-run',
      GATE_GOAL: 'win',
      GATE_VAR_MAX_X: 'a b; c',
    });
    expect(order.pass).toEqual(['PATH']);
    expect(orderOf('run: "true"').env['GATE_COUNT']).toBeUndefined();
  });

  test('metrics of this cycle go by their own name where it is unique, and by their task', () => {
    const plan = planOf(MANY);
    const order = makeOrder({
      plan,
      task: taskOf(plan, 'b'),
      ref: { task: 'b', attempt: 1 },
      judges: [],
      facts: FACTS,
    });
    const metrics = Object.entries(order.env).filter(([name]) => name.startsWith('GATE_METRIC_'));
    expect(Object.fromEntries(metrics)).toEqual({
      GATE_METRIC_EDGE: '3.5',
      GATE_METRIC_A_EDGE: '3.5',
      GATE_METRIC_A_BOTH: '1',
      GATE_METRIC_B_BOTH: '2',
    });
  });

  test('reads its own evidence and that of the tasks that judge it, each from its own folder', () => {
    const plan = planOf(MANY);
    const judges = [taskOf(plan, 'j'), taskOf(plan, 'k')];
    const order = makeOrder({
      plan,
      task: taskOf(plan, 'b'),
      ref: { task: 'b', attempt: 1 },
      judges,
      facts: FACTS,
    });
    expect(
      order.read.map(({ task, metrics, labels }) => [
        task,
        ...[...metrics, ...labels].map(({ source }) => source.in),
      ]),
    ).toEqual([
      ['b', { stream: 'stderr' }],
      ['j', { file: '/work/sub/n.json' }],
      ['k', { file: 'n.json' }, { file: `${FACTS.cycleDir}/l` }],
    ]);
    expect(order.apart).toBe(true);
  });

  test('has absolute paths: `cwd` from the folder of the config, `stdin` from `cwd`', () => {
    expect(orderOf('run: "true"')).toMatchObject({
      cwd: '/work',
      stdin: undefined,
      log: `${FACTS.cycleDir}/check.a.2.log`,
    });
    expect(orderOf('run: "true"\ncwd: a/../b\nstdin: ./in.txt')).toMatchObject({
      cwd: '/work/b',
      stdin: '/work/b/in.txt',
    });
    expect(orderOf('run: "true"\ncwd: /tmp\nstdin: "{{cycle.dir}}/in"')).toMatchObject({
      cwd: '/tmp',
      stdin: `${FACTS.cycleDir}/in`,
    });
    expect(orderOf('run: "true"\nstages: [{ count: 10 }]', { rung: 10 }).log).toBe(
      `${FACTS.cycleDir}/check.a.10.2.log`,
    );
  });

  test('warns and kills after silence as the plan says', () => {
    expect(orderOf('run: "true"\nstall: { warn: 1s, kill: 3s }').quietAfterMs).toEqual([1000, 3000]);
    expect(orderOf('run: "true"\nstall: never').quietAfterMs).toEqual([]);
  });

  test('opens the log with one line, which shows no var', () => {
    const { header } = orderOf('run: [echo, "{{vars.max-x}}", "{{cycle}}", "a\\nb"]');
    expect(header).toBe(
      `# gate-run 2026-11-20T12:00:00.000Z run r1, cycle 41, check.a, attempt 2: echo {{vars.max-x}} 41 'a b'`,
    );
    expect(orderOf(`run: [echo, "${'x'.repeat(2000)}"]`).header).toHaveLength(501);
    expect(orderOf('run: "a\\n\\tb; c"').header).toContain(': a b; c');
  });

  test('hands a script to the shell as it is written', () => {
    expect(orderOf('run: a | b\nshell: bash').command).toEqual({ shell: 'bash', script: 'a | b' });
  });
});

test('a name without a value now is told, and becomes the empty text', () => {
  const plan = planOf(`${MANY}      z: { run: [echo, "<{{metrics.a.edge}}>", "{{tasks.b.log}}"] }\n`);
  const input = {
    plan,
    task: taskOf(plan, 'z'),
    ref: { task: 'z', attempt: 1 },
    judges: [],
    facts: { ...FACTS, metrics: new Map() },
  };
  expect(missingNames(input)).toEqual(['metrics.a.edge', 'tasks.b.log']);
  expect(makeOrder(input).command).toEqual({ argv: ['echo', '<>', ''] });
});

test('whether a task reads the file of the cycle is told before it starts', () => {
  const reads = (keys: string) => readsCycleFile(taskOf(planOf(oneGate(keys)), 'a'));
  expect(reads('run: [cat, "{{cycle.file}}"]')).toBe(true);
  expect(reads('run: cat\nstdin: "{{ cycle.file }}"')).toBe(true);
  expect(reads('run: [cat, "{{cycle.dir}}"]')).toBe(false);
});

test('the seed is the same in every run of a cycle, and another one in the next', () => {
  expect(cycleSeed({ name: 'a' }, 1)).toBe(cycleSeed({ name: 'a' }, 1));
  expect(cycleSeed({ name: 'a' }, 1)).not.toBe(cycleSeed({ name: 'a' }, 2));
  expect(cycleSeed({ name: 'a' }, 1)).not.toBe(cycleSeed({ name: 'b' }, 1));
});

test.each([
  ['/a', 'b', '/a/b'],
  ['/a', '/b', '/b'],
  ['/a/', './b/', '/a/b'],
  ['/a', '../../../b', '/b'],
  ['/', 'b', '/b'],
  ['/a', '.', '/a'],
  ['/a', '.b/..c', '/a/.b/..c'],
])('%s and %s are %s', (folder, path, joined) => {
  expect(joinPath(folder, path)).toBe(joined);
});
