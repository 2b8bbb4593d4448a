import { describe, expect, test } from 'vitest';
import type { GateFile } from '../../../src/core/config/config.ts';
import { usedGates } from '../../../src/core/plan/make.ts';
import { complaints, configOf, gateOf, oneGate, planOf, taskOf } from './planning.ts';

const GATE: GateFile = {
  about: 'Covers lines.',
  tool: 'https://example.com',
  parameters: {
    'at-least': { about: 'percent', type: 'number', default: 80 },
    folders: { about: 'percent by folder', type: 'numbers-by-name', default: {} },
    paths: { about: 'what to look at', type: 'texts' },
    report: { about: 'a folder', type: 'text', default: 'out' },
    quick: { about: 'or slow', type: 'boolean', default: false },
    room: { about: 'how much', type: 'size', default: '10g' },
  },
  run: [
    'cover',
    '--quick={{with.quick}}',
    '--to={{with.report}}',
    '{{with.paths}}',
    '--all={{with.paths}}',
    '{{with.folders}}',
    '{{with.room}}',
  ],
  env: { set: { REPORT: '{{with.report}}' } },
  metrics: { lines: { istanbul: '{{with.report}}/c.json', bounds: [0, 100] } },
  thresholds: { lines: '>= {{with.at-least}}' },
  each: {
    of: 'folders',
    metrics: { 'lines.{{key}}': { istanbul: '{{with.report}}/c.json', folder: '{{key}}' } },
    thresholds: { 'lines.{{key}}': '>= {{value}}' },
  },
  samples: [],
};
const found = (gate: GateFile) =>
  new Map([['cover', { file: 'gates/cover.yaml', gate, from: 'library' as const }]]);
const gates = found(GATE);

describe('a gate that is used', () => {
  test('takes its parameters from `with` and from its defaults', () => {
    const task = gateOf('uses: cover\nwith: { paths: ["a b", c], folders: { src/core: 90, src: 70.5 } }', {
      gates,
    });
    expect(task.command).toEqual({
      kind: 'argv',
      argv: [
        'cover',
        '--quick=false',
        '--to=out',
        'a b',
        'c',
        '--all=a b c',
        '{"src/core":90,"src":70.5}',
        '10',
      ],
    });
    expect(task.env.set).toEqual({ REPORT: 'out' });
    expect(task.usedFrom).toBe("the library's cover");
    expect(task.metrics.map(({ name, source }) => [name, 'folder' in source ? source.folder : ''])).toEqual([
      ['lines', undefined],
      ['lines.src/core', 'src/core'],
      ['lines.src', 'src'],
    ]);
    expect(task.thresholds.map(({ metric, require }) => `${metric} ${require?.text}`)).toEqual([
      'lines >= 80',
      'lines.src/core >= 90',
      'lines.src >= 70.5',
    ]);
  });

  test('parameters may hold names: what is known is checked now, the rest stays for the start', () => {
    const text = `vars: { n: 55, dir: "a b" }\n${oneGate('uses: cover\nwith: { paths: ["{{cycle.dir}}/x", "{{vars.dir}}"], at-least: "{{vars.n}}" }')}`;
    const task = taskOf(planOf(text, { gates }), 'a');
    expect(task.command).toMatchObject({ argv: expect.arrayContaining(['{{cycle.dir}}/x', '{{vars.dir}}']) });
    expect(task.thresholds[0]?.require?.text).toBe('>= 55');
  });

  test.each([
    ['with: {}', 'with: the parameter `paths` is missing (write `with: { paths: … }`: what to look at)'],
    [
      'with: { paths: [a], atleast: 3 }',
      'with.atleast: unknown parameter `atleast` — did you mean `at-least`?',
    ],
    ['with: { paths: [a], at-least: many }', 'with.at-least: `at-least` is a number'],
    ['with: { paths: { a: b } }', '`paths` is a list of texts'],
    ['with: { paths: [[a]] }', '`paths` is a list of texts'],
    ['with: { paths: [a], folders: [src] }', '`folders` is a map of names to numbers'],
    ['with: { paths: [a], folders: { src: much } }', '`folders` is a map of names to numbers'],
    ['with: { paths: [a], quick: yes }', '`quick` is `true` or `false`'],
    ['with: { paths: [a], room: 10 }', '`room` is a size with its unit, such as `10g`'],
    ['with: { paths: [a], room: much }', '`room` is a size with its unit, such as `10g`'],
    ['with: { paths: [a], report: [b] }', '`report` is a text'],
    ['with: { paths: ["{{sed}}"] }', 'with.paths.0: unknown name `{{sed}}`'],
  ])('%s', (keys, problem) => {
    expect(complaints(oneGate(`uses: cover\n${keys}`), { gates })).toContainEqual(
      expect.stringContaining(problem),
    );
  });

  test.each([
    ['512m', '0.5'],
    ['1t', '1024'],
    ['100k', '0.0000953674'],
    ['0g', '0'],
  ])('the size %s is put in as %s GiB', (room, text) => {
    const { command } = gateOf(`uses: cover\nwith: { paths: [a], room: ${room} }`, { gates });
    expect(command).toMatchObject({ argv: expect.arrayContaining([text]) });
  });

  test('a list of one may be written as a text, and a flag may set it', () => {
    expect(gateOf('uses: cover\nwith: { paths: a b }', { gates }).command).toMatchObject({
      argv: expect.arrayContaining(['a b']),
    });
    const flags = {
      set: [
        ['gates.a.with.paths', 'x y'],
        ['gates.a.with.at-least', '7'],
      ] as const,
    };
    const task = taskOf(planOf(oneGate('uses: cover'), { gates, flags }), 'a');
    expect(task.command).toMatchObject({ argv: expect.arrayContaining(['x y']) });
    expect(task.thresholds[0]?.require?.offset).toBe(7);
  });

  test('a parameter is never split, and never becomes shell text', () => {
    const plain = found({ ...GATE, run: 'cover {{with.report}} {{with.paths}}' });
    const keys = 'uses: cover\nwith: { paths: ["a; b", "$(c)"], report: "x y; z" }';
    expect(gateOf(keys, { gates: plain }).command).toEqual({
      kind: 'argv',
      argv: ['cover', 'x y; z', 'a; b', '$(c)'],
    });
    const shell = found({ ...GATE, run: 'cover {{with.report}} | wc' });
    expect(complaints(oneGate(keys), { gates: shell })).toEqual([
      expect.stringContaining('gates/cover.yaml:run: `{{` in a command that a shell runs'),
    ]);
  });

  test('a mistake of the gate file is placed in the gate file', () => {
    const wrong = found({ ...GATE, timeout: 'soon', run: ['cover', '{{with.pths}}'] });
    expect(complaints(oneGate('uses: cover\nwith: { paths: [a] }'), { gates: wrong })).toEqual([
      expect.stringContaining('gates/cover.yaml:timeout: `soon` is no duration'),
      expect.stringContaining('gates/cover.yaml:run.1: unknown name `{{with.pths}}`'),
    ]);
  });

  test('the task may judge another task by the rules of the gate file', () => {
    const text = `phases: { p: { gates: { run: { run: "true" }, a: { judges: run, uses: cover, with: { paths: [] } } } } }`;
    expect(taskOf(planOf(text, { gates }), 'a')).toMatchObject({
      command: undefined,
      judges: 'run',
      metrics: [{ name: 'lines' }],
    });
  });
});

test('an unknown gate comes with the nearest, `with` alone is a problem', () => {
  expect(complaints(oneGate('uses: covr'), { gates })).toEqual([
    'phases.check.gates.a.uses: unknown gate `covr` — did you mean `cover`?',
  ]);
  expect(complaints(oneGate('uses: lnt'), { gates, gateNames: () => ['lint', 'types'] })).toEqual([
    'phases.check.gates.a.uses: unknown gate `lnt` — did you mean `lint`?',
  ]);
  expect(complaints(oneGate('run: "true"\nwith: { a: b }'))).toEqual([
    'phases.check.gates.a.with: `with` without `uses`',
  ]);
});

test('a plan is the same from wherever it is asked for', () => {
  const from = (file: string) =>
    planOf(oneGate('uses: cover\nwith: { paths: [] }'), {
      gates: new Map([['cover', { file, gate: GATE, from: 'loop' as const }]]),
    });
  expect(from('gates/cover.yaml')).toEqual(from('../gates/cover.yaml'));
});

test('the gates a config may use are named wherever they stand', () => {
  const config = configOf(`
defaults: { uses: a }
phases: { p: { gates: { x: { uses: b }, y: { uses: b } } } }
profiles: { q: { gates: { x: { uses: c } } }, r: { defaults: { uses: d } } }
`);
  expect([...usedGates(config)].toSorted()).toEqual(['a', 'b', 'c', 'd']);
});
