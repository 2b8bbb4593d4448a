import { describe, expect, test } from 'vitest';
import type { Condition } from '../../../src/core/plan/ends-plan.ts';
import { complaints, planOf, type Circumstances } from './planning.ts';

const TASKS = `
phases:
  prove:
    gates:
      sims:
        run: [sims]
        metrics: { edge: { regex: "(?<value>1)", better: higher }, slips: { count: x, better: lower } }
        labels: { hypothesis: { regex: "(?<value>h)" } }
        stages: [{ count: 10 }, { count: 100 }]
      other: { run: [other], metrics: { slips: { count: x }, size: { count: y } } }
`;
const LOOPING = { continuous: true };

function endsOf(written: string, at: Circumstances = {}): ReturnType<typeof planOf>['ends'] {
  return planOf(`${TASKS}exit: ${written}\n`, at).ends;
}

function texts(conditions: readonly Condition[]): readonly string[] {
  return conditions.map(({ name, text }) => `${name} ${text}`);
}

describe('a condition is a measure and a comparison', () => {
  test.each([
    ['cycles: 30', { operator: '>=', value: 30, measure: { kind: 'cycles' }, text: '>= 30' }],
    ['cycles: "> 30"', { operator: '>', value: 30 }],
    ['runtime: 10h', { operator: '>=', value: 36_000_000, text: '>= 10h' }],
    ['tokens: 2M', { value: 2_000_000 }],
    ['tokens: 500k', { value: 500_000 }],
    ['tokens: 1.5M', { value: 1_500_000 }],
    ['cost: 5usd', { value: 5 }],
    ['cost: "> 0.50usd"', { operator: '>', value: 0.5 }],
    ['failure-rate: "> 30% over 20"', { operator: '>', value: 0.3, over: 20, text: '> 30% over 20' }],
    ['failure-rate: "> 2.5%"', { value: 0.025, over: undefined }],
    ['cycles-per-hour: "< 2 over 5"', { operator: '<', value: 2, over: 5 }],
    ['failures-in-a-row: 5', { measure: { kind: 'failures-in-a-row' } }],
    ['same-error: 3', { measure: { kind: 'same-error' } }],
    [
      'edge: "> 374.56"',
      { value: 374.56, measure: { key: 'sims.edge', statistic: 'value', better: 'higher' } },
    ],
    ['edge: "< -1e3"', { value: -1000 }],
    ['sims.edge: 1', { measure: { key: 'sims.edge' } }],
    ['sims.100.edge: 1', { measure: { key: 'sims.100.edge' } }],
    ['edge.sd: "< 2 over 10"', { over: 10, measure: { key: 'sims.edge', statistic: 'sd' } }],
    ['edge.best: 1', { measure: { statistic: 'best', better: 'higher' } }],
    ['size.mean: "> 1 over 3"', { measure: { key: 'other.size', statistic: 'mean', better: undefined } }],
    ['hypothesis.distinct: 6', { value: 6, measure: { kind: 'distinct', label: 'hypothesis' } }],
    ['sims.slips: "<= 3"', { operator: '<=', measure: { key: 'sims.slips', better: 'lower' } }],
  ])('%s', (written, expected) => {
    expect(endsOf(`{ budget: { ${written} } }`).budget).toEqual([
      expect.objectContaining(expectedOf(expected)),
    ]);
  });
});

function expectedOf({ measure, ...rest }: Readonly<Record<string, unknown>>): object {
  return measure === undefined ? rest : { ...rest, measure: expect.objectContaining(measure) };
}

describe('[A10] what cannot be meant is a problem that teaches', () => {
  test.each([
    ['cycles: 0', '`cycles >= 0` always holds (`never` switches it off)'],
    ['cycles: -1', '`-1` is no whole number'],
    ['cycles: "03"', '`03` is no whole number'],
    ['cycles: 99999999999', '`99999999999` is no whole number'],
    ['cycles: "1e3"', '`1e3` is no whole number'],
    ['cycles: 2.5', '`2.5` is no whole number'],
    ['cycles: "< 30"', '`cycles < …` holds from the start, and would end every run at once (write `>=`)'],
    ['failure-rate: "<= 10%"', 'holds from the start'],
    ['cycles: "30 over 5"', '`over` means nothing for `cycles` (leave it out)'],
    [
      'edge: "> 5 over 3"',
      '`over` means nothing for `edge` (`edge.mean` and `edge.sd` look back over cycles)',
    ],
    ['edge.best: "> 5 over 3"', '`over` means nothing for `edge.best`'],
    ['edge.sd: "< 2 over 1"', '`over 1` is no number of cycles from 2 to 1000'],
    ['edge.sd: "< 2 over 1001"', '`over 1001` is no number of cycles from 2 to 1000'],
    ['runtime: 36000', '`36000` is no duration (add the unit: `36000s`)'],
    ['runtime: 0s', '`runtime >= 0` always holds'],
    ['runtime: 9999999d', '`9999999d` is no duration'],
    ['runtime: "== 10h"', '`runtime == 10h` is jumped over, and may never hold (write ">= 10h")'],
    ['tokens: "== 2M"', '`tokens == 2M` is jumped over'],
    ['cost: "== 5usd"', '`cost == 5usd` is jumped over'],
    ['cycles-per-hour: "== 2"', '`cycles-per-hour == 2` is jumped over'],
    ['runtime: "!= 10h"', '`runtime != …` holds from the start'],
    ['failure-rate: 30', '`30` is no share (write `30%`)'],
    ['failure-rate: "> 130%"', '`130%` is no share (write a share from 0% to 100%)'],
    ['failure-rate: "> 100%"', 'can never hold'],
    ['tokens: 2X', '`2X` is no number of tokens (write such as 500k or 2M)'],
    ['tokens: 99999999999999M', 'is no number of tokens'],
    ['cost: 5', '`5` is no amount of money (write `5usd`)'],
    ['cost: 5eur', '`5eur` is no amount of money (write such as 5usd or 0.50usd)'],
    ['edge: many', '`many` is no number'],
    ['edge: 1e999', '`Infinity` is no number'],
    ['edge: ">"', '`>` is no comparison (write such as "> 400")'],
    ['edge: "=> 3"', '`=> 3` is no comparison'],
    ['edge: { at-least: 3 }', 'expected a comparison, not a map'],
    ['edg: 5', 'unknown measure `edg` — did you mean `edge`?'],
    ['failure-in-a-row: 5', 'unknown measure `failure-in-a-row` — did you mean `failures-in-a-row`?'],
    ['hypothesi.distinct: 3', 'unknown label `hypothesi` — did you mean `hypothesis`?'],
    ['edg.sd: "< 3"', 'unknown metric `edg` — did you mean `edge`?'],
    ['wholly.best: 3', 'unknown metric `wholly` (known are edge, sims.edge'],
    ['entirely-else: 3', 'unknown measure `entirely-else` (known are cycles, runtime'],
    ['slips: "<= 5"', 'several tasks have a metric `slips` (write `sims.slips` or `other.slips`)'],
    ['sims.slips: 5', 'a bare value means `>=`, and of `sims.slips` lower is better (write "<= 5")'],
    [
      'size.best: 5',
      '`best` of `size` is not defined (say `better: higher` or `better: lower` on the metric)',
    ],
    ['accepted: 5', 'without `objective` nothing is crowned'],
    ['since-champion: 5', 'without `objective` nothing is crowned'],
  ])('%s', (written, expected) => {
    const [first, ...others] = complaints(`${TASKS}exit: { give-up: { ${written} } }\n`);
    expect(first).toContain(`exit.give-up.${written.slice(0, written.indexOf(':'))}: `);
    expect(first).toContain(expected);
    expect(others).toEqual([]);
  });

  test('where any value is fine, as in a target or a mark, nothing is said of it', () => {
    const fine = '{ target: { cycles: "< 30", runtime: "< 10h", failure-rate: "< 30%" } }';
    expect(texts(endsOf(fine).target)).toEqual(['cycles < 30', 'runtime < 10h', 'failure-rate < 30%']);
  });

  test('[A10] a target that asks of what flows to be an exact number is one as well', () => {
    expect(complaints(`${TASKS}exit: { target: { runtime: "== 10h" } }\n`)).toEqual([
      expect.stringContaining('exit.target.runtime: `runtime == 10h` is jumped over'),
    ]);
    expect(
      texts(endsOf('{ target: { cycles: "== 3", failure-rate: "== 0%", edge: "== 1" } }').target),
    ).toEqual(['cycles == 3', 'failure-rate == 0%', 'edge == 1']);
  });

  test('a gate that was not found may bring any metric, so the measure is not called unknown', () => {
    const missing = 'phases: { p: { gates: { g: { uses: nowhere } } } }\nexit: { target: { edge: 3 } }\n';
    expect(complaints(missing).join()).not.toContain('measure');
  });
});

describe('what gives a run up', () => {
  test('five failures in a row, in continuous mode alone', () => {
    expect(texts(endsOf('{}', { flags: LOOPING }).giveUp)).toEqual(['failures-in-a-row >= 5']);
    expect(endsOf('{}').giveUp).toEqual([]);
    expect(endsOf('{}', { flags: { iterations: '9' } }).giveUp).toEqual([]);
  });

  test('what is written stands beside it; `never` switches one off, `--max-failures` sets it', () => {
    const written = '{ give-up: { same-error: 3 } }';
    expect(texts(endsOf(written, { flags: LOOPING }).giveUp)).toEqual([
      'failures-in-a-row >= 5',
      'same-error >= 3',
    ]);
    const off = '{ give-up: { failures-in-a-row: never, same-error: 3 } }';
    expect(texts(endsOf(off, { flags: LOOPING }).giveUp)).toEqual(['same-error >= 3']);
    const flags = { ...LOOPING, maxFailures: '7' };
    expect(texts(endsOf(off, { flags }).giveUp)).toEqual(['failures-in-a-row >= 7', 'same-error >= 3']);
    expect(texts(endsOf('{}', { flags: { iterations: '9', maxFailures: '2' } }).giveUp)).toEqual([
      'failures-in-a-row >= 2',
    ]);
  });

  test('[A10] a loop that nothing would ever end is a problem, and a target is no limit', () => {
    const off = '{ target: { edge: 5 }, give-up: { failures-in-a-row: never } }';
    const said = complaints(`${TASKS}exit: ${off}\n`, { flags: LOOPING });
    expect(said).toEqual([expect.stringContaining('nothing would ever end this loop')]);
    expect(said[0]).toContain('budget: { runtime: 10h }');
    expect(complaints(`${TASKS}exit: ${off}\n`)).toEqual([]);
    expect(complaints(TASKS, { flags: { ...LOOPING, maxFailures: 'never' } })).toHaveLength(1);
    expect(complaints(TASKS, { flags: { maxFailures: 'never', maxRuntime: '10h' } })).toEqual([]);
  });

  test('[A10] limits that a failing loop need not come to are warned of, with and without --continuous', () => {
    const weak = '{ budget: { edge: "> 4" }, give-up: { failures-in-a-row: never, oom-in-a-row: 3 } }';
    const sure = '{ budget: { edge: "> 4", runtime: 1h }, give-up: { failures-in-a-row: never } }';
    const said = (exit: string, flags: NonNullable<Circumstances['flags']>) =>
      planOf(`${TASKS}exit: ${exit}\n`, { flags }).warnings.map(({ message }) => message);
    for (const flags of [LOOPING, {}]) {
      expect(said(weak, flags)).toEqual([expect.stringContaining('may never end')]);
      expect(said(sure, flags)).toEqual([]);
    }
    expect(said('{ budget: { edge: "> 4" } }', LOOPING)).toEqual([]);
  });

  test('[A18] a limit over what nobody measures is none', () => {
    const silent = '{ budget: { tokens: 2M }, give-up: { failures-in-a-row: never } }';
    expect(complaints(`${TASKS}exit: ${silent}\n`, { flags: LOOPING })).toEqual([
      expect.stringContaining('nothing would ever end this loop'),
    ]);
    const told = TASKS.replace('size: { count: y }', 'tokens: { count: y }');
    expect(complaints(`${told}exit: ${silent}\n`, { flags: LOOPING })).toEqual([]);
    const left = '{ give-up: { edge: "< 3", failures-in-a-row: never } }';
    expect(complaints(`${TASKS}exit: ${left}\n`, { flags: { ...LOOPING, skip: ['sims'] } })).toHaveLength(1);
    expect(complaints(`${TASKS}exit: ${left}\n`, { flags: LOOPING })).toEqual([]);
  });

  test('another try after a pause is off unless it is written', () => {
    expect(endsOf('{ give-up: { same-error: 3 } }').halfOpen).toBeUndefined();
    expect(endsOf('{ give-up: { half-open: {} } }').halfOpen).toEqual({ afterMs: 1_800_000, times: 3 });
    expect(endsOf('{ give-up: { half-open: { after: 1h, times: 9 } } }').halfOpen).toEqual({
      afterMs: 3_600_000,
      times: 9,
    });
    expect(endsOf('{ give-up: { half-open: never } }').halfOpen).toBeUndefined();
    for (const wrong of ['5', '{ times: 0 }', '{ after: 0s }', '{ after: never }', '{ times: "03" }'])
      expect(complaints(`${TASKS}exit: { give-up: { half-open: ${wrong} } }\n`), wrong).toHaveLength(1);
  });
});

describe('--target', () => {
  const target = (written: string, ...targets: readonly (readonly [string, string])[]) =>
    texts(endsOf(written, { flags: { targets } }).target);

  test("keeps the file's comparison", () => {
    expect(target('{ target: { edge: "> 527" } }', ['edge', '450'])).toEqual(['edge > 450']);
    expect(target('{ target: { edge: ">= 527" } }', ['edge', '450'])).toEqual(['edge >= 450']);
    expect(target('{ target: { edge.mean: "> 5 over 3" } }', ['edge.mean', '4'])).toEqual([
      'edge.mean > 4 over 3',
    ]);
  });

  test('is strictly better than its value where the file says nothing', () => {
    expect(target('{}', ['edge', '450'])).toEqual(['edge > 450']);
    expect(target('{}', ['sims.slips', '3'])).toEqual(['sims.slips < 3']);
    expect(target('{}', ['size', '3'])).toEqual(['size > 3']);
    expect(target('{}', ['cycles', '3'])).toEqual(['cycles >= 3']);
  });

  test('replaces what the file says of the same measure under another name, and stands beside others', () => {
    expect(target('{ target: { sims.edge: ">= 527", cycles: 9 } }', ['edge', '450'])).toEqual([
      'cycles >= 9',
      'edge >= 450',
    ]);
    expect(target('{ target: { edge: never } }', ['edge', '450'])).toEqual(['edge > 450']);
  });

  test('may say its own comparison, and several of them hold together', () => {
    expect(target('{ target: { edge: "> 527" } }', ['edge', '>= 450'], ['size', '== 0'])).toEqual([
      'edge >= 450',
      'size == 0',
    ]);
  });

  test('a name or a value that is none is said of the flag', () => {
    expect(complaints(TASKS, { flags: { targets: [['edg', '3']] } })).toEqual([
      '--target edg: unknown measure `edg` — did you mean `edge`?',
    ]);
    expect(complaints(TASKS, { flags: { targets: [['edge', 'high']] } })[0]).toMatch(
      /^--target edge: `high` is no number/,
    );
  });
});

test('--iterations replaces the number of cycles of the file, and --max-runtime the time', () => {
  const written = '{ budget: { cycles: 30, runtime: 10h, cost: 5usd } }';
  const flags = { iterations: '3', maxRuntime: '7200' };
  expect(texts(endsOf(written, { flags }).budget)).toEqual([
    'cycles >= 3',
    'runtime >= 7200s',
    'cost >= 5usd',
  ]);
  expect(texts(endsOf(written, { flags: LOOPING }).budget)).toEqual([
    'cycles >= 30',
    'runtime >= 10h',
    'cost >= 5usd',
  ]);
});

test('a failure rate over the whole run is named in a warning where it would end the run', () => {
  const said = (written: string) => planOf(`${TASKS}exit: { give-up: ${written} }\n`).warnings;
  expect(said('{ failure-rate: "> 80%" }').map(({ message }) => message)).toEqual([
    '`failure-rate` without `over` counts from the first cycle on, so that one failure there is 100%',
  ]);
  expect(said('{ failure-rate: "> 80% over 30" }')).toEqual([]);
});

test('a number of different labels that is never counted to is a problem', () => {
  const said = (value: string) => complaints(`${TASKS}exit: { budget: { hypothesis.distinct: ${value} } }\n`);
  expect(said('9999')).toEqual([]);
  expect(said('10000')[0]).toContain('counted up to 10000');
});

test('[A18] a condition over tokens or cost that no task reports is named in a warning', () => {
  const warnings = (written: string) =>
    planOf(`${TASKS}exit: ${written}\n`).warnings.map(({ message }) => message);
  expect(warnings('{ budget: { tokens: 2M, cycles: 3 } }')).toEqual([
    'no task has a metric `tokens`, so `tokens` is unknown for ever and ends nothing',
  ]);
  const reported = TASKS.replace('size: { count: y }', 'tokens: { count: y }');
  expect(planOf(`${reported}exit: { budget: { tokens: 2M } }\n`).warnings).toEqual([]);
});

test('a profile lays its conditions over those of the file, and --set over both', () => {
  const text = `${TASKS}exit: { budget: { cycles: 30, runtime: 1h } }\nprofiles: { short: { exit: { budget: { cycles: 3, runtime: never } } } }\n`;
  expect(texts(planOf(text).ends.budget)).toEqual(['cycles >= 30', 'runtime >= 1h']);
  expect(texts(planOf(text, { flags: { profile: 'short' } }).ends.budget)).toEqual(['cycles >= 3']);
  const set = [['exit.budget.cycles', '4'] as const, ['exit.target.sims.edge', '> 5'] as const];
  const { ends, sources } = planOf(text, { flags: { set } });
  expect(texts([...ends.budget, ...ends.target])).toEqual(['cycles >= 4', 'runtime >= 1h', 'sims.edge > 5']);
  expect(sources).toMatchObject({ 'exit.budget.cycles': 'flag', 'exit.budget.runtime': 'file' });
});

test('named tasks run once, so nothing is said of conditions over tasks that are not there', () => {
  const { ends, marks } = planOf(
    `${TASKS}exit: { target: { edge: 5 } }\nmarks: { m: { all: { edge: 1 } } }\n`,
    {
      flags: { tasks: ['other'] },
    },
  );
  expect([ends.target, ends.budget, ends.giveUp, marks]).toEqual([[], [], [], []]);
});

describe('[A18] what no cycle measures', () => {
  const around = (at: string, more = '') => `
phases:
  warm: { at: ${at}, gates: { bench: { run: [bench], metrics: { speed: { count: x } }, labels: { cpu: { regex: "(?<value>x)" } } } } }
  prove: { gates: { sims: { run: [sims], metrics: { edge: { count: x } } } } }
${more}`;

  test.each([
    ['start', 'exit: { target: { speed: 5 } }', 'exit.target.speed: '],
    ['end', 'exit: { give-up: { bench.speed: 5 } }', 'exit.give-up.bench.speed: '],
    ['start', 'marks: { fast: { any: { speed.mean: "> 5 over 3" } } }', 'marks.fast.any.speed.mean: '],
  ])('a metric of a phase at the %s is a problem in %s', (at, written, place) => {
    const said = complaints(around(at, written));
    expect(said).toEqual([expect.stringContaining(place)]);
    expect(said[0]).toContain('is measured in no cycle');
    expect(complaints(around('cycle', written))).toEqual([]);
  });

  test('a label of such a phase is one as well', () => {
    const said = complaints(around('start', 'exit: { budget: { cpu.distinct: 3 } }'));
    expect(said).toEqual([expect.stringContaining('exit.budget.cpu.distinct: ')]);
    expect(said[0]).toContain('is read in no cycle');
  });

  test('a metric of a task that is left out is named in a warning', () => {
    const config = around('cycle', 'exit: { target: { edge: 5, cycles: 3 } }');
    const said = planOf(config, { flags: { skip: ['sims'] } }).warnings;
    expect(said.map(({ path, message }) => [path?.join('.'), message])).toEqual([
      [
        'exit.target.edge',
        'the task `sims` is left out (--skip), so `edge` is unknown for ever and ends nothing',
      ],
    ]);
    expect(planOf(config).warnings).toEqual([]);
  });
});

describe('marks', () => {
  const marked = (written: string) => complaints(`${TASKS}marks: ${written}\n`);

  test('have a level, and conditions of which all or any hold', () => {
    const { marks } = planOf(
      `${TASKS}marks: { mvp: { all: { cycles: ">= 50", edge: 5 } }, flat: { level: warning, any: { edge.sd: "< 2 over 10" } } }\n`,
    );
    expect(marks.map(({ id, level, all, any }) => [id, level, texts(all), texts(any)])).toEqual([
      ['mvp', 'info', ['cycles >= 50', 'edge >= 5'], []],
      ['flat', 'warning', [], ['edge.sd < 2 over 10']],
    ]);
  });

  test.each([
    ['{ m: {} }', 'marks.m: a mark that waits for nothing'],
    ['{ m: { all: {} } }', 'marks.m: a mark that waits for nothing'],
    ['{ m: { all: { edg: 3 } } }', 'marks.m.all.edg: unknown measure `edg`'],
    ['{ m: { any: { cycles: never } } }', 'marks.m.any.cycles: `never` is no whole number'],
    ['{ m: { level: loud, all: { cycles: 3 } } }', 'marks.m.level: unknown level `loud`'],
  ])('%s', (written, expected) => {
    expect(marked(written)).toEqual([expect.stringContaining(expected)]);
  });
});
