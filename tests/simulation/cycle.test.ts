import { expect, test } from 'vitest';
import type { TaskPlan } from '../../src/core/plan/plan.ts';
import { gate, phase, plan, step } from '../unit/plan-builder.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import { play, type Act } from './scene.ts';

const FAILS: Act = { end: { code: 1 } };
const STOP = { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false } as const;
const FORCE = { type: 'stop.seen', by: 'signal', signal: 'SIGINT', now: true } as const;

const SCORE: TaskPlan['metrics'][number] = {
  name: 'score',
  source: { reader: 'regex', pattern: '(?<value>\\d+)', in: { stream: 'output' } },
  better: 'higher',
  bounds: undefined,
  unit: undefined,
};

function atLeast(offset: number): TaskPlan['thresholds'][number] {
  const require = { text: `>= ${offset}`, operator: '>=', reference: 'value', offset } as const;
  return { metric: 'score', require, want: undefined, failOnMissing: false };
}

test('phases run in order, steps before gates, gates side by side', async () => {
  const two = plan([
    phase('one', [step('s1'), step('s2'), gate('g1'), gate('g2')]),
    phase('two', [gate('g3')]),
  ]);
  const { events, started, exit } = await play(two);
  expect(started).toEqual(['s1', 's2', 'g1', 'g2', 'g3']);
  const moments = events.flatMap((event) => (event.type === 'attempt.started' ? [event.mono] : []));
  expect(moments).toEqual([0, 100, 200, 200, 300]);
  expect(exit).toBe(0);
});

test('no more attempts run at once than jobs allow', async () => {
  const gates = ['a', 'b', 'c', 'd', 'e'].map((id) => gate(id));
  const { events } = await play(plan([phase('one', gates, { jobs: 2 })]));
  const moments = events.flatMap((event) => (event.type === 'attempt.started' ? [event.mono] : []));
  expect(moments).toEqual([0, 0, 100, 100, 200]);
});

test('[B13] finish-running lets what runs end and starts nothing more', async () => {
  const gates = [gate('bad'), gate('long'), gate('late')];
  const { verdicts, exit, cycle } = await play(plan([phase('one', gates, { jobs: 2 })]), {
    acts: { bad: FAILS, long: { afterMs: 500 } },
  });
  expect(verdicts).toEqual({ bad: 'failed', long: 'passed', late: 'skipped' });
  expect(cycle?.tasks.find((task) => task.id === 'late')?.reasons).toEqual(['after failure of bad']);
  expect(exit).toBe(1);
});

test('an attempt that the signal of the stop ended as well was stopped: not judged, not retried, no question', async () => {
  const retry = { limit: 3, when: [], delayMs: 0, factor: 1 };
  const gates = [
    gate('signal', { retry }),
    gate('shell', { exits: [{ codes: [143], means: 'broken' }] }),
    gate('judges', { judges: 'signal', needs: ['signal'], command: undefined }),
  ];
  const { events, verdicts, cycle, exit, started } = await play(plan([phase('one', gates, { jobs: 2 })]), {
    acts: { signal: { end: { signal: 'SIGTERM' } }, shell: { end: { code: 143 } } },
    facts: [[99, STOP]],
  });
  expect(verdicts).toEqual({ signal: 'skipped', shell: 'skipped', judges: 'skipped' });
  expect(cycle?.tasks).toMatchObject([
    { outcome: 'cancelled', reasons: ['stopped'] },
    { outcome: 'cancelled', reasons: ['stopped'] },
    { reasons: ['stopped'] },
  ]);
  expect(cycle?.verdict).toBe('stopped');
  expect(started).toEqual(['signal', 'shell']);
  expect(events.some(({ type }) => type === 'question.opened')).toBe(false);
  expect(exit).toBe(6);
});

test.each([
  ['by another signal than the stop', { signal: 'SIGINT' }, 50],
  ['before the stop came', { signal: 'SIGTERM' }, 150],
])('an attempt that ended %s is judged', async (_, end, stopMs) => {
  const gates = [gate('killed'), gate('long', { needs: [] })];
  const { cycle } = await play(plan([phase('one', gates, { jobs: 2 })]), {
    acts: { killed: { end }, long: { afterMs: 300 } },
    facts: [[stopMs, STOP]],
  });
  expect(cycle?.tasks).toMatchObject([{ verdict: 'broken', outcome: 'killed' }, { verdict: 'passed' }]);
});

test('a time limit that ended an attempt while a stop by TERM was under way is its own', async () => {
  const { cycle } = await play(plan([phase('one', [gate('slow', { timeoutMs: 200 })])]), {
    acts: { slow: { afterMs: 'never' } },
    facts: [[100, STOP]],
  });
  expect(cycle?.tasks).toMatchObject([{ verdict: 'broken', outcome: 'timed-out' }]);
});

test('[B13] keep-going starts everything but the dependents', async () => {
  const gates = [
    gate('bad'),
    gate('other'),
    gate('child', { needs: ['bad'] }),
    gate('grandchild', { needs: ['child'] }),
  ];
  const { verdicts, cycle } = await play(plan([phase('one', gates, { jobs: 1, policy: 'keep-going' })]), {
    acts: { bad: FAILS },
  });
  expect(verdicts).toEqual({ bad: 'failed', other: 'passed', child: 'skipped', grandchild: 'skipped' });
  expect(cycle?.tasks.at(-1)?.because).toBe('bad');
  expect(cycle?.verdict).toBe('failed');
});

test('[B13] [B1] kill ends the running siblings, which are cancelled because of the first failure', async () => {
  const gates = [gate('bad'), gate('long'), gate('late')];
  const { verdicts, cycle, clock } = await play(plan([phase('one', gates, { jobs: 2, policy: 'kill' })]), {
    acts: { bad: FAILS, long: { afterMs: 'never' } },
  });
  expect(verdicts).toEqual({ bad: 'failed', long: 'skipped', late: 'skipped' });
  const long = cycle?.tasks.find((task) => task.id === 'long');
  expect(long).toMatchObject({ outcome: 'cancelled', because: 'bad', reasons: ['cancelled because of bad'] });
  expect(cycle).toMatchObject({ verdict: 'failed', cause: 'bad' });
  expect(clock.now().mono).toBe(110);
});

test('a phase that is always run comes after a failure, others do not', async () => {
  const three = plan([
    phase('one', [gate('bad')]),
    phase('two', [gate('never')], { number: 2 }),
    phase('three', [step('clean')], { number: 3, always: true }),
  ]);
  const { started, cycle } = await play(three, { acts: { bad: FAILS } });
  expect(started).toEqual(['bad', 'clean']);
  expect(cycle?.verdict).toBe('failed');
});

test('a step that fails makes the cycle broken', async () => {
  const { cycle, exit } = await play(plan([phase('one', [step('s'), gate('g')])]), { acts: { s: FAILS } });
  expect(cycle).toMatchObject({ verdict: 'broken', cause: 's' });
  expect(exit).toBe(3);
});

test('a soft gate that fails lets the cycle continue and pass', async () => {
  const { cycle, exit, verdicts } = await play(
    plan([phase('one', [gate('soft', { mode: 'soft' }), gate('g', { needs: ['soft'] })])]),
    {
      acts: { soft: FAILS },
    },
  );
  expect(verdicts).toEqual({ soft: 'soft-failed', g: 'passed' });
  expect(cycle?.verdict).toBe('passed');
  expect(exit).toBe(0);
});

test('a soft gate that is broken makes the cycle broken, and is needed in vain', async () => {
  const gates = [gate('soft', { mode: 'soft' }), gate('g', { needs: ['soft'] })];
  const { cycle, verdicts } = await play(plan([phase('one', gates)]), {
    acts: { soft: { end: { signal: 'SIGSEGV' } } },
  });
  expect(verdicts).toEqual({ soft: 'broken', g: 'skipped' });
  expect(cycle?.verdict).toBe('broken');
});

test('--fail-on soft turns a soft failure into exit 1', async () => {
  const failing = plan([phase('one', [gate('soft', { mode: 'soft' }), gate('g')])], { failOn: 'soft' });
  expect((await play(failing, { acts: { soft: FAILS } })).exit).toBe(1);
  expect((await play(failing)).exit).toBe(0);
});

test('[B12] one retry rule over causes, with delay, factor and the number of the attempt', async () => {
  const retry = { limit: 2, when: ['timeout', 'exit.75'], delayMs: 1000, factor: 3 };
  const flaky = plan([phase('one', [gate('g', { retry, timeoutMs: 500 })])]);
  const { events, started, cycle } = await play(flaky, {
    acts: { 'g.1': { end: { code: 75 } }, 'g.2': { afterMs: 'never' }, 'g.3': {} },
  });
  expect(started).toEqual(['g', 'g#2', 'g#3']);
  const moments = events.flatMap((event) => (event.type === 'attempt.started' ? [event.mono] : []));
  expect(moments).toEqual([0, 1100, 1100 + 510 + 3000]);
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'passed', attempts: 3, flaky: true });
});

test('a cause that is not named is not tried again', async () => {
  const retry = { limit: 2, when: ['timeout'], delayMs: 0, factor: 1 };
  const { started, verdicts } = await play(plan([phase('one', [gate('g', { retry })])]), {
    acts: { g: FAILS },
  });
  expect(started).toEqual(['g']);
  expect(verdicts).toEqual({ g: 'failed' });
});

test('[A13] a timeout is enforced from outside, TERM first and KILL after the grace period, and is no failure but broken', async () => {
  const { events, cycle } = await play(
    plan([phase('one', [gate('g', { timeoutMs: 1000, killAfterMs: 200 })])]),
    {
      acts: { g: { afterMs: 'never', term: 'ignored' } },
    },
  );
  const stops = events.flatMap((event) =>
    event.type === 'attempt.stopping' ? [[event.signal, event.mono]] : [],
  );
  expect(stops).toEqual([
    ['TERM', 1000],
    ['KILL', 1200],
  ]);
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'broken', outcome: 'timed-out' });
});

test('an attempt that ends with 0 after its timeout was recorded has timed out all the same', async () => {
  const { cycle } = await play(plan([phase('one', [gate('g', { timeoutMs: 100 })])]), {
    acts: { g: { afterMs: 105, term: 'ignored' } },
  });
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'broken', outcome: 'timed-out' });
});

test('[A4] a stall is warned of, then ends the attempt', async () => {
  const stall = { warnMs: 100, killMs: 300 } as const;
  const { events, cycle } = await play(plan([phase('one', [gate('g', { stall })])]), {
    acts: { g: { afterMs: 'never', quietAtMs: [100, 300] } },
  });
  const stops = events.flatMap((event) =>
    event.type === 'attempt.stopping' ? [[event.cause, event.mono]] : [],
  );
  expect(stops).toEqual([['stall', 300]]);
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'broken', outcome: 'stalled' });
});

test('the limit of a phase ends what runs in it and lets nothing more start', async () => {
  const one = phase('one', [gate('a'), gate('b'), gate('c')], { jobs: 1, timeoutMs: 250 });
  const { verdicts, cycle } = await play(plan([one]), { acts: { b: { afterMs: 1000 } } });
  expect(verdicts).toEqual({ a: 'passed', b: 'broken', c: 'skipped' });
  expect(cycle?.verdict).toBe('broken');
});

test('the limit of the cycle spares the phases that are always run', async () => {
  const two = plan(
    [
      phase('one', [gate('a'), gate('b')], { jobs: 1 }),
      phase('two', [step('clean')], { number: 2, always: true }),
    ],
    { cycleTimeoutMs: 150 },
  );
  const { verdicts } = await play(two, { acts: { b: { afterMs: 1000 } } });
  expect(verdicts).toEqual({ a: 'passed', b: 'broken', clean: 'passed' });
});

test('a ladder climbs while its rungs pass and earn it', async () => {
  const stages = [10, 100, 1000].map((count) => ({
    count,
    timeoutMs: 'never' as const,
    thresholds: [],
    promote: count === 100 ? [atLeast(50)] : [],
  }));
  const ladder = gate('sims', { metrics: [SCORE], thresholds: [atLeast(0)], stages });
  const whole = await play(plan([phase('one', [ladder])]), { acts: { sims: { score: 60 } } });
  expect(whole.started).toEqual(['sims@10', 'sims@100', 'sims@1000']);
  expect(whole.cycle?.tasks[0]).toMatchObject({
    verdict: 'passed',
    rung: 1000,
    rungs: { 10: { score: 60 }, 100: { score: 60 } },
  });
  const pruned = await play(plan([phase('one', [ladder])]), { acts: { sims: { score: 40 } } });
  expect(pruned.started).toEqual(['sims@10', 'sims@100']);
  expect(pruned.cycle?.tasks[0]).toMatchObject({ verdict: 'passed', prunedAt: 100 });
  const failed = await play(plan([phase('one', [ladder])]), { acts: { sims: { score: -1 } } });
  expect(failed.started).toEqual(['sims@10']);
  expect(failed.cycle?.tasks[0]).toMatchObject({ verdict: 'failed' });
});

test('a metric that never came is broken, and no number stands in for it', async () => {
  const one = plan([phase('one', [gate('g', { metrics: [SCORE], thresholds: [atLeast(0)] })])]);
  const { cycle } = await play(one, {
    acts: { g: { score: { unread: 'missing', detail: 'metric `score` was not found' } } },
  });
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'broken', metrics: {} });
});

test('a gate judges the evidence of another one without running anything', async () => {
  const judge = gate('judge', {
    command: undefined,
    judges: 'tests',
    needs: ['tests'],
    metrics: [SCORE],
    thresholds: [atLeast(80)],
  });
  const { started, verdicts } = await play(plan([phase('one', [gate('tests'), judge])]), {
    acts: { tests: { score: 70 } },
  });
  expect(started).toEqual(['tests']);
  expect(verdicts).toEqual({ tests: 'passed', judge: 'failed' });
});

test('[B11] a task whose condition is not met is skipped with the key that decided', async () => {
  const when = { every: undefined, passed: [], failed: [], asks: [{ key: 'exists', paths: ['x'] }] } as const;
  const { cycle, exit } = await play(plan([phase('one', [gate('maybe', { when }), gate('g')])]), {
    unmet: { maybe: 'exists' },
  });
  expect(cycle?.tasks[0]).toMatchObject({ verdict: 'skipped', reasons: ['when exists'] });
  expect(exit).toBe(0);
});

test('[B11] a cycle in which no gate was judged is broken, not green', async () => {
  const when = { every: undefined, passed: [], failed: [], asks: [{ key: 'exists', paths: ['x'] }] } as const;
  const { cycle, exit } = await play(plan([phase('one', [gate('only', { when })])]), {
    unmet: { only: 'exists' },
  });
  expect(cycle?.verdict).toBe('broken');
  expect(exit).toBe(3);
});

test('`passed: ["*"]` holds only when everything judged so far has passed', async () => {
  const when = { every: undefined, passed: ['*'], failed: [], asks: [] };
  const two = plan([
    phase('one', [gate('a', { mode: 'soft' }), gate('b')]),
    phase('two', [step('commit', { when })], { number: 2 }),
  ]);
  expect((await play(two)).started).toContain('commit');
  expect((await play(two, { acts: { a: FAILS } })).started).not.toContain('commit');
});

test('`failed` holds when one of the named tasks failed', async () => {
  const when = { every: undefined, passed: [], failed: ['a'], asks: [] };
  const two = plan([
    phase('one', [gate('a', { mode: 'soft' })]),
    phase('two', [step('mend', { when })], { number: 2 }),
  ]);
  expect((await play(two, { acts: { a: FAILS } })).started).toContain('mend');
  expect((await play(two)).started).not.toContain('mend');
});

test('`every` lets a task run in each n-th cycle only', async () => {
  const when = { every: 2, passed: [], failed: [], asks: [] };
  const one = plan([phase('one', [gate('rare', { when }), gate('g')])]);
  const first = await play(one);
  const second = await play(one, { disk: first.disk, run: 'run-2' });
  expect([first.started, second.started]).toEqual([['rare', 'g'], ['g']]);
});

test('a graceful stop lets the running tasks end and runs what is always run', async () => {
  const two = plan([
    phase('one', [gate('a'), gate('b')], { jobs: 1 }),
    phase('two', [step('clean')], { number: 2, always: true }),
  ]);
  const { verdicts, exit, cycle } = await play(two, { facts: [[50, STOP]] });
  expect(verdicts).toEqual({ a: 'passed', b: 'skipped', clean: 'passed' });
  expect(cycle?.verdict).toBe('stopped');
  expect(exit).toBe(6);
});

test('a graceful stop waits no longer than stop-within', async () => {
  const one = plan([phase('one', [gate('a')])], { stopWithinMs: 1000 });
  const { events, exit } = await play(one, { acts: { a: { afterMs: 'never' } }, facts: [[50, STOP]] });
  expect(events.find((event) => event.type === 'attempt.stopping')).toMatchObject({
    mono: 1050,
    cause: 'stop',
  });
  expect(exit).toBe(6);
});

test('a second signal ends everything at once and starts nothing, not even what is always run', async () => {
  const two = plan([phase('one', [gate('a')]), phase('two', [step('clean')], { number: 2, always: true })]);
  const { started, exit } = await play(two, {
    acts: { a: { afterMs: 'never' } },
    facts: [
      [50, STOP],
      [60, FORCE],
    ],
  });
  expect(started).toEqual(['a']);
  expect(exit).toBe(143);
});

test('a stop that came too late changes nothing of the cycle', async () => {
  const { cycle, exit } = await play(plan([phase('one', [gate('a')])]), { facts: [[50, STOP]] });
  expect(cycle?.verdict).toBe('passed');
  expect(exit).toBe(6);
});

test('the phases at the start run once, before the first cycle, and end the run with 3 when a strict gate fails', async () => {
  const two = plan([
    phase('ready', [gate('tool')], { at: 'start' }),
    phase('one', [gate('g')], { number: 2 }),
  ]);
  expect((await play(two)).started).toEqual(['tool', 'g']);
  const failing = await play(two, { acts: { tool: FAILS } });
  expect(failing.started).toEqual(['tool']);
  expect(failing.exit).toBe(3);
});

test('the phases at the end run once and change no exit code', async () => {
  const two = plan([phase('one', [gate('g')]), phase('bye', [step('tidy')], { number: 2, at: 'end' })]);
  const { started, exit } = await play(two, { acts: { tidy: FAILS } });
  expect(started).toEqual(['g', 'tidy']);
  expect(exit).toBe(0);
});

test('[A7] a failure opens one question; its repeat is counted; its pass closes it', async () => {
  const one = plan([phase('one', [gate('g')])]);
  const first = await play(one, { acts: { g: FAILS } });
  const second = await play(one, { acts: { g: FAILS }, disk: first.disk, run: 'run-2' });
  const third = await play(one, { disk: first.disk, run: 'run-3' });
  const opened = first.events.find((event) => event.type === 'question.opened');
  expect(opened).toMatchObject({ task: 'g', cycle: 1 });
  expect(second.events.some((event) => event.type === 'question.opened')).toBe(false);
  expect([...(second.progress?.questions.values() ?? [])]).toMatchObject([{ seen: 2, closedAt: undefined }]);
  expect(third.events.some((event) => event.type === 'question.closed')).toBe(true);
});

test('a phase that is always run and is over does not lend its rights to the phase behind it', async () => {
  const retry = { limit: 3, when: [], delayMs: 10, factor: 1 };
  const two = plan([
    phase('one', [step('first')], { always: true }),
    phase('two', [gate('flaky', { retry })], { number: 2 }),
  ]);
  const { started } = await play(two, { acts: { flaky: FAILS }, facts: [[150, STOP]] });
  expect(started).toEqual(['first', 'flaky']);
});

test('a task whose words name a metric that nobody measured is not started with a hole in them', async () => {
  const measure = gate('measure', { metrics: [SCORE], leftOut: '--skip' });
  const use = gate('use', { command: { kind: 'argv', argv: ['tool', '{{metrics.score}}'] } });
  const { cycle, exit } = await play(plan([phase('one', [measure, use])]));
  expect(cycle?.tasks[1]).toMatchObject({ verdict: 'broken', outcome: 'not-started' });
  expect(cycle?.tasks[1]?.reasons[0]).toContain('`{{metrics.score}}` has no value in this cycle');
  expect(exit).toBe(3);
});

test('a rung of a ladder can be named by the tasks behind it', async () => {
  const stages = [10, 100].map((count) => ({
    count,
    timeoutMs: 'never' as const,
    thresholds: [],
    promote: [],
  }));
  const sims = gate('sims', { metrics: [SCORE], stages });
  const use = gate('use', {
    needs: ['sims'],
    command: { kind: 'argv', argv: ['tool', '{{metrics.sims.10.score}}'] },
  });
  const { verdicts } = await play(plan([phase('one', [sims, use])]), { acts: { sims: { score: 5 } } });
  expect(verdicts).toEqual({ sims: 'passed', use: 'passed' });
});

test('a missed want on a lower rung does not keep a strict ladder from climbing', async () => {
  const want = { text: '>= 90', operator: '>=', reference: 'value', offset: 90 } as const;
  const stages = [10, 100].map((count) => ({
    count,
    timeoutMs: 'never' as const,
    thresholds: [],
    promote: [],
  }));
  const thresholds = [{ metric: 'score', require: undefined, want, failOnMissing: false }];
  const sims = gate('sims', { metrics: [SCORE], thresholds, stages });
  const { started, verdicts } = await play(plan([phase('one', [sims])]), { acts: { sims: { score: 5 } } });
  expect(started).toEqual(['sims@10', 'sims@100']);
  expect(verdicts).toEqual({ sims: 'soft-failed' });
});

const ASKS: TaskPlan['when'] = {
  every: undefined,
  passed: [],
  failed: [],
  asks: [{ key: 'exists', paths: ['x'] }],
};

test('what cleans up is asked about and started after a graceful stop as well', async () => {
  const two = plan([
    phase('one', [gate('a')]),
    phase('two', [step('clean', { when: ASKS })], { number: 2, always: true }),
  ]);
  const { started } = await play(two, { facts: [[50, STOP]] });
  expect(started).toEqual(['a', 'clean']);
});

test('[B13] an answer that comes after a strict failure starts nothing under finish-running', async () => {
  const gates = [gate('bad'), gate('asked', { when: ASKS })];
  const { started } = await play(plan([phase('one', gates)]), { acts: { bad: { ...FAILS, afterMs: 0 } } });
  expect(started).toEqual(['bad']);
});

test('a start phase whose gates are all left out lets the cycles begin', async () => {
  const two = plan([
    phase('ready', [gate('tool', { leftOut: '--only' })], { at: 'start' }),
    phase('one', [gate('g')], { number: 2 }),
  ]);
  expect((await play(two)).exit).toBe(0);
  const asked = plan([
    phase('ready', [gate('tool', { when: ASKS })], { at: 'start' }),
    phase('one', [gate('g')], { number: 2 }),
  ]);
  expect((await play(asked, { unmet: { tool: 'exists' } })).exit).toBe(0);
});

test('globs of `passed` and `failed` speak of what comes before the task, in its own phase too', async () => {
  const when = { every: undefined, passed: ['*'], failed: [], asks: [] };
  const one = plan([phase('one', [gate('a'), gate('b', { needs: ['last'] }), gate('last', { when })])]);
  expect((await play(one)).started).toEqual(['a', 'last', 'b']);
  expect((await play(one, { acts: { a: FAILS } })).started).toEqual(['a']);
  const mend = gate('mend', { when: { ...when, passed: [], failed: ['lint-*'] } });
  const two = plan([phase('one', [gate('lint-a', { mode: 'soft' }), mend])]);
  expect((await play(two, { acts: { 'lint-a': FAILS } })).started).toEqual(['lint-a', 'mend']);
});

test('a task skipped by its exit code does not spoil `passed`', async () => {
  const when = { every: undefined, passed: ['*'], failed: [], asks: [] };
  const exits = [{ codes: [77], means: 'skipped' }] as const;
  const one = plan([phase('one', [gate('a', { exits }), gate('b'), gate('last', { when })])]);
  expect((await play(one, { acts: { a: { end: { code: 77 } } } })).started).toContain('last');
});

test('a gate that judges a task which was left out is left out with it', async () => {
  const judge = gate('judge', { command: undefined, judges: 'tests', needs: ['tests'], metrics: [SCORE] });
  const one = plan([phase('one', [gate('tests', { when: ASKS }), judge, gate('g')])]);
  const { cycle, exit } = await play(one, { unmet: { tests: 'exists' } });
  expect(cycle?.tasks[1]).toMatchObject({ verdict: 'skipped', reasons: ['when exists'] });
  expect(exit).toBe(0);
});

test('what stands at the end runs after a graceful stop too', async () => {
  const two = plan([phase('one', [gate('a')]), phase('bye', [step('tidy')], { number: 2, at: 'end' })]);
  const { started, exit } = await play(two, { facts: [[50, STOP]] });
  expect(started).toEqual(['a', 'tidy']);
  expect(exit).toBe(6);
});

test('a record that is refused is no reason to wait for what has already ended', async () => {
  const one = plan([phase('one', [gate('a')])]);
  const calm = await play(one);
  const size = calm.disk.size('/state/cycles/000001/events.jsonl') ?? 0;
  const { failure, clock } = await play(one, { faults: { ...NO_FAULTS, capacity: size } });
  expect(failure).toBe('ENOSPC');
  expect(clock.now().mono).toBeLessThan(1000);
});
