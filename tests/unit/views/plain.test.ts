// What a person reads outside a terminal: each expectation is the screen itself.

import { expect, test } from 'vitest';
import { plainView } from '../../../src/views/plain.ts';
import type { PlainOptions, TickingView } from '../../../src/views/plain.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { harmless } from '../../../src/views/sink.ts';
import { aCheck, aPlan, aStage, aTask, Screen, Script } from './rig.ts';

function played(
  plan: Plan,
  more: Partial<PlainOptions> = {},
  color = false,
): { script: Script; screen: Screen; view: TickingView } {
  const screen = new Screen();
  screen.color = color;
  const script = new Script(plan);
  const logs = { mono: () => script.mono, readTail: () => 'first line\nsecond line\n', ...more };
  const view = script.watch(plainView(plan, screen, logs));
  return { script, screen, view };
}

const RESUMED = {
  type: 'run.resumed',
  by: 'run-2',
  goesOn: false,
  plan: 'plan-1',
  limits: {},
  watch: { cycles: 1, metrics: {}, labels: [] },
} as const;

test('[B14] a green run is quiet: one line a task, no output, and the verdict last', () => {
  const { script, screen } = played(aPlan({ static: ['types', 'lint'], tests: ['unit'] }));
  script.start({ cycles: '1' }).cycle().pass('types');
  script.pass('lint', { checks: [aCheck('warnings', 41, '<= 50', 9)] });
  script.skipped('unit', 'when exists').endCycle('passed').end(0, 'cycle 1 passed');
  expect(screen.lines).toEqual([
    'gate-run 0.1.0  demo  (limits: 1 cycle of at most 1h, 2 tasks at once, a stop waits 5m)',
    'cycle 1: 3 tasks in 2 phases',
    '── static',
    '✓ types      1.2 s',
    '✓ lint       1.2 s  warnings 41 of 50 (9 left)',
    '── tests',
    '- unit    skipped (when exists)',
    'cycle 1 passed in 2.4 s: 2 passed, 1 skipped',
  ]);
});

test('[B1] the first cause is the last line, and what was cancelled because of it is folded into one', () => {
  const { script, screen } = played(aPlan({ tests: ['a', 'b', 'c', 'late'] }));
  script.start().cycle();
  script.record({ type: 'attempt.started', task: 'b', attempt: 1 });
  script.fail('a', 'lines 78.2 >= 80 (1.8 below)');
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
  script.judge('b', 'broken', { outcome: 'cancelled', reasons: ['cancelled'] });
  script.skipped('c', 'after failure of a', 'a').skipped('late', 'needs a', 'a');
  script.endCycle('failed').end(1, 'cycle 1 failed');
  expect(screen.lines.slice(1)).toEqual([
    'cycle 1: 4 tasks in 1 phase',
    '✗ a          1.2 s  lines 78.2 >= 80 (1.8 below)',
    '  output of a (.gate-run/cycles/000001/tests.a.1.log)',
    '  │ first line',
    '  │ second line',
    '- cancelled because of a: b',
    '- not run because of a: c, late',
    'cycle 1 failed in 1.2 s: 1 failed, 1 cancelled, 2 not run',
    '✗ a  lines 78.2 >= 80 (1.8 below)  (log .gate-run/cycles/000001/tests.a.1.log)',
  ]);
});

test('[B6] a soft failure has its own mark and colour and is counted in the last lines', () => {
  const plan = aPlan({ tests: [aTask('lint', 'tests', { mode: 'soft' }), 'unit'] });
  const { script, screen } = played(plan, { readTail: () => '' }, true);
  script.start().cycle();
  script.attempt('lint', { code: 1 }).judge('lint', 'soft-failed', { reasons: ['exit 1'] });
  script.pass('unit').endCycle('passed').end(0, 'cycle 1 passed');
  const amber = screen.lines
    .filter((line) => line.includes('\u001b[33m'))
    .map((line) => harmless(line, false));
  expect(amber).toEqual([
    '~ lint       1.2 s  soft-failed: exit 1',
    '~ 1 soft failure: lint',
    'cycle 1 passed in 2.4 s: 1 passed, 1 soft-failed',
  ]);
});

test('[B7] value, limit and headroom stand behind a gate that held and one that did not', () => {
  const { script, screen } = played(aPlan({ tests: ['coverage'] }));
  script
    .start()
    .cycle()
    .pass('coverage', {
      checks: [aCheck('lines', 83.1, '>= 80', 3.1), { ...aCheck('edge', 3, '> best', 1), first: true }],
    });
  expect(screen.lines.at(-1)).toBe(
    '✓ coverage     1.2 s  lines 83.1 >= 80 (3.1 above), edge 3 > best (first)',
  );
});

test('[B11] a skipped task names its rule and is never counted as passed', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start().cycle().skipped('unit', '--skip').endCycle('broken').end(3, 'nothing was judged', 'broken');
  expect(screen.lines.slice(-3)).toEqual([
    '- unit    skipped (--skip)',
    'cycle 1 is broken in 0 ms: 1 skipped',
    'nothing was judged',
  ]);
});

test('[B12] retries show their number, and a pass that needed one says so', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start().cycle().attempt('unit', { code: 1 }).attempt('unit', { attempt: 2 }).judge('unit', 'passed');
  script.endCycle('passed').end(0, 'cycle 1 passed');
  expect(screen.lines.slice(2)).toEqual([
    '  unit: attempt 2',
    '✓ unit       2.4 s  passed on attempt 2',
    'cycle 1 passed in 2.4 s: 1 passed (1 not on the first attempt)',
  ]);
});

test('a ladder shows each rung under its gate, and where it was pruned', () => {
  const { script, screen } = played(
    aPlan({ tests: [aTask('sims', 'tests', { stages: [aStage(10), aStage(100), aStage(1000)] })] }),
  );
  script.start().cycle().attempt('sims', { rung: 10, durationMs: 90 });
  script.attempt('sims', { rung: 100, durationMs: 800 }).judge('sims', 'passed', {
    prunedAt: 100,
    reasons: ['pruned at 100: edge 3, not > 300 (297 short)'],
  });
  expect(screen.lines.slice(2)).toEqual([
    '  sims 10      90 ms',
    '  sims 100    800 ms',
    '✓ sims        890 ms  pruned at 100: edge 3, not > 300 (297 short)',
  ]);
});

test('[B14] without a terminal no minute passes in silence, and the heartbeat says what runs and its limit', () => {
  const { script, screen, view } = played(aPlan({ tests: ['unit', 'slow'] }));
  script.start().cycle();
  script.record({ type: 'attempt.started', task: 'slow', attempt: 1 });
  const before = screen.lines.length;
  for (let second = 1; second <= 120; second += 1) {
    script.mono = second * 1000;
    view.tick(script.mono);
  }
  expect(screen.lines.slice(before)).toEqual(['… 50 s: slow 50 s of 10m', '… 1m 40s: slow 1m 40s of 10m']);
});

test('a terminal gets no heartbeat lines', () => {
  const { script, screen, view } = played(aPlan({ tests: ['slow'] }));
  screen.isTerminal = true;
  script.start().cycle();
  const before = screen.text;
  view.tick(3_600_000);
  expect(screen.text).toBe(before);
});

test('[B14] the output of a failure is bounded to its last sixty lines, and a line to two thousand characters of its beginning and its end', () => {
  const log = [...Array.from({ length: 100 }, (_, line) => `line ${line}`), `${'x'.repeat(5000)} end`].join(
    '\n',
  );
  const { script, screen } = played(aPlan({ tests: ['unit'] }), { readTail: () => log });
  script.start().cycle().fail('unit', 'exit 1');
  const shown = screen.lines.filter((line) => line.startsWith('  │ '));
  expect(shown).toHaveLength(60);
  expect(shown[0]).toBe('  │ line 41');
  expect(shown.at(-1)).toMatch(/^  │ x{1500} … x{496} end$/);
});

test('[B14] after twenty failures with output, the next ones name their log only', () => {
  const ids = Array.from({ length: 25 }, (_, index) => `t${index}`);
  const { script, screen } = played(aPlan({ tests: ids }));
  script.start().cycle();
  for (const id of ids) script.fail(id, 'exit 1');
  expect(screen.lines.filter((line) => line === '  │ first line')).toHaveLength(20);
  expect(screen.lines.at(-1)).toBe('  output in .gate-run/cycles/000001/tests.t24.1.log');
});

test('output of a task cannot move the cursor, ring the bell or set the title', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }), {
    readTail: () => '\u001b[2J\u001b]0;owned\u0007\u001b[31mred\u001b[0m\u0007\rnext\u009b',
  });
  script.start().cycle().fail('unit', 'exit 1');
  expect(screen.lines.filter((line) => line.startsWith('  │'))).toEqual(['  │ red', '  │ next']);
});

test('[B4] colours of a task reach a screen that shows colours, and are closed at each line end', () => {
  const { script, screen } = played(
    aPlan({ tests: ['unit'] }),
    { readTail: () => '\u001b[2J\u001b[31mred\nstill red' },
    true,
  );
  script.start().cycle().fail('unit', 'exit 1');
  expect(screen.text).toContain('\u001b[31mred\u001b[0m\n');
  expect(screen.text).not.toContain('\u001b[2J');
});

test('a failure that printed nothing says so', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }), {
    readTail: () => '# gate-run 2026 run r: unit\n',
  });
  script.start().cycle().fail('unit', 'exit 1');
  expect(screen.lines.at(-1)).toBe('  no output (.gate-run/cycles/000001/tests.unit.1.log)');
});

test('a stop, a slept machine, a torn tail and a note are said aloud', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start();
  script.record({ type: 'recovered', file: 'history.jsonl', bytes: 37, aside: 'history.jsonl.torn' });
  script.record({ ...RESUMED, interrupted: ['unit#1'] });
  script.record({ type: 'suspended', gapMs: 7_200_000 });
  script.record({ type: 'noted', what: 'view junit failed: EACCES' });
  script.record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  script.record({ type: 'stop.seen', by: 'file', now: true });
  script.record({ type: 'storage.failed', code: 'ENOSPC', what: 'writing history.jsonl' });
  expect(screen.lines).toEqual([
    '! 37 bytes of a torn line were cut off history.jsonl and kept in history.jsonl.torn',
    'the run before this one has no end; interrupted: unit',
    'the machine slept for 2h 0m; no stall counts it',
    '! view junit failed: EACCES',
    'stopping (SIGTERM): nothing is running',
    'stopping now (the stop file): running tasks are ended',
    '! storage failed (ENOSPC): writing history.jsonl',
  ]);
});

test('[B15] a run that is closed in the middle of a cycle still says how far it came', () => {
  const { script, screen } = played(aPlan({ tests: ['unit', 'slow'] }));
  script.start().cycle().fail('unit', 'exit 1').close();
  expect(screen.lines.slice(-2)).toEqual([
    'cycle 1 is under way: 1 failed',
    '✗ unit  exit 1  (log .gate-run/cycles/000001/tests.unit.1.log)',
  ]);
});

test('a loop sums each cycle up before the next one begins', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start().cycle(1).pass('unit').endCycle('passed').cycle(2).pass('unit').endCycle('passed');
  script.end(0, 'two cycles passed');
  expect(screen.lines.slice(1)).toEqual([
    'cycle 1: 1 task in 1 phase',
    '✓ unit       1.2 s',
    'cycle 1 passed in 1.2 s: 1 passed',
    'cycle 2: 1 task in 1 phase',
    '✓ unit       1.2 s',
    'cycle 2 passed in 1.2 s: 1 passed',
    'two cycles passed',
  ]);
});

test('[B1] the last line carries the words of the output that say what went wrong', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start().cycle().attempt('unit', { code: 1, excerpt: 'AssertionError: expected 1 to be 2' });
  script
    .judge('unit', 'failed', { reasons: ['exit 1'] })
    .endCycle('failed')
    .end(1, 'the cycle failed');
  expect(screen.lines.at(-1)).toBe(
    '✗ unit  exit 1: AssertionError: expected 1 to be 2  (log .gate-run/cycles/000001/tests.unit.1.log)',
  );
});

test('a quiet run says what went wrong and the last lines, nothing else', () => {
  const { script, screen } = played(aPlan({ static: ['types'], tests: ['unit', 'e2e'] }), {
    detail: 'quiet',
  });
  script.start().cycle().pass('types').fail('unit', 'exit 1').skipped('e2e', 'when exists');
  script.endCycle('failed').end(1, 'the cycle failed');
  expect(screen.lines).toEqual([
    '── tests',
    '✗ unit       1.2 s  exit 1',
    '  output of unit (.gate-run/cycles/000001/tests.unit.1.log)',
    '  │ first line',
    '  │ second line',
    'cycle 1 failed in 2.4 s: 1 passed, 1 failed, 1 skipped',
    '✗ unit  exit 1  (log .gate-run/cycles/000001/tests.unit.1.log)',
  ]);
});

test('a green quiet run is one line', () => {
  const { script, screen, view } = played(aPlan({ tests: ['unit'] }), { detail: 'quiet' });
  script.start().cycle().pass('unit');
  view.tick(600_000);
  script.endCycle('passed').end(0, 'the cycle passed');
  expect(screen.lines).toEqual(['cycle 1 passed in 1.2 s: 1 passed']);
});

test('a run that shows everything shows the output of what passed too', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }), { detail: 'whole' });
  script.start().cycle().pass('unit');
  expect(screen.lines.slice(-2)).toEqual(['  │ first line', '  │ second line']);
});

test('the end of a run that a crash left open is told apart from the run that begins', () => {
  const { script, screen } = played(aPlan({ tests: ['unit'] }));
  script.start().cycle(1).pass('unit');
  script.record({ ...RESUMED, interrupted: ['unit#1'] }).endCycle('interrupted');
  script.start().cycle(2).pass('unit').endCycle('passed').end(0, 'the cycle passed');
  expect(screen.lines.slice(-4)).toEqual([
    'gate-run 0.1.0  demo',
    'cycle 2: 1 task in 1 phase',
    '✓ unit       1.2 s',
    'cycle 2 passed in 1.2 s: 1 passed',
  ]);
});

test('what is said of a task that is still under way stands under the heading of its phase', () => {
  const { script, screen } = played(aPlan({ static: ['types'], tests: ['sims'] }));
  script.start().cycle().pass('types');
  script.record({ type: 'attempt.started', task: 'sims', rung: 10, attempt: 1 });
  script.record({
    type: 'attempt.ended',
    task: 'sims',
    rung: 10,
    attempt: 1,
    end: { code: 0 },
    durationMs: 90,
    bytes: 1,
  });
  script.record({ type: 'attempt.started', task: 'sims', rung: 100, attempt: 1 });
  script.record({ type: 'attempt.quiet', task: 'sims', rung: 100, attempt: 1, quietMs: 5000 });
  expect(screen.lines.slice(2)).toEqual([
    '── static',
    '✓ types      1.2 s',
    '── tests',
    '  sims 10     90 ms',
    '  sims: silent for 5 s',
  ]);
});
