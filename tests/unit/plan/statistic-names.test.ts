import { describe, expect, test } from 'vitest';
import { complaints, gateOf, oneGate, planOf } from './planning.ts';

const LADDER = `run: [sim, --seed, "{{seed}}"]
per: seed
metrics: { edge: { better: higher }, drawdown: {} }
stages: [{ count: 10, promote: { edge.lower: "> 0" } }, { count: 100 }]
`;
const A = 'phases.check.gates.a';

test('thresholds may speak of every statistic, and of how many simulations failed', () => {
  const asked = [
    'edge',
    'edge.mean',
    'edge.sd',
    'edge.se',
    'edge.lower',
    'edge.upper',
    'edge.min',
    'edge.p05',
  ];
  const more = ['edge.p50', 'edge.p95', 'edge.max', 'drawdown.p95', 'sims.failed', 'sims.n'];
  const lines = [...asked, ...more].map((name) => `  ${name}: "> 1"`);
  const { thresholds, stages } = gateOf(`${LADDER}thresholds:\n${lines.join('\n')}`);
  expect(thresholds.map(({ metric }) => metric)).toEqual([...asked, ...more]);
  expect(stages[0]?.promote).toMatchObject([{ metric: 'edge.lower' }]);
});

describe('a threshold on a statistic that does not exist is a problem that says which there are', () => {
  const ALL = 'it has mean, sd, se, lower, upper, min, p05, p50, p95, max';
  test.each([
    [
      'edge.median',
      `${A}.thresholds.edge.median: unknown statistic \`median\` of \`edge\` — did you mean \`edge.p50\`? ${ALL}`,
    ],
    ['edge.p50.sd', `unknown statistic \`p50.sd\` of \`edge\` — it has mean`],
    ['edge.p5', 'unknown statistic `p5` of `edge` — '],
    ['edgy.p05', 'unknown metric `edgy.p05`'],
    ['sims.fails', 'unknown statistic `fails` of `sims` — it has failed, n'],
  ])('%s', (name, message) => {
    const found = complaints(oneGate(`${LADDER}thresholds: { ${name}: "> 1" }`));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });

  test('on a rung, and in promote', () => {
    const found = complaints(oneGate(LADDER.replace('edge.lower', 'edge.low')));
    expect(found).toEqual([expect.stringContaining(`${A}.stages.0.promote.edge.low: unknown statistic`)]);
  });

  test.each(['run: [sim, "{{count}}"]\nstages: [{ count: 10 }]', 'run: sim'])('in form (a): %s', (how) => {
    const keys = `${how}\nmetrics: { edge: { regex: "(?<value>1)" } }\nthresholds: { edge.p05: "> 1" }`;
    const [first = '', ...others] = complaints(oneGate(keys));
    expect(others).toEqual([]);
    expect(first).toContain('`edge` is one number, and has no `p05`');
    expect(first).toContain('`per: seed`');
  });
});

test('a spread has no best, and neither has what has no better way', () => {
  const asks = (name: string) => complaints(oneGate(`${LADDER}thresholds: { ${name}: ">= best - 1" }`));
  expect(asks('edge.lower')).toEqual([]);
  expect(asks('sims.failed')).toEqual([]);
  expect(asks('edge.sd')).toEqual([expect.stringContaining('neither way is better for a spread')]);
  expect(asks('drawdown.p95')).toEqual([expect.stringContaining('say `better: higher`')]);
});

test('what takes two simulations is a problem on a rung of one', () => {
  const one = LADDER.replace('count: 10,', 'count: 1,');
  expect(complaints(oneGate(one))).toEqual([
    expect.stringContaining(`${A}.stages.0.promote.edge.lower: \`edge.lower\` takes two simulations`),
  ]);
  const every = `${one.replace('edge.lower', 'edge.p05')}thresholds: { edge.sd: "< 1" }`;
  expect(complaints(oneGate(every))).toEqual([expect.stringContaining('the smallest rung has one')]);
});

test.each(['1.0', '1', '0.4', '0'])('a confidence of %s is a problem', (confidence) => {
  const found = complaints(oneGate(`${LADDER}stop-early: { confidence: ${confidence} }`));
  expect(found.join('\n')).toContain('0.5 to 0.999999');
});

describe('conditions', () => {
  const LOOP = `phases:
  prove:
    gates:
      ladder: { run: [sim, "{{seed}}"], per: seed, metrics: { edge: { better: higher } }, stages: [{ count: 10 }, { count: 100 }] }
      plain: { run: [plain, "{{metrics.edge.p05}}", "{{metrics.ladder.10.sims.failed}}"], metrics: { size: { count: x } } }
`;
  const target = (name: string) =>
    planOf(`${LOOP}exit: { target: { ${name}: "> 1" } }\n`).ends.target[0]?.measure;

  test.each([
    ['edge.lower', 'ladder.edge.lower', 'value', 'higher'],
    ['ladder.edge.p05', 'ladder.edge.p05', 'value', 'higher'],
    ['ladder.10.edge.max', 'ladder.10.edge.max', 'value', 'higher'],
    ['sims.failed', 'ladder.sims.failed', 'value', 'lower'],
    ['edge.lower.best', 'ladder.edge.lower', 'best', 'higher'],
    // These look back over cycles, as with any metric.
    ['edge.sd', 'ladder.edge', 'sd', 'higher'],
    ['edge.mean', 'ladder.edge', 'mean', 'higher'],
  ])('may look at %s', (name, key, statistic, better) => {
    expect(target(name)).toEqual({ kind: 'metric', key, statistic, better });
  });

  test('know no statistic of a metric that is one number', () => {
    expect(complaints(`${LOOP}exit: { target: { size.p05: "> 1" } }\n`)).toEqual([
      expect.stringContaining('unknown measure `size.p05`'),
    ]);
    expect(complaints(LOOP.replace('edge.p05', 'edge.p5'))).toEqual([
      expect.stringContaining('unknown metric `edge.p5`'),
    ]);
  });

  test('of two ladders ask which one is meant', () => {
    const two = LOOP.replace(
      '      plain:',
      `${LOOP.split('\n')[3]?.replace('ladder', 'second')}\n      plain:`,
    );
    const found = complaints(`${two}exit: { target: { sims.failed: "< 1" } }\n`);
    expect(found.at(-1)).toContain('write `ladder.sims.failed` or `second.sims.failed`');
  });

  test('in expressions write them with an underscore', () => {
    const { ends } = planOf(`${LOOP}exit: { when: "edge_lower > 3.0 && sims_failed < 1.0" }\n`);
    expect(ends.when?.reads.map(({ of }) => of)).toEqual(['edge.lower', 'sims.failed']);
  });
});
