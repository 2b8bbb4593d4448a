import { describe, expect, test } from 'vitest';
import { matches } from '../../../src/core/glob.ts';
import { fileFor, plantingsOf } from '../../../src/core/prove/planting.ts';
import type { GateFile } from '../../../src/core/config/config.ts';
import { gate, screen } from '../config/screen.ts';
import { planOf, taskOf } from '../plan/planning.ts';

const GATES = `
vars: { place: src }
phases:
  check:
    gates:
      said: { run: a, inputs: [a], cache: true, metrics: { m: { count: a } }, prove: { write: { "{{vars.place}}/*.ts": bad }, append: { "docs/**": bad }, remove: ["*.txt"] } }
      judged: { judges: said }
      reads: { run: a, inputs: [a, "!b"], cache: true, metrics: { m: { count: a } } }
      exits: { run: a }
      late: { run: a, prove: { remove: ["{{cycle.dir}}/a"] } }
`;

function kindsOf(id: string) {
  const plan = planOf(GATES);
  const found = plantingsOf(plan, taskOf(plan, id));
  return 'unplantable' in found ? found : found.map(({ kind }) => kind);
}

test('what `prove` says is planted and nothing else; without it first inputs, then silence', () => {
  expect(kindsOf('said')).toEqual(['said']);
  expect(kindsOf('judged')).toEqual(['said']);
  expect(kindsOf('reads')).toEqual(['emptied', 'silent']);
  expect(kindsOf('exits')).toEqual({ unplantable: 'no known-bad input: say `prove`' });
  expect(kindsOf('late')).toEqual({
    unplantable: '`{{cycle.dir}}/a` is known only while a cycle runs: say `prove`',
  });
});

test('paths are filled in, and a glob that is written becomes a file', () => {
  const plan = planOf(GATES);
  expect(plantingsOf(plan, taskOf(plan, 'said'))).toEqual([
    {
      kind: 'said',
      text: 'writes src/*.ts, appends to docs/**, removes *.txt',
      write: { 'src/gate-run-planted.ts': 'bad' },
      append: { 'docs/**': 'bad' },
      remove: ['*.txt'],
      empty: [],
      addsText: true,
      setsParameters: false,
    },
  ]);
});

test('a value of a variable that leads out of the folder is not planted', () => {
  const plan = planOf(GATES.replace('place: src', 'place: ../src'));
  expect(plantingsOf(plan, taskOf(plan, 'said'))).toEqual({
    unplantable: '`../src/*.ts` leads out of the folder: say `prove`',
  });
});

test.each(['docs/**/*.md', '*.ts', 'src/**', '**/*', 'a/?.txt', '{a,b}/**/c*.{ts,js}', './x', 'plain/path'])(
  'the file for %s is one that it matches',
  (glob) => {
    expect(matches(glob, fileFor(glob))).toBe(true);
  },
);

describe('a gate that is used', () => {
  const used: GateFile = {
    about: 'a gate',
    tool: 'https://example.com',
    parameters: {
      paths: { about: 'files', type: 'texts' },
      most: { about: 'how many', type: 'number', default: 3 },
    },
    run: ['tool', '--most={{with.most}}', '{{with.paths}}'],
    prove: { remove: ['{{with.paths}}'], append: { '{{with.paths}}': 'bad' }, with: { most: 0 } },
    samples: [],
  };
  const gates = new Map([['used', { file: 'gates/used.yaml', gate: used, from: 'loop' as const }]]);
  const config = 'phases: { check: { gates: { g: { uses: used, with: { paths: [a, b] } } } } }';

  test('brings what is planted, with its parameters put in; a list of words is as many keys', () => {
    const { prove, command } = taskOf(planOf(config, { gates }), 'g');
    expect(prove).toEqual({ remove: ['a', 'b'], append: { a: 'bad', b: 'bad' }, with: { most: 0 } });
    expect(command).toMatchObject({ argv: ['tool', '--most=3', 'a', 'b'] });
  });

  test('has the parameters of its proof only while that one is proved', () => {
    const proving = planOf(config, { gates, flags: { proving: 'g' } });
    expect(taskOf(proving, 'g').command).toMatchObject({ argv: ['tool', '--most=0', 'a', 'b'] });
    const other = planOf(config, { gates, flags: { proving: 'other' } });
    expect(taskOf(other, 'g').command).toMatchObject({ argv: ['tool', '--most=3', 'a', 'b'] });
  });

  test('plants what the task says instead, whole', () => {
    const own = config.replace('with:', 'prove: { write: { c: d } }, with:');
    expect(taskOf(planOf(own, { gates }), 'g').prove).toEqual({ write: { c: 'd' } });
  });
});

test.each([
  ['prove: { }', '`prove` plants nothing'],
  ['prove: { write: { } }', '`prove` plants nothing'],
  ['prove: { write: { /etc/passwd: a } }', '`/etc/passwd` leads out of the folder'],
  ['prove: { append: { "../**": a } }', '`../**` leads out of the folder'],
  ['prove: { remove: [a/../../b] }', '`a/../../b` leads out of the folder'],
  ['prove: { with: { a: 1 } }', '`with` says nothing without `uses`'],
  ['prove: { wirte: { a: b } }', 'did you mean `write`?'],
  ['prove: { write: { a: 1 } }', 'expected text'],
])('%s is a problem', (written, said) => {
  expect(screen(gate('run: make', written))).toContain(said);
});
