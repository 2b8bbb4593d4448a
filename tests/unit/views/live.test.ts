// The terminal view with the real listr2, drawn into a small terminal that understands the few sequences we send.

import { afterEach, expect, test, vi } from 'vitest';
import { liveView } from '../../../src/views/live.ts';
import { plainView } from '../../../src/views/plain.ts';
import type { PlainOptions } from '../../../src/views/plain.ts';
import type { Plan } from '../../../src/core/plan/plan.ts';
import { aLoop, aPlan, aTask, Screen, Script } from './rig.ts';
import { Terminal } from './terminal.ts';

afterEach(() => {
  vi.useRealTimers();
});

interface Shown {
  readonly script: Script;
  readonly terminal: Terminal;
  readonly plain: Screen;
  /** Lets scripted time pass, and with it the frames. */
  readonly pass: (ms: number) => Promise<void>;
}

/** Loaded once up front, so that the dynamic import inside the view is a matter of microtasks. */
await import('../../../src/views/terminal.ts');

function shown(plan: Plan, size = { columns: 60, rows: 16 }, more: Partial<PlainOptions> = {}): Shown {
  vi.useFakeTimers();
  const terminal = new Terminal(size.columns, size.rows);
  const plain = new Screen();
  plain.isTerminal = true;
  const script = new Script(plan);
  const options = { mono: () => script.mono, readTail: () => 'first\nsecond\n', ...more };
  script.watch(liveView(plan, terminal, options));
  script.watch(plainView(plan, plain, options));
  const pass = async (ms: number) => {
    script.mono += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  return { script, terminal, plain, pass };
}

test('[B17] under the finished lines a small region says the phase, what runs, for how long and of how much', async () => {
  const { script, terminal, pass } = shown(aPlan({ checks: ['types', 'lint', 'unit'] }));
  script.start().cycle().pass('types');
  script.record({ type: 'attempt.started', task: 'lint', attempt: 1 });
  script.record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  await pass(1500);
  expect(terminal.visible()).toEqual([
    'gate-run 0.1.0  demo',
    'cycle 1: 3 tasks in 1 phase',
    '✓ types      1.2 s',
    expect.stringMatching(/^. cycle 1 · checks {2}1 of 3 done, 2.7 s$/),
    expect.stringMatching(/^. lint 1.5 s of 10m$/),
    '  › second',
    expect.stringMatching(/^. unit 1.5 s of 10m$/),
    '  › second',
  ]);
});

test('[B3] every finished line ends in the scrollback exactly once, byte for byte what the plain view writes', async () => {
  const ids = Array.from({ length: 200 }, (_, index) => `task-${index}`);
  const { script, terminal, plain, pass } = shown(aPlan({ checks: ids }));
  script.start().cycle();
  await pass(300);
  for (const [index, id] of ids.entries()) {
    if (index % 17 === 3) script.fail(id, 'exit 1');
    else script.pass(id);
    if (index % 7 === 0) await pass(150);
  }
  script.endCycle('failed').end(1, 'the cycle failed');
  await pass(0);
  expect(terminal.all()).toEqual(plain.lines);
});

test('[B17] the region never holds the plan: a thousand tasks leave it as small as ten, and it fits a low screen', async () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `t${index}`);
  const { script, terminal, pass } = shown(aPlan({ checks: ids }), { columns: 40, rows: 10 });
  script.start().cycle();
  for (const id of ids.slice(0, 60)) script.record({ type: 'attempt.started', task: id, attempt: 1 });
  await pass(2000);
  const region = terminal.visible().slice(2);
  expect(region.length).toBeLessThanOrEqual(8);
  expect(region.at(-1)).toMatch(/^. 57 more running$/);
});

test('a task that waits for a lock stands behind what runs, with who has it', async () => {
  const { script, terminal, pass } = shown(aPlan({ checks: ['lint', 'deploy'] }), { columns: 100, rows: 16 });
  const holder = { run: 'r-2', task: 'migrate', pid: 42 };
  script.start().cycle();
  script.record({ type: 'attempt.started', task: 'lint', attempt: 1 });
  script.record({ type: 'task.locking', task: 'deploy', locks: ['db'] });
  script.record({ type: 'task.waiting', task: 'deploy', lock: 'db', holder });
  await pass(1500);
  const lines = terminal.visible();
  expect(lines).toContain(
    '  deploy: waits for the lock `db`, which task migrate of run r-2 (process 42) has',
  );
  expect(lines.at(-1)).toMatch(
    /^. waiting: deploy 1\.5 s of 10m for the lock `db`: task migrate of run r-2 \(process 42\) has it$/,
  );
});

test('under a search the region names the champion that is to be beaten', async () => {
  const plan = aPlan({ checks: ['sims'] });
  const measure = { metric: 'edge', key: 'sims.edge', better: 'higher', measuredBy: '0' } as const;
  const objective = { ...measure, task: 'sims', name: 'edge', minDelta: 0, count: undefined };
  const { script, terminal, pass } = shown({ ...plan, objective }, { columns: 90, rows: 16 });
  const crown = {
    type: 'champion.chosen',
    ...measure,
    cycle: 7,
    value: 412.3,
    plan: 'p',
    metrics: {},
    labels: {},
    why: '',
  } as const;
  script.start().record(crown).record({ type: 'champion.kept', cycle: 7, files: 1, bytes: 1 });
  script.cycle(8).record({ type: 'attempt.started', task: 'sims', attempt: 1 });
  await pass(1000);
  expect(terminal.visible().join('\n')).toMatch(/(?<!new )champion of cycle 7: edge 412\.3/);
});

test('a run that is over before a tenth of a second never opens a region', async () => {
  const { script, terminal, plain, pass } = shown(aPlan({ checks: ['types'] }));
  script.start().cycle().attempt('types', { durationMs: 20 }).judge('types', 'passed');
  script.endCycle('passed').end(0, 'the cycle passed');
  await pass(500);
  expect(terminal.written).toBe(plain.text);
});

test('[B1] after the region is gone, the first cause is the last line on the screen', async () => {
  const { script, terminal, pass } = shown(aPlan({ checks: ['types', 'unit'] }));
  script.start().cycle();
  await pass(300);
  script.fail('types', 'exit 1');
  await pass(300);
  script.pass('unit').endCycle('failed').end(1, 'the cycle failed');
  await pass(0);
  expect(terminal.all().at(-1)).toMatch(/^✗ types {2}exit 1 {2}\(log /);
  expect(terminal.isCursorShown).toBe(true);
});

test('[B5] a stop shows its countdown, and signals stay with the command line', async () => {
  const before = process.listeners('SIGINT').length;
  const { script, terminal, pass } = shown(aPlan({ checks: ['unit'] }), { columns: 90, rows: 16 });
  script.start().cycle().record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  script.record({ type: 'stop.seen', by: 'signal', signal: 'SIGINT', now: false });
  await pass(30_000);
  expect(terminal.visible().join('\n')).toContain('stopping within 4m 30s');
  expect(process.listeners('SIGINT')).toHaveLength(before);
});

test('[B5] a stop that waits for what runs counts down each second and says who asked', async () => {
  const { script, terminal, pass } = shown(aPlan({ checks: ['unit'] }), { columns: 100, rows: 16 });
  script.start().cycle().record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  script.record({ type: 'stop.seen', by: 'file', path: '/work/stop', now: false });
  const seen: string[] = [];
  for (let second = 1; second <= 3; second += 1) {
    await pass(1000);
    seen.push(/stopping within .*$/m.exec(terminal.visible().join('\n'))?.[0] ?? '');
  }
  expect(seen).toEqual(
    ['4m 59s', '4m 58s', '4m 57s'].map((left) => `stopping within ${left}, asked by the file /work/stop`),
  );
});

test('[A1] a rest on a terminal counts down each second and says why, and draws no more often than that', async () => {
  const { script, terminal, pass } = shown(aLoop({ checks: ['unit'] }), { columns: 90, rows: 16 });
  script.start().cycle().pass('unit').endCycle('limited').rest('limit', 7_200_000, 'cycle 1 met a limit');
  await pass(1000);
  expect(terminal.visible().slice(-2)).toEqual([
    expect.stringMatching(/^. waiting for a limit, 2h 0m left$/),
    '  › cycle 1 met a limit',
  ]);
  const frames = () => terminal.written.split('\u001b[?2026h').length;
  const before = frames();
  await pass(60_000);
  expect(frames() - before).toBeLessThanOrEqual(60);
  script
    .record({ type: 'rest.ended' })
    .cycle(2)
    .record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  await pass(1000);
  expect(terminal.visible().join('\n')).not.toContain('waiting for a limit,');
});

test('a row that passes on to a task without output shows none of the task before', async () => {
  const plan = aPlan({ checks: ['loud', 'silent'] });
  const readTail = (log: string) => (log.includes('loud') ? 'words of the loud one\n' : '');
  const { script, terminal, pass } = shown(plan, { columns: 60, rows: 12 }, { readTail });
  script.start().cycle().record({ type: 'attempt.started', task: 'loud', attempt: 1 });
  await pass(1500);
  expect(terminal.visible().at(-1)).toBe('  › words of the loud one');
  script.record({
    type: 'attempt.ended',
    task: 'loud',
    attempt: 1,
    end: { code: 0 },
    durationMs: 1500,
    bytes: 9,
  });
  script.judge('loud', 'passed').record({ type: 'attempt.started', task: 'silent', attempt: 1 });
  await pass(1500);
  expect(terminal.visible().at(-1)).toMatch(/^. silent 1.5 s of 10m$/);
});

test('a resize in the middle leaves no piece of an old frame behind', async () => {
  const { script, terminal, plain, pass } = shown(aPlan({ checks: ['a-long-name-of-a-gate', 'unit'] }));
  script.start().cycle().record({ type: 'attempt.started', task: 'a-long-name-of-a-gate', attempt: 1 });
  await pass(1500);
  terminal.resize(24);
  await pass(300);
  terminal.resize(60);
  await pass(300);
  script.record({
    type: 'attempt.ended',
    task: 'a-long-name-of-a-gate',
    attempt: 1,
    end: { code: 0 },
    durationMs: 2100,
    bytes: 1,
  });
  script.judge('a-long-name-of-a-gate', 'passed').endCycle('passed').end(0, 'the cycle passed');
  await pass(0);
  expect(terminal.all()).toEqual(plain.lines);
});

test('output of a task with cursor moves, wide letters or a line without end keeps to its one row', async () => {
  const evil = `\u001b[2J\u001b[1;1H${'漢字'.repeat(50)}\u0007`;
  const plan = aPlan({ checks: [aTask('unit', 'checks', { timeoutMs: 'never' })] });
  const { script, terminal, pass } = shown(plan, { columns: 30, rows: 12 }, { readTail: () => evil });
  script.start().cycle().record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  await pass(2000);
  expect(terminal.visible().slice(2)).toEqual([
    expect.stringMatching(/^. cycle 1 · checks {2}0 of 1 d…$/),
    expect.stringMatching(/^. unit 2 s$/),
    '  › 漢字漢字漢字漢字漢字漢字…',
  ]);
});

test('[G17] of a line that is too long the row shows the end, which is what is new', async () => {
  const plan = aPlan({ checks: [aTask('unit', 'checks', { timeoutMs: 'never' })] });
  const readTail = () => `behind a line\n${'.'.repeat(60_000)} 60 %`;
  const { script, terminal, pass } = shown(plan, { columns: 30, rows: 12 }, { readTail });
  script.start().cycle().record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  await pass(2000);
  expect(terminal.visible().at(-1)).toBe(`  › …${'.'.repeat(17)} 60 %`);
});
