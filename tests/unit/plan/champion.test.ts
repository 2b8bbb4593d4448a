import { describe, expect, test } from 'vitest';
import { complaints, planOf } from './planning.ts';

const PHASES = `
phases:
  prove:
    gates:
      sims:
        run: [sim, "{{count}}", "{{vars.v}}"]
        metrics: { edge: { regex: "edge (?<value>.+)", better: higher }, speed: { count: x } }
        stages: [{ count: 10 }, { count: 100 }]
      plain: { run: [a], metrics: { size: { count: x, better: lower } } }
`;

function told(top: string): readonly string[] {
  return complaints(`${top}\nvars: { v: 1, far: ../.. }\n${PHASES}`);
}

function best(top: string, vars = 'vars: { v: 1 }') {
  const { objective, champion } = planOf(`${top}\n${vars}\n${PHASES}`);
  return { objective, champion };
}

describe('the objective', () => {
  test('is a metric of one gate, held to its top rung', () => {
    expect(best('objective: { metric: edge, min-delta: 0.5 }').objective).toMatchObject({
      metric: 'edge',
      task: 'sims',
      name: 'edge',
      key: 'sims.edge',
      better: 'higher',
      minDelta: 0.5,
      count: 100,
    });
    expect(best('objective: { metric: plain.size }').objective).toMatchObject({
      key: 'plain.size',
      better: 'lower',
      minDelta: 0,
      count: undefined,
    });
  });

  test('what measures it has a checksum that a value of a variable changes, and a limit does not', () => {
    const of = (v: number) => best('objective: { metric: edge }', `vars: { v: ${v} }`).objective?.measuredBy;
    const slow = planOf(
      `objective: { metric: edge }\nvars: { v: 1 }\n${PHASES.replace('run: [sim', 'timeout: 1h\n        run: [sim')}`,
    );
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
    expect(slow.objective?.measuredBy).toBe(of(1));
  });

  test('of a gate that judges what another one left is measured by that one', () => {
    const of = (run: string) =>
      planOf(`objective: { metric: size }
phases: { p: { gates: { made: { run: ${run} }, plain: { judges: made, metrics: { size: { count: x, better: lower } } } } } }`)
        .objective?.measuredBy;
    expect(of('[sim, a]')).toBe(of('[sim, a]'));
    expect(of('[sim, a]')).not.toBe(of('[sim, b]'));
  });

  test.each([
    ['objective: { metric: egde }', 'objective.metric: unknown measure `egde` — did you mean `edge`?'],
    [
      'objective: { metric: cycles }',
      'objective.metric: `cycles` is no metric of one cycle (name a metric alone: `edge`)',
    ],
    [
      'objective: { metric: edge.mean }',
      'objective.metric: `edge.mean` is no metric of one cycle (name a metric alone: `edge`)',
    ],
    [
      'objective: { metric: sims.10.edge }',
      'objective.metric: `sims.10.edge` is a rung of a ladder (leave the count out: a champion is challenged on the top rung alone)',
    ],
    [
      'objective: { metric: speed }',
      'objective.metric: nothing says whether `speed` is better higher or lower (say `better: higher` or `better: lower` on the metric)',
    ],
    [
      'objective: { metric: edge, min-delta: -1 }',
      'objective.min-delta: `-1` is no distance from 0 on (write how much better a cycle has to be: `0.5`, or 0)',
    ],
    [
      'objective: { metric: edge, min-delta: 5% }',
      'objective.min-delta: `5%` is no distance from 0 on (write how much better a cycle has to be: `0.5`, or 0)',
    ],
    [
      'champion: { keep: [a] }',
      'champion: `champion` without `objective`: nothing says which cycle is best (write such as `objective: { metric: edge, min-delta: 0.5 }`)',
    ],
  ])('%s', (top, problem) => expect(told(top)).toEqual([problem]));

  test('of simulations that gate-run runs itself says how it is compared', () => {
    const sims = (metric: string, early = '') =>
      `objective: { metric: ${metric} }
phases: { p: { gates: { sims: { run: [sim, "{{seed}}"], per: seed, seeds: { base: 5 }, ${early} metrics: { edge: { better: higher } }, stages: [{ count: 10 }, { count: 100 }] } } } }`;
    expect(planOf(sims('edge')).objective).toMatchObject({
      count: 100,
      pairing: { base: 5, confidence: 0.99 },
    });
    expect(planOf(sims('edge', 'stop-early: { confidence: 0.99 },')).objective?.pairing?.confidence).toBe(
      0.99,
    );
  });

  test('a profile may seek something else', () => {
    const text = `objective: { metric: edge }\nprofiles: { small: { objective: { metric: size } } }\nvars: { v: 1 }\n${PHASES}`;
    expect(planOf(text, { flags: { profile: 'small' } }).objective?.key).toBe('plain.size');
  });
});

describe('names and conditions of a champion', () => {
  const OBJECTIVE = 'objective: { metric: edge }';

  test('need an objective, and a metric that there is', () => {
    const step = (text: string, top = OBJECTIVE) =>
      complaints(
        `${top}\nphases: { p: { steps: { s: { run: [a, "${text}"] } }, gates: { g: { run: b, metrics: { edge: { count: x, better: higher } } } } } }`,
      );
    expect(step('{{champion.dir}} {{champion.edge}} {{champion.value}} {{champion.cycle}}')).toEqual([]);
    expect(step('{{champion.egde}}')[0]).toContain('did you mean `edge`?');
    expect(step('{{champion.dir}}', '')[0]).toContain('nothing is crowned');
  });

  test('a condition counts them only where there are some', () => {
    const marks = 'marks: { flat: { any: { accepted: 3, since-champion: ">= 20" } } }';
    expect(told(`${OBJECTIVE}\n${marks}`)).toEqual([]);
    expect(told(marks)[0]).toContain('without `objective` nothing is crowned');
  });

  test('a hook and a notice that wait for one need an objective, and say what to write', () => {
    const mend = '(write such as `objective: { metric: edge, min-delta: 0.5 }`)';
    const hook = 'hooks: { on-champion: [tell], on-exit: [bye] }';
    const notify = 'notify: [{ webhook: "https://example.com/x", for: [exit, champion] }]';
    expect(told(hook)).toEqual([
      `hooks.on-champion: \`on-champion\` waits for a champion, and without \`objective\` nothing is crowned ${mend}`,
    ]);
    expect(told(notify)).toEqual([
      `notify.0.for.1: \`champion\` is told of a champion, and without \`objective\` nothing is crowned ${mend}`,
    ]);
    expect(told(`${OBJECTIVE}\n${hook}\n${notify}`)).toEqual([]);
    // A profile may seek where the file does not.
    const profile = `${hook}\nprofiles: { p: { objective: { metric: edge } } }\nvars: { v: 1 }\n${PHASES}`;
    expect(complaints(profile, { flags: { profile: 'p' } })).toEqual([]);
    expect(complaints(profile)).toHaveLength(1);
  });
});

describe('what is kept', () => {
  test('comes from the folder of the cycle or from the work tree', () => {
    const keep = best(
      'objective: { metric: edge }\nchampion: { keep: ["{{cycle.dir}}/best.json", "{{ cycle.dir }}//out/*.sol", ./src/a.ts, "{{vars.v}}.txt"] }',
    ).champion?.keep;
    expect(keep).toEqual([
      { from: 'cycle', path: 'best.json' },
      { from: 'cycle', path: 'out/*.sol' },
      { from: 'tree', path: 'src/a.ts' },
      { from: 'tree', path: '1.txt' },
    ]);
  });

  test.each([
    [
      '/etc/passwd',
      '`/etc/passwd` is absolute (name it from the folder of the config, or from `{{cycle.dir}}/`)',
    ],
    ['../a', '`../a` leads outside (keep what lies in the work tree)'],
    ['"{{cycle.dir}}/../000001/a"', '`../000001/a` leads outside (keep what lies in the work tree)'],
    ['"{{vars.far}}/a"', '`../../a` leads outside (keep what lies in the work tree)'],
    ['"{{cycle.dir}}"', 'the whole folder of a cycle, logs and all (name the files that make a champion)'],
    ['"{{cycle.dir}}/"', 'the whole folder of a cycle, logs and all (name the files that make a champion)'],
    ['.', 'the whole work tree (name the files that make a champion)'],
    ['" "', 'an empty path (name the files that make a champion)'],
    [
      '.gate-run',
      '`.gate-run` is, or holds, the state itself (write what is in a cycle as `{{cycle.dir}}/…`)',
    ],
    [
      '.gate-run/cycles/000001/a',
      '`.gate-run/cycles/000001/a` is, or holds, the state itself (write what is in a cycle as `{{cycle.dir}}/…`)',
    ],
    [
      '"{{cycle.dir}}/champion.json"',
      '`champion.json` is a name that gate-run itself gives there (call the file otherwise)',
    ],
    [
      '"a/{{cycle.dir}}"',
      '`{{cycle.dir}}` stands at the beginning of a path or nowhere (write such as `{{cycle.dir}}/strategy.json`)',
    ],
  ])('%s is refused', (path, problem) =>
    expect(told(`objective: { metric: edge }\nchampion: { keep: [${path}] }`)).toEqual([
      `champion.keep.0: ${problem}`,
    ]),
  );

  test('an empty list is a mistake, a name that is not known until a cycle runs too', () => {
    expect(told('objective: { metric: edge }\nchampion: { keep: [] }')).toEqual([
      'champion.keep: an empty list keeps nothing (name files, or leave `keep` out)',
    ]);
    expect(told('objective: { metric: edge }\nchampion: { keep: ["{{run}}/a"] }')[0]).toContain('`{{run}}`');
  });
});
