// What programs read: the one object of --json, the stream of --json=lines, and latest.json.

import { expect, test } from 'vitest';
import { outputSchema } from '../../../src/core/summary/output.ts';
import { resultWithout } from '../../../src/core/summary/result.ts';
import { jsonLinesView, jsonView } from '../../../src/views/json.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { aLoop, aPlan, Screen, Script } from './rig.ts';

function printed(plan: Plan): { script: Script; screen: Screen; result: () => unknown } {
  const screen = new Screen();
  const script = new Script(plan);
  script.watch(jsonView(plan, screen));
  return { script, screen, result: () => JSON.parse(screen.text) };
}

test('--json prints one object at the end, which its schema accepts', () => {
  const { script, screen, result } = printed(aPlan({ tests: ['unit', 'late'] }));
  script.start().cycle(7);
  script.fail('unit', 'lines 78.2, not >= 80 (1.8 short)', { metrics: { lines: 78.2 } });
  script.skipped('late', 'after failure of unit', 'unit').endCycle('failed');
  expect(screen.text).toBe('');
  script.end(1, 'the cycle failed').close();
  expect(result()).toEqual({
    schemaVersion: 1,
    exit: 1,
    reason: 'finished',
    rule: null,
    why: 'the cycle failed',
    run: 'run-1',
    cycles: { finished: 1, passed: 0, failed: 1 },
    cycle: 7,
    verdict: 'failed',
    tasks: [
      {
        id: 'unit',
        phase: 'tests',
        kind: 'gate',
        mode: 'strict',
        verdict: 'failed',
        outcome: 'exited',
        attempts: 1,
        durationMs: 1200,
        metrics: { lines: 78.2 },
        labels: {},
        reasons: ['lines 78.2, not >= 80 (1.8 short)'],
        because: null,
        inBaseline: false,
        cached: null,
        flaky: false,
        quarantined: null,
        log: '.gate-run/cycles/000007/tests.unit.1.log',
      },
      {
        id: 'late',
        phase: 'tests',
        kind: 'gate',
        mode: 'strict',
        verdict: 'skipped',
        outcome: null,
        attempts: 0,
        durationMs: 0,
        metrics: {},
        labels: {},
        reasons: ['after failure of unit'],
        because: 'unit',
        inBaseline: false,
        cached: null,
        flaky: false,
        quarantined: null,
        log: null,
      },
    ],
  });
  expect(outputSchema.safeParse(result()).error).toBeUndefined();
});

test('the schema refuses an unknown key, a verdict nobody gives and a missing field', () => {
  const good = resultWithout({
    exit: 2,
    reason: 'problems',
    why: 'nothing ran',
    problems: [{ file: 'a.yaml', line: 1, column: 1, message: 'bad', mend: 'mend it' }],
  });
  expect(outputSchema.safeParse(good).success).toBe(true);
  expect(outputSchema.safeParse({ ...good, more: 1 }).success).toBe(false);
  expect(outputSchema.safeParse({ ...good, verdict: 'green' }).success).toBe(false);
  expect(outputSchema.safeParse({ ...good, tasks: undefined }).success).toBe(false);
});

test('[B15] a run that breaks off in the middle still prints what it knows', () => {
  const { script, result } = printed(aPlan({ tests: ['unit', 'late'] }));
  script
    .start()
    .cycle()
    .pass('unit')
    .record({ type: 'storage.failed', code: 'ENOSPC', what: 'history' })
    .close();
  expect(result()).toMatchObject({
    exit: 8,
    reason: 'storage-failed',
    verdict: 'none',
    tasks: [{ id: 'unit' }],
  });
  expect(outputSchema.safeParse(result()).error).toBeUndefined();
});

test('what a crash left open before this run is no part of its result', () => {
  const { script, result } = printed(aPlan({ tests: ['unit'] }));
  script.start().cycle(1).pass('unit').endCycle('interrupted');
  script.run = 'run-2';
  script.start().record({ type: 'storage.failed', code: 'ENOSPC', what: 'history' }).close();
  expect(result()).toMatchObject({ run: 'run-2', cycle: null, tasks: [] });
});

test('of a loop the last cycle is reported', () => {
  const { script, result } = printed(aPlan({ tests: ['unit'] }));
  script.start().cycle(1).fail('unit', 'exit 1').endCycle('failed').cycle(2).pass('unit').endCycle('passed');
  script.end(0, '1 of 2 cycles failed');
  const cycles = { finished: 2, passed: 1, failed: 1 };
  expect(result()).toMatchObject({
    cycle: 2,
    cycles,
    rule: null,
    verdict: 'passed',
    tasks: [{ id: 'unit', verdict: 'passed' }],
  });
});

test.each([
  ['target', 0, 'edge > 527'],
  ['budget', 5, 'cycles >= 2'],
  ['gave-up', 4, 'failures-in-a-row >= 5'],
] as const)('a loop that ended by its %s says so, with the rule and its cycles', (reason, exit, rule) => {
  const { script, result } = printed(aLoop({ tests: ['unit'] }));
  script.start().cycle(1).fail('unit', 'exit 1').endCycle('failed').cycle(2).pass('unit').endCycle('passed');
  script.record({ type: 'run.ended', reason, rule, verdict: 'passed', exit, why: rule }).close();
  expect(result()).toMatchObject({ reason, exit, rule, cycles: { finished: 2, passed: 1, failed: 1 } });
  expect(outputSchema.safeParse(result()).error).toBeUndefined();
});

test('--json=lines streams every event as one line', () => {
  const screen = new Screen();
  const script = new Script(aPlan({ tests: ['unit'] }));
  script.watch(jsonLinesView(screen));
  script.start().cycle().pass('unit').endCycle('passed').end(0, 'the cycle passed');
  const events: unknown[] = screen.lines.map((line) => JSON.parse(line));
  expect(events).toEqual(script.events);
});
