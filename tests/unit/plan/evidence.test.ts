import { describe, expect, test } from 'vitest';
import { parseComparison } from '../../../src/core/plan/threshold.ts';
import { complaints, gateOf, oneGate } from './planning.ts';

describe('comparisons', () => {
  test.each([
    ['>= 80', '>=', 'value', 80],
    ['==0', '==', 'value', 0],
    ['  < -1.5 ', '<', 'value', -1.5],
    ['!= 1e3', '!=', 'value', 1000],
    ['>= best - 0.2', '>=', 'best', -0.2],
    ['> last+5', '>', 'last', 5],
    ['<= best', '<=', 'best', 0],
  ])('%j', (text, operator, reference, offset) => {
    expect(parseComparison(text)).toEqual({ text: text.trim(), operator, reference, offset });
  });

  test.each([
    '',
    '80',
    '=> 80',
    '= 80',
    '>= ',
    '>= 8O',
    '>= 80%',
    '>= NaN',
    '> Infinity',
    '>= 0x10',
    '>= best * 2',
    '> mean',
    '>= 1 2',
    '> 1e999',
  ])('%j is none', (text) => {
    expect(parseComparison(text)).toBeUndefined();
  });
});

const METRICS = 'run: "true"\nmetrics: { edge: { count: x }, sharp: { count: y, better: higher } }';

describe('thresholds', () => {
  test('may be a text, a map, or two numbers', () => {
    const { thresholds } = gateOf(
      `${METRICS}\nthresholds: { edge: { at-least: 1, at-most: 5, want: "> 2" }, sharp: { require: ">= best", on-missing: fail } }`,
    );
    expect(thresholds).toEqual([
      {
        metric: 'edge',
        require: { text: '>= 1', operator: '>=', reference: 'value', offset: 1 },
        want: { text: '> 2', operator: '>', reference: 'value', offset: 2 },
        failOnMissing: false,
      },
      {
        metric: 'edge',
        require: { text: '<= 5', operator: '<=', reference: 'value', offset: 5 },
        want: undefined,
        failOnMissing: false,
      },
      {
        metric: 'sharp',
        require: { text: '>= best', operator: '>=', reference: 'best', offset: 0 },
        want: undefined,
        failOnMissing: true,
      },
    ]);
  });

  test.each([
    ['{ egde: "> 1" }', 'thresholds.egde: unknown metric `egde` — did you mean `edge`?'],
    ['{ edge: "80" }', '`80` is no comparison (say which way: ">= 80")'],
    ['{ edge: "= 80" }', '(write `==`)'],
    ['{ edge: "> last - 2sd" }', '(only a baseline has noise: ">= baseline - 2sd")'],
    [
      '{ edge: { want: "> champion" } }',
      '`edge` is held to the champion, and without `objective` nothing is crowned',
    ],
    ['{ edge: "> best" }', '`best` of `edge` is not defined'],
    ['{ edge: {} }', 'a threshold that asks for nothing'],
    ['{ edge: { want: "> 1", on-missing: fail } }', '`on-missing` stands beside `require`'],
  ])('%s', (written, problem) => {
    expect(complaints(oneGate(`${METRICS}\nthresholds: ${written}`))).toContainEqual(
      expect.stringContaining(problem),
    );
  });

  test('of a gate without metrics name none', () => {
    expect(complaints(oneGate('run: "true"\nthresholds: { edge: "> 1" }'))).toEqual([
      expect.stringContaining('no metric `edge`: the gate has no `metrics`'),
    ]);
  });
});

describe('a ladder', () => {
  test('has its own limits, thresholds and promotions on each rung', () => {
    const gate = gateOf(
      `${METRICS}\ntimeout: 2m\nstages: [{ count: 10, timeout: 1s, thresholds: { edge: "> 0" } }, { count: 100, promote: { edge: "> 3" } }, { count: 1000 }]`,
    );
    expect(gate.stages.map(({ count, timeoutMs }) => [count, timeoutMs])).toEqual([
      [10, 1000],
      [100, 120_000],
      [1000, 120_000],
    ]);
    expect(gate.stages[0]?.thresholds[0]?.require?.text).toBe('> 0');
    expect(gate.stages[1]?.promote[0]?.require?.text).toBe('> 3');
  });

  test.each([
    ['[{ count: 10 }, { count: 10 }]', 'stages.1.count: counts ascend: 10 comes after 10'],
    ['[{ count: 100 }, { count: 10 }]', 'counts ascend: 10 comes after 100'],
    ['[{ count: 1, promote: { edge: "> 1" } }]', 'there is no rung above the last one'],
    ['[{ count: 1, thresholds: { egde: "> 1" } }]', 'stages.0.thresholds.egde: unknown metric'],
  ])('%s', (stages, problem) => {
    expect(complaints(oneGate(`${METRICS}\nstages: ${stages}`))).toContainEqual(
      expect.stringContaining(problem),
    );
  });
});

describe('metrics and labels', () => {
  test.each([
    ['{ regex: "(?<value>x)" }', { reader: 'regex', pattern: '(?<value>x)', in: { stream: 'output' } }],
    ['{ count: x, in: stderr }', { reader: 'count', pattern: 'x', in: { stream: 'stderr' } }],
    ['{ count: x, in: a/b.txt }', { reader: 'count', pattern: 'x', in: { file: 'a/b.txt' } }],
    ['{ json: out.json, at: /a/0 }', { reader: 'json', at: '/a/0', in: { file: 'out.json' } }],
    ['{ json: stdout, at: "" }', { reader: 'json', at: '', in: { stream: 'stdout' } }],
    [
      '{ junit: j.xml, field: failures }',
      { reader: 'junit', field: 'failures', folder: undefined, in: { file: 'j.xml' } },
    ],
    [
      '{ istanbul: c.json, field: lines, folder: src }',
      { reader: 'istanbul', field: 'lines.pct', folder: 'src', in: { file: 'c.json' } },
    ],
    [
      '{ istanbul: c.json }',
      { reader: 'istanbul', field: 'lines.pct', folder: undefined, in: { file: 'c.json' } },
    ],
    [
      '{ lcov: c.info, field: functions, folder: src }',
      { reader: 'lcov', field: 'functions.pct', folder: 'src', in: { file: 'c.info' } },
    ],
    [
      '{ cobertura: c.xml }',
      { reader: 'cobertura', field: 'lines.pct', folder: undefined, in: { file: 'c.xml' } },
    ],
    [
      '{ sarif: s.json, field: errors }',
      { reader: 'sarif', field: 'errors', folder: undefined, in: { file: 's.json' } },
    ],
  ])('%s', (written, source) => {
    expect(gateOf(`run: "true"\nmetrics: { m: ${written} }`).metrics[0]?.source).toEqual(source);
  });

  test.each([
    ['{ better: higher }', 'nothing says how it is read'],
    ['{ regex: "(?<value>x)", count: x }', 'read in two ways: `regex` and `count`'],
    ['{ regex: "(x" }', 'metrics.m.regex: no regular expression'],
    ['{ regex: "x" }', 'the pattern has no group `value`'],
    ['{ count: x, at: /a }', '`at` means nothing beside `count`'],
    ['{ count: x, in: message }', 'reading from `message` is not built yet'],
    ['{ json: f }', '`json` without `at`'],
    ['{ json: f, at: a.b }', '`a.b` is no JSON pointer (write `/a/b`)'],
    ['{ junit: f }', '`junit` without `field`'],
    ['{ junit: f, field: failurs }', 'unknown field `failurs` of junit — did you mean `failures`?'],
    ['{ istanbul: f, field: lins }', 'unknown field `lins` of istanbul'],
    ['{ istanbul: " " }', 'no file is named'],
    ['{ cobertura: f, field: functions }', 'unknown field `functions` of cobertura'],
    ['{ sarif: f }', '`sarif` without `field`'],
    ['{ sarif: f, field: results, folder: src }', '`folder` means nothing beside `sarif`'],
    ['{ count: x, bounds: [5, 1] }', 'no number lies from 5 to 1'],
  ])('%s', (written, problem) => {
    expect(complaints(oneGate(`run: "true"\nmetrics: { m: ${written} }`))).toContainEqual(
      expect.stringContaining(problem),
    );
  });

  test('a label is a text', () => {
    expect(gateOf('run: "true"\nlabels: { l: { json: f, at: /n } }').labels).toEqual([
      { name: 'l', source: { reader: 'json', at: '/n', in: { file: 'f' } } },
    ]);
    expect(complaints(oneGate('run: "true"\nlabels: { l: { count: x } }'))).toEqual([
      expect.stringContaining('a label is read with `regex` or `json`'),
    ]);
  });
});
