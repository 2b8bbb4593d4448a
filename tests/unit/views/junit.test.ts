// The JUnit report: valid for CI servers, written on every path, and red for what is red only.

import { expect, test } from 'vitest';
import { junitView } from '../../../src/views/junit.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import type { Failure } from '../../../src/ports.ts';
import { aLoop, aPlan, aTask, Script } from './rig.ts';
import { readJunit } from './junit-shape.ts';
import type { Element } from './junit-shape.ts';

interface Reported {
  readonly script: Script;
  readonly written: string[];
  readonly report: () => Element;
  readonly body: (task: string) => Element[];
}

function reported(plan: Plan, tail = 'the last lines'): Reported {
  const written: string[] = [];
  const script = new Script(plan);
  const replace = (path: string, text: string) => {
    expect(path).toBe('report.xml');
    written.push(text);
    return undefined;
  };
  script.watch(junitView(plan, { file: 'report.xml', replace, readTail: () => tail }));
  const report = () => readJunit(written.at(-1) ?? '');
  const body = (task: string) =>
    report()
      .children.flatMap((suite) => suite.children)
      .find((element) => element.name === 'testcase' && element.attributes['name'] === task)?.children ?? [];
  return { script, written, report, body };
}

test('phases are suites and tasks are cases, with counts that add up', () => {
  const plan = aPlan({
    static: ['types', aTask('lint', 'static', { mode: 'soft' })],
    tests: ['unit', 'e2e', 'more'],
  });
  const { script, report } = reported(plan);
  script.start().cycle().pass('types');
  script.attempt('lint', { code: 1 }).judge('lint', 'soft-failed', { reasons: ['exit 1'] });
  script
    .fail('unit', 'exit 1')
    .attempt('e2e')
    .judge('e2e', 'broken', { reasons: ['metric `edge` was not found'] });
  script.skipped('more', 'when exists').endCycle('broken').end(3, 'the cycle is broken', 'broken');
  const root = report();
  expect(root.attributes).toMatchObject({ name: 'demo', tests: '5', failures: '1', errors: '1' });
  expect(root.children.map((suite) => suite.attributes)).toMatchObject([
    { name: 'static', tests: '2', failures: '0', errors: '0', skipped: '0' },
    { name: 'tests', tests: '3', failures: '1', errors: '1', skipped: '1' },
  ]);
});

test('[B6] a soft failure is visible but does not turn a CI server red', () => {
  const { script, report, body } = reported(aPlan({ static: [aTask('lint', 'static', { mode: 'soft' })] }));
  script
    .start()
    .cycle()
    .attempt('lint', { code: 1 })
    .judge('lint', 'soft-failed', { reasons: ['exit 1'] });
  script.endCycle('passed').end(0, 'the cycle passed');
  expect(body('lint')).toMatchObject([
    { name: 'system-out', text: expect.stringMatching(/^soft-failed: exit 1\nlog /) },
  ]);
  const [properties] = report().children[0]?.children ?? [];
  expect(properties?.children[0]?.attributes).toEqual({ name: 'lint.verdict', value: 'soft-failed' });
});

test('metrics and labels are properties of the suite, under the name of their task', () => {
  const { script, report } = reported(aPlan({ tests: ['sims'] }));
  script
    .start()
    .cycle()
    .pass('sims', { metrics: { edge: 510.8 }, labels: { hypothesis: 'a < "b"' } });
  script.endCycle('passed');
  expect(report().children[0]?.children[0]?.children.map((element) => element.attributes)).toEqual([
    { name: 'sims.edge', value: '510.8' },
    { name: 'sims.hypothesis', value: 'a < "b"' },
  ]);
});

test('[B11] what was skipped names its rule', () => {
  const { script, body } = reported(aPlan({ tests: ['unit'] }));
  script.start().cycle().skipped('unit', 'when exists').endCycle('broken');
  expect(body('unit')).toMatchObject([{ name: 'skipped', attributes: { message: 'when exists' } }]);
});

test('[B1] siblings that were cancelled are skipped cases that name the cause, and only the cause is red', () => {
  const { script, body, report } = reported(aPlan({ tests: ['a', 'b'] }));
  script.start().cycle().record({ type: 'attempt.started', task: 'b', attempt: 1 }).fail('a', 'exit 1');
  script.record({
    type: 'attempt.stopping',
    task: 'b',
    attempt: 1,
    cause: 'cancelled',
    signal: 'TERM',
    because: 'a',
  });
  script.record({
    type: 'attempt.ended',
    task: 'b',
    attempt: 1,
    end: { signal: 'SIGTERM' },
    durationMs: 9,
    bytes: 0,
  });
  script.judge('b', 'broken', { outcome: 'cancelled', reasons: ['cancelled'] }).endCycle('failed');
  expect(body('b')).toMatchObject([{ name: 'skipped', attributes: { message: 'cancelled because of a' } }]);
  expect(report().attributes).toMatchObject({ failures: '1', errors: '0' });
});

test('[B12] a pass on the second attempt is marked as flaky', () => {
  const { script, body } = reported(aPlan({ tests: ['unit'] }));
  script.start().cycle().attempt('unit', { code: 1 }).attempt('unit', { attempt: 2 }).judge('unit', 'passed');
  script.endCycle('passed');
  expect(body('unit')).toMatchObject([
    { name: 'flakyFailure', attributes: { message: 'passed on attempt 2' } },
  ]);
});

test('output that XML cannot hold does not break the report', () => {
  const tail = `]]><evil>&amp; \u001b[31mred\u001b[0m \u0000\u0008\uFFFE\uD800 "quoted"\ttab\r\nline`;
  const { script, body } = reported(aPlan({ tests: ['unit'] }), tail);
  script.start().cycle().fail('unit', `"<&>" ${tail}`).endCycle('failed').end(1, 'the cycle failed');
  const [failure] = body('unit');
  expect(failure?.text).toContain(']]><evil>&amp; red ');
  expect(failure?.text).toContain('"quoted"\ttab\nline');
  expect(failure?.attributes['message']).toContain('"<&>" ]]><evil>');
});

test('[B15] a report is there from the first moment, and what was not finished in it is an error', () => {
  const { script, body, written } = reported(aPlan({ tests: ['unit', 'e2e'] }));
  script.start().cycle();
  expect(written).toHaveLength(1);
  expect(body('unit')).toMatchObject([{ name: 'error', attributes: { type: 'unfinished' } }]);
  script.fail('unit', 'exit 1');
  expect(body('unit')).toMatchObject([{ name: 'failure' }]);
  expect(body('e2e')).toMatchObject([{ name: 'error', attributes: { type: 'unfinished' } }]);
});

test('[B15] a run that is closed in the middle still leaves its report', () => {
  const { script, body } = reported(aPlan({ tests: ['unit', 'e2e'] }));
  script.start().cycle().pass('unit').close();
  expect(body('unit')).toEqual([]);
  expect(body('e2e')).toMatchObject([{ name: 'error' }]);
});

test('[B15] a run that never began a cycle reports every task as unfinished', () => {
  const { script, report } = reported(aPlan({ tests: ['unit'] }));
  script.close();
  expect(report().attributes).toMatchObject({ tests: '1', errors: '1' });
});

test('a thousand failures in one second renew the file once', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `t${index}`);
  const { script, written } = reported(aPlan({ tests: ids }));
  script.start().cycle();
  for (const id of ids)
    script.attempt(id, { durationMs: 1, code: 1 }).judge(id, 'failed', { reasons: ['exit 1'] });
  expect(written).toHaveLength(2);
});

test('a loop of quick cycles renews its report once a second, and before it rests', () => {
  const { script, written } = reported(aLoop({ tests: ['unit'] }));
  script.start();
  for (let cycle = 1; cycle <= 1000; cycle += 1) {
    script.cycle(cycle).attempt('unit', { durationMs: 10 }).judge('unit', 'passed').endCycle('passed');
  }
  expect(written.length).toBeLessThanOrEqual(11);
  const before = written.length;
  script.cycle(1001).attempt('unit', { durationMs: 10 }).judge('unit', 'broken').endCycle('broken');
  script.rest('backoff', 600_000).record({ type: 'rest.ended' });
  expect(written).toHaveLength(before + 1);
  expect(written.at(-1)).toContain('errors="1"');
});

test('phases around the cycle are in the report, and one whose turn has not come is skipped, not wrong', () => {
  const plan = aPlan({ before: ['tools'], tests: ['unit'], after: ['upload'] });
  const phases = plan.phases.map((phase, index) => ({
    ...phase,
    at: (['start', 'cycle', 'end'] as const)[index] ?? 'cycle',
  }));
  const { script, body, report } = reported({ ...plan, phases });
  script.start().cycle(1, 'start').pass('tools').endCycle('passed').cycle(1).pass('unit').endCycle('passed');
  expect(body('upload')).toMatchObject([{ name: 'skipped' }]);
  script.cycle(1, 'end').fail('upload', 'exit 1').endCycle('failed').end(0, 'the cycle passed');
  expect(body('upload')).toMatchObject([{ name: 'failure' }]);
  expect(report().attributes).toMatchObject({ tests: '3', failures: '1', errors: '0' });
});

test('a report that cannot be written says where and why', () => {
  const plan = aPlan({ tests: ['unit'] });
  const view = junitView(plan, { file: 'report.xml', replace: refused, readTail: () => '' });
  expect(() => void view.close(new Script(plan).progress)).toThrow('report.xml could not be written: EACCES');
});

function refused(): Failure {
  return { failed: 'EACCES', what: 'open report.xml' };
}
