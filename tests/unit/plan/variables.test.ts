import { expect, test } from 'vitest';
import { complaints, oneGate, planOf } from './planning.ts';

const METRIC = '{ regex: "(?<value>1)" }';

test.each([
  ['a-b', 'a_b'],
  ['ab', 'aB'],
])('vars `%s` and `%s` would be one variable, and both are named', (one, other) => {
  const text = `vars: { ${one}: 1, ${other}: 2 }\n${oneGate('run: "true"')}`;
  const [first, second] = [one, other].toSorted();
  expect(complaints(text)).toEqual([
    `vars.${second}: \`vars.${first}\` and \`vars.${second}\` would both be GATE_VAR_${one.toUpperCase().replace('-', '_')} (rename one of them)`,
  ]);
});

test('metrics that would be one variable are named too, of one task or of two', () => {
  expect(complaints(oneGate(`run: "true"\nmetrics: { m-x: ${METRIC}, m_x: ${METRIC} }`))).toEqual([
    'phases.check.gates.a.metrics.m_x: `metrics.m-x` and `metrics.m_x` would both be GATE_METRIC_M_X (rename one of them)',
  ]);
  const two = `phases: { check: { gates: { a: { run: "true", metrics: { b-c: ${METRIC} } }, a-b: { run: "true", metrics: { c: ${METRIC} } } } } }`;
  expect(complaints(two)).toEqual([
    'phases.check.gates.a-b.metrics.c: `metrics.a.b-c` and `metrics.a-b.c` would both be GATE_METRIC_A_B_C (rename one of them)',
  ]);
});

test('metrics of a ladder are named once, not once a rung', () => {
  const gate = oneGate(
    `run: "true {{count}}"\nstages: [{ count: 10 }, { count: 100 }]\nmetrics: { m-x: ${METRIC}, m_x: ${METRIC} }`,
  );
  expect(complaints(gate)).toHaveLength(1);
});

test('a metric that several tasks have is no clash: its short name has no value', () => {
  const gate = `{ run: "true", metrics: { m: ${METRIC} } }`;
  expect(planOf(`phases: { check: { gates: { a: ${gate}, b: ${gate} } } }`).phases).toHaveLength(1);
});
