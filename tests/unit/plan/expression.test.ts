import { describe, expect, test } from 'vitest';
import { expressions } from '../../../src/core/expression.ts';
import type { ExpressionPlan } from '../../../src/core/plan/ends-plan.ts';
import { complaints, planOf, problemsOf } from './planning.ts';

const TASKS = `
phases:
  prove:
    gates:
      sims:
        run: [sims]
        metrics: { edge: { regex: "(?<value>1)", better: higher }, tasks-left: { count: x } }
        labels: { hypothesis: { regex: "(?<value>h)" } }
        stages: [{ count: 10 }, { count: 100 }]
`;

function config(when: string): string {
  return `${TASKS}exit: { when: ${JSON.stringify(when)} }\n`;
}

function expressionOf(when: string): ExpressionPlan {
  const { ends } = planOf(config(when));
  if (!ends.when) throw new Error('no expression');
  return ends.when;
}

describe('an expression reads the measures by names of their own', () => {
  test.each([
    ['cycles >= 3', ['cycles', { kind: 'cycles' }, undefined, 'int']],
    ['failures_in_a_row > 2', ['failures_in_a_row', { kind: 'failures-in-a-row' }, undefined, 'int']],
    ['failure_rate > 0.3', ['failure_rate', { kind: 'failure-rate' }, undefined, 'double']],
    ['failure_rate_over_20 > 0.3', ['failure_rate_over_20', { kind: 'failure-rate' }, 20, 'double']],
    ['runtime > duration("10h")', ['runtime', { kind: 'runtime' }, undefined, 'duration']],
    ['hypothesis_distinct > 6', ['hypothesis_distinct', { kind: 'distinct' }, undefined, 'int']],
    ['tasks_left < 1.0', ['tasks_left', { key: 'sims.tasks-left', statistic: 'value' }, undefined, 'double']],
    ['edge_best > 5', ['edge_best', { key: 'sims.edge', statistic: 'best' }, undefined, 'double']],
    ['edge_sd_over_5 < 2', ['edge_sd_over_5', { key: 'sims.edge', statistic: 'sd' }, 5, 'double']],
    ['sims_100_edge > 400', ['sims_100_edge', { key: 'sims.100.edge' }, undefined, 'double']],
  ])('%s', (when, [name, measure, over, type]) => {
    expect(expressionOf(when).reads).toEqual([expect.objectContaining({ name, over, type })]);
    expect(expressionOf(when).reads[0]?.measure).toEqual(expect.objectContaining(measure));
  });

  test('a variable that stands twice is read once, and `never` switches an expression off', () => {
    expect(
      expressionOf('cycles > 3 && (cycles % 2 == 0 || edge > 5.0)').reads.map(({ name }) => name),
    ).toEqual(['cycles', 'edge']);
    expect(planOf(config('never')).ends.when).toBeUndefined();
  });

  test('it is told and recorded on one line, without comments, and means the same', () => {
    const expression = expressionOf('// enough\ncycles > 3 &&   // not before\n  edge > 5.0\n');
    expect(expression.text).toBe('cycles > 3 && edge > 5.0');
    const values = new Map([
      ['cycles', 4],
      ['edge', 6],
    ]);
    expect(expressions.holds(expression, values)).toBe(true);
    const quoted = expressionOf('"a//b"  ==  "a//b  c" || cycles > 3 // it\'s "enough"\n');
    expect(quoted.text).toBe('"a//b" == "a//b  c" || cycles > 3');
    expect(expressions.holds(quoted, values)).toBe(true);
  });
});

describe('what cannot hold, or may not stand there, is found before anything starts', () => {
  test.each([
    ['edge > foo', 'unknown variable `foo`', 'foo'],
    ['edgy > 3.0', 'unknown variable `edgy` — did you mean `edge`?', 'edgy'],
    ['cycles > 3 &&', 'no expression: Unexpected token: EOF', ''],
    ['failures-in-a-row > 3', '`failures-in-a-row` is no name in an expression', 'failures-in-a-row'],
    ['cycles > 3 && edge.sd < 2', '`edge.sd` is no name in an expression', 'edge.sd'],
    ['runtime > 5', 'no expression: no such overload: duration > int', undefined],
    ['edge == 5', 'no expression: no such overload: double == int', undefined],
    ['tokens / cycles > 5.0', 'no expression: no such overload: double / int', undefined],
    ['edge', 'it is a value (double), not a condition', 'edge'],
    ['1 < 2', 'it looks at no measure, so it holds always or never', '1 < 2'],
    ['cycles < 5', 'it holds from the start, and would end every run at once', 'cycles < 5'],
    ['[1, 2].exists(x, x > cycles)', '`exists` may not stand', '[1, 2].exists(x, x > cycles)'],
    ['"a".matches("(a+)+$") && cycles > 1', '`matches` may not stand', '"a".matches("(a+)+$")'],
    ['{"a": cycles}["a"] > 1', 'no expression: Exceeded maxMapEntries (0)', undefined],
    ['runtime > duration("1x")', '`duration("1x")` is no duration', 'duration("1x")'],
    ['int("abc") > cycles', '`int("abc")` is no number', 'int("abc")'],
    ['cycles % 0 == 1', 'nothing can be divided by zero', '0'],
    ['edge / 0.0 > 1.0', 'nothing can be divided by zero', '0.0'],
    ['edge_over_3 > 3.0', '`_over_3` means nothing for `edge`', 'edge_over_3'],
    ['failure_rate_over_1 > 0.5', '`over_1` is no number of cycles from 2 to 1000', 'failure_rate_over_1'],
    ['', 'no expression: Unexpected token: EOF', ''],
    ['cycles > 9223372036854775808', 'is more than there is', '9223372036854775808'],
    ['constructor.constructor("x") == 1', '`constructor` may not stand', undefined],
    ['__proto__ == 1', 'no expression: Reserved identifier: __proto__', undefined],
  ])('%s', (when, message, marked) => {
    const [problem] = problemsOf(config(when));
    expect(problem?.path).toEqual(['exit', 'when']);
    expect(problem?.message).toContain(message);
    const { of = '', range = [0, 0] } = problem?.part ?? {};
    if (marked !== undefined && marked !== '') expect(of.slice(...range)).toBe(marked);
  });

  test.each([
    ['nodes', Array(400).fill('cycles > 3').join(' || '), 'Exceeded maxAstNodes (500)'],
    ['depth', `${'('.repeat(100)}cycles > 3${')'.repeat(100)}`, 'Exceeded maxDepth (40)'],
    ['a list', `cycles in [${Array(60).fill('1').join()}]`, 'Exceeded maxListElements (50)'],
  ])('its size has limits: %s', (_what, when, message) => {
    expect(problemsOf(config(when))[0]?.message).toBe(`no expression: ${message}`);
  });

  test('a measure that no task brings is a warning, as for any condition', () => {
    expect(planOf(config('cycles > 3 && tokens > 5.0')).warnings.map(({ message }) => message)).toContain(
      'no task has a metric `tokens`, so `tokens` is unknown for ever and ends nothing',
    );
  });

  test('an expression alone bounds no loop, since it may never hold', () => {
    const endless = `${TASKS}exit: { when: "cycles > 3", give-up: { failures-in-a-row: never } }\n`;
    expect(complaints(endless, { flags: { continuous: true } }).join()).toContain('nothing would ever end');
  });
});

describe('unknown satisfies nothing', () => {
  const holds = (when: string, values: Readonly<Record<string, number>>) =>
    expressions.holds(expressionOf(when), new Map(Object.entries(values)));

  test.each<readonly [string, Readonly<Record<string, number>>, boolean | undefined]>([
    ['edge > 5', { edge: 6 }, true],
    ['edge > 5', { edge: 5 }, false],
    ['edge > 5', {}, undefined],
    ['!(edge > 5)', {}, undefined],
    ['edge > 5 ? true : true', {}, undefined],
    ['edge > 5 || cycles > 3', { cycles: 4 }, true],
    ['cycles > 3 || edge > 5', { cycles: 4 }, true],
    ['edge > 5 || cycles > 3', { cycles: 3 }, undefined],
    ['edge > 5 && cycles > 3', { cycles: 3 }, false],
    ['10 / broken_in_a_row < 5', { broken_in_a_row: 0 }, undefined],
    ['edge / edge > 0.0', { edge: 0 }, false],
    ['cycles % 10 == 0 && cycles > 0', { cycles: 20 }, true],
    ['runtime > duration("1h30m")', { runtime: 5_400_001 }, true],
    ['runtime > duration("1h30m")', { runtime: 5_400_000 }, false],
    ['runtime.getHours() >= 2', { runtime: 7_200_000.4 }, true],
    ['tokens / double(cycles) > 100.0', { tokens: 1000, cycles: 4 }, true],
  ])('%s with %o: %s', (when, values, expected) => {
    expect(holds(when, values)).toBe(expected);
  });
});
