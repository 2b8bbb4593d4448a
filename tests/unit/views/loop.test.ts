// What a person reads of a loop that nobody watches: each expectation is the screen itself.

import { expect, test } from 'vitest';
import { limitsOf, watchOf } from '../../../src/core/loop/watch.ts';
import type { Condition } from '../../../src/core/plan/ends-plan.ts';
import { localText } from '../../../src/views/local-time.ts';
import { restLine } from '../../../src/views/loop-words.ts';
import { plainView } from '../../../src/views/plain.ts';
import type { PlainOptions, TickingView } from '../../../src/views/plain.ts';
import { harmless } from '../../../src/views/sink.ts';
import { aLoop, aTask, Screen, Script } from './rig.ts';
import type { Ends } from './rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const CYCLES: Condition = {
  name: 'cycles',
  measure: { kind: 'cycles' },
  operator: '>=',
  value: 50,
  over: undefined,
  text: '>= 50',
};
const RUNTIME: Condition = {
  ...CYCLES,
  name: 'runtime',
  measure: { kind: 'runtime' },
  value: 10 * HOUR,
  text: '>= 10h',
};
const EDGE: Condition = {
  ...CYCLES,
  name: 'edge',
  measure: { kind: 'metric', key: 'sims.edge', statistic: 'value', better: 'higher' },
  operator: '>',
  value: 527,
  text: '> 527',
};
const FAILURES: Condition = {
  ...CYCLES,
  name: 'failures-in-a-row',
  measure: { kind: 'failures-in-a-row' },
  value: 5,
  text: '>= 5',
};
const COST: Condition = { ...CYCLES, name: 'cost', measure: { kind: 'cost' }, value: 5, text: '>= 5usd' };

function looped(
  ends: Ends,
  more: Partial<PlainOptions> = {},
  color = false,
): { script: Script; screen: Screen; view: TickingView } {
  const screen = new Screen();
  screen.color = color;
  const script = new Script(aLoop({ tests: [aTask('sims', 'tests')] }, ends));
  const view = script.watch(
    plainView(script.plan, screen, { mono: () => script.mono, readTail: () => '', ...more }),
  );
  return { script, screen, view };
}

/** Lets `seconds` pass, one tick each. */
function pass(script: Script, view: TickingView, seconds: number): void {
  for (let second = 1; second <= seconds; second += 1) {
    script.mono += 1000;
    view.tick(script.mono);
  }
}

test('[A10] the effective limits of a loop stand at its start, one line for each way to end', () => {
  const { script, screen } = looped({ target: [EDGE], budget: [CYCLES, RUNTIME], giveUp: [FAILURES] });
  script.start(limitsOf(script.plan)).cycle();
  expect(screen.lines).toEqual([
    'gate-run 0.1.0  demo  (continuous)',
    '  target   edge > 527',
    '  budget   cycles >= 50 or runtime >= 10h',
    '  give up  failures-in-a-row >= 5',
    '  limits   a cycle of at most 1h, a rest of 10m between cycles, 2 tasks at once, a stop waits 5m',
    'cycle 1: 1 task in 1 phase',
  ]);
});

test('[A18] a budget over what no task measures is named at the start', () => {
  const { script, screen } = looped({ budget: [COST] });
  script.start(limitsOf(script.plan)).cycle();
  expect(screen.lines).toContain(
    '! budget cost >= 5usd: no task measures `cost`, so it stays unknown and ends nothing',
  );
});

test('[B14] a cycle of a loop is told when it ends, with how far the run has come', () => {
  const { script, screen } = looped({ target: [EDGE], budget: [CYCLES, RUNTIME] });
  script
    .start()
    .cycle(12)
    .attempt('sims', { durationMs: 41 * MINUTE });
  script.judge('sims', 'passed', { metrics: { edge: 412 } }).endCycle('passed');
  expect(screen.lines.at(-1)).toBe(
    'cycle 12 passed in 41m 0s: 1 passed · 1 of 50 cycles · 41m of 10h · edge 412 (target > 527)',
  );
});

test('[B1] a cycle that failed names its cause before the loop rests, and the loop repeats the last one at its end', () => {
  const { script, screen } = looped({ giveUp: [FAILURES] });
  script.start();
  for (const cycle of [1, 2]) script.cycle(cycle).fail('sims', 'exit 1').endCycle('failed');
  script.rest('backoff', 45_000, 'cycle 2 failed, 2 in a row');
  script.record({
    type: 'run.ended',
    reason: 'gave-up',
    rule: 'failures-in-a-row >= 2',
    verdict: 'failed',
    exit: 4,
    why: 'gave up: failures-in-a-row >= 2',
  });
  script.close();
  expect(screen.lines.slice(-5).map((line) => line.replace(/until .*:/, 'until T:'))).toEqual([
    'cycle 2 failed in 1.2 s: 1 failed',
    '✗ sims  exit 1  (log .gate-run/cycles/000002/tests.sims.1.log)',
    'resting 45s until T: cycle 2 failed, 2 in a row',
    'gave up: failures-in-a-row >= 2; 2 of 2 cycles failed',
    '✗ sims  exit 1  (log .gate-run/cycles/000002/tests.sims.1.log)',
  ]);
});

test.each(['passed', 'failed'] as const)(
  '[B1] behind phases at the end that %s, the last word of a loop is still its own end and the first cause of that',
  (tidied) => {
    const ending = (verdict: 'passed' | 'failed') => {
      const screen = new Screen();
      const both = aLoop({ tests: [aTask('sims', 'tests')], bye: [aTask('tidy', 'bye')] }, {});
      const phases = both.phases.map((phase) =>
        phase.id === 'bye' ? { ...phase, at: 'end' as const } : phase,
      );
      const script = new Script({ ...both, phases });
      script.watch(plainView(script.plan, screen, { mono: () => script.mono, readTail: () => '' }));
      script.start().cycle(1);
      if (verdict === 'failed') script.fail('sims', 'exit 1').endCycle('failed');
      else script.attempt('sims', { durationMs: 5 }).judge('sims', 'passed').endCycle('passed');
      script.cycle(1, 'end');
      if (tidied === 'failed') script.fail('tidy', 'exit 7').endCycle('failed');
      else script.attempt('tidy', { durationMs: 5 }).judge('tidy', 'passed').endCycle('passed');
      const why = 'the end of the run';
      script.record({ type: 'run.ended', reason: 'gave-up', verdict, exit: 4, why }).close();
      return screen.lines;
    };
    expect(ending('failed').slice(-2)).toEqual([
      'the end of the run; the one cycle failed',
      '✗ sims  exit 1  (log .gate-run/cycles/000001/tests.sims.1.log)',
    ]);
    expect(ending('passed').at(-1)).toBe('the end of the run; the cycle passed');
    const told = '✗ tidy  exit 7  (log .gate-run/cycles/000001-end/bye.tidy.1.log)';
    expect(ending('passed').includes(told)).toBe(tidied === 'failed');
  },
);

test('a rest says why, how long and until when, in local time with its zone and exactly', () => {
  const event = {
    type: 'rest.started',
    cause: 'limit',
    forMs: 2 * HOUR,
    until: '2026-02-10T10:00:00.000Z',
    by: 'wall',
    why: 'cycle 12 met a limit',
    at: '2026-02-10T08:00:00.000Z',
  } as const;
  expect(restLine(event, 'Europe/Paris')).toBe(
    'waiting for a limit 2h until 11:00 CET (2026-02-10T10:00:00.000Z): cycle 12 met a limit',
  );
});

test('another day is named, the zone is that of the day, and what is soon is told to the second', () => {
  expect(localText('2026-03-29T01:30:00.000Z', '2026-03-28T20:00:00.000Z', 'Europe/Paris')).toBe(
    '2026-03-29 03:30 CEST (2026-03-29T01:30:00.000Z)',
  );
  expect(localText('2026-02-10T06:31:30.500Z', '2026-02-10T06:30:00.000Z', 'UTC')).toBe(
    '06:31:30 UTC (2026-02-10T06:31:30.500Z)',
  );
});

test('[B14] a short rest has a sign of life each minute, one of hours each ten minutes', () => {
  const { script, screen, view } = looped({});
  script.start().rest('sleep', 3 * MINUTE);
  const before = screen.lines.length;
  pass(script, view, 120);
  expect(screen.lines.slice(before)).toEqual(['… resting, 2m 10s left', '… resting, 1m 20s left']);
  script.record({ type: 'rest.ended' }).rest('limit', 5 * HOUR);
  const middle = screen.lines.length;
  pass(script, view, 3600);
  expect(screen.lines.slice(middle)).toEqual(
    ['4h 50m', '4h 40m', '4h 30m', '4h 20m', '4h 10m', '4h 0m'].map(
      (left) => `… waiting for a limit, ${left} left`,
    ),
  );
});

test('a rest on a terminal writes no heartbeat lines', () => {
  const { script, screen, view } = looped({});
  screen.isTerminal = true;
  script.start().rest('sleep', HOUR);
  const before = screen.text;
  pass(script, view, 600);
  expect(screen.text).toBe(before);
});

test('[B14] a quiet loop tells only of cycles that went wrong, of waits, and of the end', () => {
  const { script, screen } = looped({ budget: [CYCLES] }, { detail: 'quiet' });
  script.start(limitsOf(script.plan));
  script.cycle(1).pass('sims').endCycle('passed').rest('sleep', 600_000).record({ type: 'rest.ended' });
  expect(screen.text).toBe('');
  script.cycle(2).fail('sims', 'exit 1').endCycle('failed');
  script.cycle(3).pass('sims').endCycle('passed').end(0, '1 of 3 cycles failed');
  expect(screen.lines).toEqual([
    '✗ sims       1.2 s  exit 1',
    '  no output (.gate-run/cycles/000002/tests.sims.1.log)',
    'cycle 2 failed in 1.2 s: 1 failed · 2 of 50 cycles',
    '✗ sims  exit 1  (log .gate-run/cycles/000002/tests.sims.1.log)',
    '1 of 3 cycles failed',
  ]);
});

test('a mark is one line in the colour of its level', () => {
  const { script, screen } = looped({}, {}, true);
  const mark = {
    type: 'mark.reached',
    mark: 'plateau',
    cycle: 31,
    because: ['edge.sd < 2 over 10 (at 1.3)'],
  };
  script.start();
  for (const level of ['info', 'warning', 'critical'] as const) {
    script.record({ ...mark, type: 'mark.reached', level });
  }
  expect(screen.lines.map((line) => /\[(\d+)m/.exec(line)?.[1])).toEqual(['1', '33', '31']);
  expect(harmless(screen.lines.at(-1) ?? '', false)).toBe(
    'mark plateau (critical) is reached in cycle 31: edge.sd < 2 over 10 (at 1.3)',
  );
});

test('[G8] a run that is carried on says which, what is done again and why, and how much of its budget is left', () => {
  const { script, screen } = looped({ budget: [CYCLES, RUNTIME] });
  script.start().cycle(1).attempt('sims', { durationMs: HOUR }).judge('sims', 'passed').endCycle('passed');
  script.cycle(2).record({ type: 'attempt.started', task: 'sims', attempt: 2 });
  const before = screen.lines.length;
  script.record({
    type: 'run.resumed',
    by: 'run-2',
    goesOn: true,
    interrupted: ['sims#2'],
    plan: script.plan.id,
    limits: limitsOf(script.plan),
    watch: watchOf(script.plan),
  });
  script.endCycle('interrupted');
  expect(screen.lines.slice(before)).toEqual([
    'demo: run run-1 from 2026-02-10T06:30:00.000Z is carried on, the cycle passed',
    '  again    sims (attempt 2): cut off when gate-run was ended, so it counts as neither failure nor success and runs again',
    '  left     49 of 50 cycles, 9h of 10h',
    '  budget   cycles >= 50 or runtime >= 10h',
    '  limits   a cycle of at most 1h, a rest of 10m between cycles, 2 tasks at once, a stop waits 5m',
    expect.stringMatching(/^cycle 2 was interrupted in 0 ms/),
  ]);
});

test('[G8] also a quiet loop says what is done again', () => {
  const { script, screen } = looped({ budget: [CYCLES] }, { detail: 'quiet' });
  script.start().cycle(1).record({ type: 'attempt.started', task: 'sims', attempt: 1 });
  const { plan } = script;
  const more = { goesOn: true, interrupted: ['sims#1'], limits: limitsOf(plan), watch: watchOf(plan) };
  script.record({ type: 'run.resumed', by: 'run-2', plan: plan.id, ...more });
  expect(screen.lines.map((line) => line.slice(0, 20))).toEqual([
    'demo: run run-1 from',
    '  again    sims: cut',
    '  left     50 of 50 ',
  ]);
});

test('[B5] a stop says who asked, what still runs and for how long, then each minute how much of that is left', () => {
  const { script, screen, view } = looped({});
  script.start().cycle().record({ type: 'attempt.started', task: 'sims', attempt: 1 });
  const before = screen.lines.length;
  script.record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  pass(script, view, 60);
  script.record({ type: 'stop.seen', by: 'file', path: '/work/stop', now: true });
  expect(screen.lines.slice(before)).toEqual([
    'stopping (SIGTERM): running tasks have 5m to finish, sims; a second signal ends them at once',
    '… 50 s: stopping within 4m 10s, asked by SIGTERM; sims 50 s of 10m',
    'stopping now (the file /work/stop): running tasks are ended, sims',
  ]);
});

test('[B5] a stop that has to wait for what cleans up promises no time for it', () => {
  const made = aLoop({ tests: ['sims'], last: ['tidy'] });
  const phases = made.phases.map((phase) => ({ ...phase, always: phase.id === 'last' }));
  const screen = new Screen();
  const script = new Script({ ...made, phases });
  const options: PlainOptions = { mono: () => script.mono, readTail: () => '' };
  const view = script.watch(plainView(script.plan, screen, options));
  script.start().cycle().pass('sims').record({ type: 'attempt.started', task: 'tidy', attempt: 1 });
  const before = screen.lines.length;
  script.record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  pass(script, view, 60);
  expect(screen.lines.slice(before)).toEqual([
    'stopping (SIGTERM): what cleans up goes on, tidy; a second signal ends it at once',
    '… 51.2 s: stopping once what cleans up is done, asked by SIGTERM; tidy 50 s of 10m',
  ]);
});

test('the end of a loop says by which rule, and how its cycles went', () => {
  const { script, screen } = looped({ target: [EDGE] });
  script.start();
  for (let cycle = 1; cycle < 10; cycle += 1) script.cycle(cycle).fail('sims', 'exit 1').endCycle('failed');
  script
    .cycle(10)
    .pass('sims', { metrics: { edge: 530 } })
    .endCycle('passed');
  const why = 'the target is met: edge > 527';
  script.record({ type: 'run.ended', reason: 'target', rule: 'edge > 527', verdict: 'passed', exit: 0, why });
  script.close();
  expect(screen.lines.slice(-2)).toEqual([
    'cycle 10 passed in 1.2 s: 1 passed · edge 530 (target > 527)',
    'the target is met: edge > 527; 9 of 10 cycles failed',
  ]);
});
