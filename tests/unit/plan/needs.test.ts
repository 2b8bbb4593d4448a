import { describe, expect, test } from 'vitest';
import { complaints, planOf, taskOf } from './planning.ts';

const gate = (keys = '') => `{ run: "true"${keys === '' ? '' : `, ${keys}`} }`;

describe('who waits for whom', () => {
  test('a step needs the step before it, a judging gate what it judges', () => {
    const plan = planOf(`
phases:
  a: { steps: { s1: ${gate()}, s2: ${gate('needs: [s1]')}, s3: ${gate()} }, gates: { g: ${gate('needs: [s3]')}, j: { judges: g, needs: [s1] } } }
  b: { steps: { s4: ${gate()} } }
`);
    const needs = Object.fromEntries(
      ['s1', 's2', 's3', 'g', 'j', 's4'].map((id) => [id, taskOf(plan, id).needs]),
    );
    expect(needs).toEqual({ s1: [], s2: ['s1'], s3: ['s2'], g: ['s3'], j: ['s1', 'g'], s4: [] });
    expect(taskOf(plan, 's3').number).toBe('1.3');
    expect(taskOf(plan, 's4').number).toBe('2.1');
  });

  test.each([
    [
      'itself',
      `gates: { a: ${gate('needs: [a]')} }`,
      'phases.p.gates.a.needs.0: `a` needs itself (leave it out)',
    ],
    [
      'nobody',
      `gates: { types: ${gate()}, b: ${gate('needs: [tpyes]')} }`,
      'unknown task `tpyes` — did you mean `types`?',
    ],
    ['a later phase', `gates: { a: ${gate('needs: [z]')} }`, '`z` runs later, in `q`'],
    ['another time', `gates: { a: ${gate('needs: [first]')} }`, '`first` runs at another time'],
    [
      'a gate, from a step of its phase',
      `steps: { s: ${gate('needs: [a]')} }, gates: { a: ${gate()} }`,
      'the steps of a phase run before its gates',
    ],
    [
      'to be judged by a gate that judges',
      `gates: { a: ${gate()}, b: { judges: a }, c: { judges: b } }`,
      'judge `a`',
    ],
    ['to judge nobody', `gates: { a: ${gate()}, b: { judges: aa } }`, 'unknown task `aa`'],
    ['to judge itself', `gates: { b: { judges: b } }`, '`b` needs itself'],
    ['to run and to judge', `gates: { a: ${gate()}, b: ${gate('judges: a')} }`, 'runs nothing itself'],
  ])('a task that needs %s is a problem', (_name, phase, problem) => {
    const text = `phases:\n  start: { at: start, gates: { first: ${gate()} } }\n  p: { ${phase} }\n  q: { gates: { z: ${gate()} } }`;
    expect(complaints(text)).toContainEqual(expect.stringContaining(problem));
  });

  test('a circle is drawn, once', () => {
    const text = `phases: { p: { gates: { d: ${gate('needs: [a]')}, a: ${gate('needs: [b]')}, b: ${gate('needs: [c]')}, c: ${gate('needs: [a]')} } } }`;
    expect(complaints(text)).toEqual([
      'phases.p.gates.a.needs.0: a circle: a → b → c → a (take one of these needs away)',
    ]);
  });

  test('a step that needs a later step stands in a circle with the order of steps', () => {
    const text = `phases: { p: { steps: { a: ${gate('needs: [b]')}, b: ${gate()} } } }`;
    expect(complaints(text)).toEqual([
      expect.stringMatching(/a circle: a → b → a \(steps run in the order they are written/),
    ]);
  });

  test('waiting for what passed or failed in the same phase can close a circle too', () => {
    const text = `phases: { p: { gates: { a: ${gate('when: { passed: [b] }')}, b: ${gate('needs: [a]')} } } }`;
    expect(complaints(text)).toEqual([expect.stringContaining('a circle: a → b → a')]);
    const self = `phases: { p: { when: { passed: [a] }, gates: { a: ${gate()} } } }`;
    expect(complaints(self)).toEqual([expect.stringContaining('a circle: a → a')]);
    const later = `phases: { p: { gates: { a: ${gate('when: { failed: [b] }')} } }, q: { gates: { b: ${gate()} } } }`;
    expect(complaints(later)).toEqual([expect.stringContaining('`b` runs later')]);
  });

  test('a chain of five thousand needs is no trouble', () => {
    const gates = Array.from(
      { length: 5000 },
      (_, at) => [`g${at}`, { run: 'true', needs: at === 0 ? [] : [`g${at - 1}`] }] as const,
    );
    const config = { version: 1 as const, name: 'x', phases: { p: { gates: Object.fromEntries(gates) } } };
    expect(planOf(config).phases[0]?.tasks).toHaveLength(5000);
    const closed = {
      ...config,
      phases: { p: { gates: { ...config.phases.p.gates, g0: { run: 'true', needs: ['g4999'] } } } },
    };
    expect(complaints(closed)).toHaveLength(1);
  });
});

test('a task id that stands twice in the file is a problem', () => {
  const text = `phases: { p: { gates: { a: ${gate()} } }, q: { gates: { a: ${gate()} } } }`;
  expect(complaints(text)).toEqual(['phases.q.gates.a: a task `a` stands in `p` already']);
});

test('[B9] a gate with nothing to run is a problem', () => {
  expect(complaints('phases: { p: { gates: { a: { timeout: 1m } } } }')).toEqual([
    'phases.p.gates.a: the gate `a` has nothing to run (give it `run`, `uses` or `judges`)',
  ]);
  expect(complaints('phases: { p: { steps: { a: { run: "  " } } } }')).toEqual([
    'phases.p.steps.a.run: nothing to run',
  ]);
});
