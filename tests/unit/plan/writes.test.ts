import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../../src/core/baseline/definition.ts';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import { taskSetting } from '../../../src/core/plan/setting-text.ts';
import { unfoldedOnly } from '../../../src/core/plan/writes.ts';
import { complaints, planOf, taskOf } from './planning.ts';

const steps = (keys: string, top = '') =>
  `${top}phases: { work: { steps: { agent: { run: a, ${keys} }, other: { run: b } }, gates: { j: { judges: agent } } } }\n`;

describe('`writes`', () => {
  test('caps files and lines, and says where may be written and what is done about more', () => {
    const plan = planOf(
      steps('writes: { files: 3, lines: 0, only: ["src/**", docs], on-violation: restore }'),
    );
    const agent = taskOf(plan, 'agent');
    expect(agent.writes).toEqual({ files: 3, lines: 0, only: ['src/**', 'docs'], onViolation: 'restore' });
    expect(taskSetting(agent, 'writes')).toBe(
      'at most 3 files, at most 0 lines, only src/**, docs, else put back; it runs alone',
    );
    expect(taskOf(plan, 'other').writes).toBeUndefined();
  });

  test('fails by default, and takes numbers from variables', () => {
    const plan = planOf(steps('writes: { files: "{{vars.n}}" }', 'vars: { n: 2 }\n'));
    expect(taskOf(plan, 'agent').writes).toEqual({ files: 2, onViolation: 'fail' });
  });

  test('merges key by key over defaults, profiles and flags', () => {
    const text = `${steps('writes: { only: [x] }', 'defaults: { writes: { files: 9 } }\n')}profile: p\nprofiles: { p: { steps: { agent: { writes: { files: 1 } } } } }\n`;
    expect(taskOf(planOf(text), 'agent').writes).toEqual({ files: 1, only: ['x'], onViolation: 'fail' });
    const set = { set: [['steps.agent.writes.on-violation', 'restore']] as const };
    expect(taskOf(planOf(text, { flags: set }), 'agent').writes?.onViolation).toBe('restore');
    // Defaults say it to all, and a gate that starts nothing has nothing to be capped.
    expect(taskOf(planOf(text), 'other').writes).toEqual({ files: 9, onViolation: 'fail' });
    expect(taskOf(planOf(text), 'j').writes).toBeUndefined();
  });

  test('--cap-writes sets the files wherever `writes` stands, and nowhere else', () => {
    const plan = planOf(steps('writes: { only: [x], files: 9 }'), { flags: { capWrites: '4' } });
    expect(taskOf(plan, 'agent').writes).toMatchObject({ files: 4, only: ['x'] });
    expect(taskOf(plan, 'other').writes).toBeUndefined();
    expect(plan.sources['steps.agent.writes']).toBe('flag');
    expect(complaints(steps('timeout: 1m'), { flags: { capWrites: '4' } })).toEqual([
      '--cap-writes: caps nothing: no task of this config has `writes` (add `writes: { files: 3 }` to the task that is meant)',
    ]);
    expect(complaints(steps('writes: { files: 1 }'), { flags: { capWrites: 'x' } })).toEqual([
      '--cap-writes: `x` is no whole number from 0 to 1000000',
    ]);
  });

  test.each([
    ['writes: {}', '`writes` caps nothing'],
    ['writes: { on-violation: restore }', '`writes` caps nothing'],
    ['writes: { only: [] }', '`only` names nothing'],
    ['writes: { only: ["!a"] }', '`only` names nothing'],
    ['writes: { only: ["../x/**"] }', "`../x/**` leads out of the config's folder"],
    ['writes: { only: [/tmp] }', "`/tmp` leads out of the config's folder"],
    ['writes: { only: ["/"] }', "`/` leads out of the config's folder"],
    ['writes: { lines: 100001 }', '`100001` is no whole number from 0 to 100000'],
  ])('%s is a problem', (keys, message) => {
    expect(complaints(steps(keys)).join('; ')).toContain(message);
  });

  test('on a gate that judges another one it is a problem', () => {
    const text =
      'phases: { work: { steps: { agent: { run: a } }, gates: { j: { judges: agent, writes: { files: 1 } } } } }\n';
    expect(complaints(text).join('; ')).toContain('`writes` on a gate that `judges` another task');
  });

  test('changes the id of a plan, and neither a baseline nor where gate-run itself writes does', () => {
    const one = planOf(steps('writes: { files: 1 }'));
    const two = planOf(steps('writes: { files: 2 }'));
    expect(one.id).not.toBe(two.id);
    const measures = (plan: typeof one) => definitionOf(indexPlan(plan), taskOf(plan, 'agent'));
    expect(measures(one)).toEqual(measures(two));
    const reported = planOf(steps('writes: { files: 1 }', 'reporters: [{ junit: out.xml }]\n'));
    expect(reported.tree?.except).toContain('out.xml');
    expect(reported.id).toBe(one.id);
  });
});

describe('what is gate-run’s own', () => {
  test('is the state directory with all in it, and whatever lies elsewhere by name', () => {
    const top =
      'state: { dir: state, history: logs/run.jsonl, latest: logs/latest.json, logs: logs/cycles, archive: { to: old } }\n' +
      'loop: { stop-file: stop }\nnotify: [{ heartbeat: beat }]\nquestions: { file: docs/q.md }\nreporters: [{ report: { file: night.md } }]\n';
    const { tree } = planOf(steps('writes: { files: 1 }', top));
    expect(tree?.except).toEqual(
      expect.arrayContaining([
        'state',
        'logs/run.jsonl',
        'logs/run.jsonl.*',
        'logs/run.*.jsonl',
        'logs/latest.json',
        'logs/cycles',
        'old',
        'stop',
        'beat',
        'docs/q.md',
        'night.md',
        'night.html',
      ]),
    );
    expect(planOf(steps('timeout: 1m')).tree).toBeUndefined();
  });

  test('may not hold the folder of the config', () => {
    expect(complaints(steps('writes: { files: 1 }', 'state: { dir: . }\n')).join('; ')).toContain(
      'with `writes` the state directory may not hold the folder of the config',
    );
  });
});

test('a plain path of `only` stands for itself and for all below it', () => {
  expect(unfoldedOnly(['a/', './b', '*.md', '!c'])).toEqual([
    'a',
    'a/**',
    'b',
    'b/**',
    '*.md',
    '!c',
    '!c/**',
  ]);
});
