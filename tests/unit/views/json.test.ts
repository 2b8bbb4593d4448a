// What programs read: the one object of --json, the stream of --json=lines, and latest.json.

import { expect, test } from 'vitest';
import { outputSchema } from '../../../src/core/summary/output.ts';
import { resultWithout } from '../../../src/core/summary/result.ts';
import { jsonLinesView, jsonView } from '../../../src/views/json.ts';
import { latestView } from '../../../src/views/latest.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { aPlan, Screen, Script } from './rig.ts';

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
  script.skip('late', 'after failure of unit', 'unit').endCycle('failed');
  expect(screen.text).toBe('');
  script.end(1, 'the cycle failed').close();
  expect(result()).toEqual({
    schemaVersion: 1,
    exit: 1,
    reason: 'finished',
    why: 'the cycle failed',
    run: 'run-1',
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
  script.end(0, '1 of 2 cycles did not pass');
  expect(result()).toMatchObject({ cycle: 2, verdict: 'passed', tasks: [{ id: 'unit', verdict: 'passed' }] });
});

test('--json=lines streams every event as one line', () => {
  const screen = new Screen();
  const script = new Script(aPlan({ tests: ['unit'] }));
  script.watch(jsonLinesView(screen));
  script.start().cycle().pass('unit').endCycle('passed').end(0, 'the cycle passed');
  const events: unknown[] = screen.lines.map((line) => JSON.parse(line));
  expect(events).toEqual(script.events);
});

test('latest.json says state, verdict, streak and where the logs are, and is written when one of them changes', () => {
  const plan = aPlan({ tests: ['unit'] });
  const written: unknown[] = [];
  const script = new Script(plan);
  script.watch(
    latestView(plan, (path, text) => {
      expect(path).toBe('.gate-run/latest.json');
      written.push(JSON.parse(text));
      return undefined;
    }),
  );
  script.start().cycle(3).fail('unit', 'exit 1').endCycle('failed').end(1, 'the cycle failed');
  expect(written).toHaveLength(4);
  expect(written[1]).toMatchObject({
    state: 'running',
    verdict: 'none',
    cycle: 3,
    why: 'cycle 3 is under way',
  });
  expect(written.at(-1)).toEqual({
    v: 1,
    state: 'ended',
    verdict: 'failed',
    cycle: 3,
    consecutiveFailures: 1,
    nextAt: null,
    why: 'the cycle failed: unit exit 1',
    logs: '.gate-run/cycles/000003',
    run: 'run-1',
    exit: 1,
    at: script.events.at(-1)?.at,
  });
});

test('latest.json says that a run is stopping, and by whose wish', () => {
  const plan = aPlan({ tests: ['unit'] });
  const written: string[] = [];
  const script = new Script(plan);
  script.watch(latestView(plan, (_path, text) => void written.push(text)));
  script.start().cycle().record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({
    state: 'stopping',
    why: 'stopping, asked by SIGTERM',
  });
});
