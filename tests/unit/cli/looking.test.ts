// The looking commands on a real folder: a ledger that the product's own recorder wrote, read back and told to people.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { history } from '../../../src/cli/history.ts';
import { logs } from '../../../src/cli/logs.ts';
import { questions } from '../../../src/cli/questions.ts';
import { status } from '../../../src/cli/status.ts';
import type { CommandRequest } from '../../../src/cli/request.ts';
import type { Recorded } from '../../../src/core/loop/event.ts';
import { resume } from '../../../src/engine/resume.ts';
import { realDisk } from '../../../src/system/files.ts';
import { aPlan, aTask, Script } from '../views/rig.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-looking-'));
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CONFIG = `version: 1
name: demo
phases:
  tests:
    gates:
      unit: { run: unit, timeout: 10m }
      lint: { run: lint, mode: soft }
      e2e: { run: e2e }
`;

const PLAN = aPlan({ tests: ['unit', aTask('lint', 'tests', { mode: 'soft' }), 'e2e'] });

interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function say(
  command: (request: CommandRequest) => Promise<number>,
  args: readonly string[] = [],
  json = false,
): Promise<Said> {
  const said = { out: '', err: '' };
  const exit = await command({
    folder,
    args,
    json,
    color: false,
    write: (text) => void (said.out += text),
    writeError: (text) => void (said.err += text),
    env: { PATH: process.env['PATH'], HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
  });
  return { exit, ...said };
}

function record(events: readonly Recorded[]): void {
  const state = join(folder, '.gate-run');
  mkdirSync(state, { recursive: true });
  const paths = { history: join(state, 'history.jsonl'), cycles: join(state, 'cycles') };
  const resumed = resume(realDisk(), paths);
  if (!('ledger' in resumed)) throw new Error('the ledger could not be opened');
  const { ledger } = resumed;
  for (const event of events) ledger.append(event);
  ledger.close();
}

function log(name: string, text: string): void {
  const path = join(folder, '.gate-run/cycles', name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
}

function finished(): Script {
  const script = new Script(PLAN);
  script.start().cycle(1).pass('unit').pass('lint').pass('e2e').endCycle('passed').end(0, 'the cycle passed');
  script.run = 'run-2';
  script.start().cycle(2).fail('unit', 'lines 78.2, not >= 80 (1.8 short)', { fingerprint: 'f0000001' });
  script.attempt('lint', { code: 1 }).judge('lint', 'soft-failed', { reasons: ['exit 1'] });
  script.skipped('e2e', 'after failure of unit', 'unit').endCycle('failed');
  const text = 'Question for ChatGPT @codex 2026-02-10T06:30:00Z:\nWhile performing [1.1:unit] …';
  script.record({ type: 'question.opened', fingerprint: 'f0000001', task: 'unit', cycle: 2, text });
  return script.end(1, 'the cycle failed');
}

test('status works on a folder in which nothing ran yet', async () => {
  expect(await say(status)).toEqual({
    exit: 0,
    out: expect.stringMatching(/^state {6}no run yet\nlimits {5}a cycle of at most 1h, /),
    err: '',
  });
});

test('[B6] status tells state and why, the last cycle with its cause, and the soft failures by name', async () => {
  record(finished().events);
  const { out } = await say(status);
  expect(
    out
      .replace(/, \d+d? .* ago:/, ', long ago:')
      .split('\n')
      .slice(0, 6),
  ).toEqual([
    'state      ended: the cycle failed: unit lines 78.2, not >= 80 (1.8 short)',
    expect.stringMatching(/^last {7}cycle 2 failed in 2.4 s, .* ago: 1 soft-failed, 1 failed, 1 not run$/),
    'cause      unit  lines 78.2, not >= 80 (1.8 short)',
    'soft       lint  exit 1',
    'questions  1 open in .gate-run/questions.md',
    expect.stringMatching(/^limits {5}/),
  ]);
});

test('[A10] the effective limits stand in every status, unlimited tasks by name', async () => {
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG.replace('10m', 'never'));
  const { out } = await say(status);
  expect(out).toMatch(
    /limits {5}a cycle of at most 1h, \d+ tasks? at once, a stop waits 5m, no time limit on unit\n/,
  );
});

test('status during a run names what runs, for how long and of how much', async () => {
  const script = new Script(PLAN);
  script.mono = Number(process.hrtime.bigint() / 1_000_000n) - 72_000;
  script.start().cycle(5).record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  record(script.events);
  hold(process.pid);
  const { out } = await say(status);
  expect(out).toMatch(/^state {6}running: cycle 5 is under way\n/);
  expect(out).toMatch(/\nrunning {4}unit 1m 12s of 10m\n/);
  expect((await say(status, ['--running'])).exit).toBe(0);
  expect(JSON.parse((await say(status, [], true)).out)).toMatchObject({
    state: 'running',
    open: { cycle: 5, done: 0, running: [{ id: 'unit', attempt: 1, limitMs: 600_000 }] },
  });
});

test('status after a crash says so, and what the next start will do', async () => {
  record(new Script(PLAN).start().cycle(5).events);
  hold(2 ** 22 + 1);
  const { out } = await say(status);
  expect(out).toMatch(
    /^state {6}crashed: gate-run was ended in the middle of cycle 5 .*; the next start closes/,
  );
  expect((await say(status, ['--running'])).exit).toBe(1);
});

test('a ledger that is damaged in the middle is told with its place, and exit 8', async () => {
  record(finished().events);
  const path = join(folder, '.gate-run/history.jsonl');
  writeFileSync(path, readFileSync(path, 'utf8').replace('"cycle":1', '"cycle":7'));
  const { exit, err } = await say(status);
  expect(exit).toBe(8);
  expect(err).toMatch(/the ledger is damaged: .*history\.jsonl, line 2 \(byte \d+\)/);
});

test('status works beside a config with problems, and says where they are shown', async () => {
  record(finished().events);
  writeFileSync(join(folder, 'loop.config.yaml'), CONFIG.replace('timeout', 'tymeout'));
  const { exit, out, err } = await say(status);
  expect(exit).toBe(0);
  expect(err).toContain('unknown key `tymeout`');
  expect(err).toContain('`gate-run check` shows every problem');
  expect(out).toContain('cycle 2 failed');
});

test('without a config and without a state there is nothing to look at: exit 2', async () => {
  rmSync(join(folder, 'loop.config.yaml'));
  const { exit, err } = await say(status);
  expect(exit).toBe(2);
  expect(err).toContain('no state either');
});

test('history shows the cycles, the newest last, and can be narrowed', async () => {
  record(finished().events);
  const lines = (await say(history)).out.trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\S+ {2}/, ''))).toEqual([
    'cycle 1 passed in 3.6 s: 3 passed',
    'cycle 2 failed in 2.4 s: 1 soft-failed, 1 failed, 1 not run  unit lines 78.2, not >= 80 (1.8 short)',
  ]);
  expect((await say(history, ['--last', '1'])).out).toMatch(/^1 earlier, see --last\n\S+ {2}cycle 2 failed/);
  expect((await say(history, ['--verdict=passed'])).out).toMatch(
    /^\S+ {2}cycle 1 passed in 3.6 s: 3 passed\n$/,
  );
  expect(JSON.parse((await say(history, [], true)).out)).toMatchObject([
    { cycle: 1 },
    { cycle: 2, verdict: 'failed' },
  ]);
  expect((await say(history, ['--verdict', 'stopped'])).out).toBe('no cycle stopped\n');
});

test('[B9] an unknown flag, word or value of a looking command is refused with what it knows', async () => {
  expect(await say(history, ['--lasst', '3'])).toMatchObject({
    exit: 2,
    err: 'gate-run history: unknown flag `--lasst`; this command knows --last, --verdict, --outcome, --sort, --show, --follow, --csv\n',
  });
  expect((await say(history, ['--last', '0'])).err).toContain('--last takes a number from 1, not `0`');
  expect((await say(history, ['--last'])).err).toContain('--last needs a value');
  expect((await say(history, ['--verdict', 'green'])).err).toContain('--verdict takes passed, failed');
  expect((await say(status, ['now'])).err).toContain('takes no words');
  expect((await say(status, ['--running=1'])).err).toContain('--running takes no value');
  expect((await say(status, ['--watch', '1m'])).err).toContain('--watch takes whole seconds');
  expect((await say(questions, ['-x'])).err).toContain('unknown flag `-x`');
  expect((await say(logs, ['0', 'unit'])).err).toContain('`0` is no cycle number');
  expect((await say(logs, ['--tail', '3'])).err).toContain('need a task');
  expect((await say(logs, ['1', 'unit', 'lint'])).err).toContain('takes a cycle and a task');
});

test('logs names the log of each task of the last cycle, and what has none', async () => {
  record(finished().events);
  log('000002/tests.unit.1.log', '# gate-run header\nhello\n');
  expect((await say(logs)).out.split('\n')).toEqual([
    '✗ unit  .gate-run/cycles/000002/tests.unit.1.log',
    '~ lint  no output',
    '- e2e   nothing was started',
    '',
  ]);
  expect(JSON.parse((await say(logs, [], true)).out)).toEqual([
    { task: 'unit', log: '.gate-run/cycles/000002/tests.unit.1.log', bytes: 24 },
    { task: 'lint', log: '.gate-run/cycles/000002/tests.lint.1.log', bytes: null },
    { task: 'e2e', log: null, bytes: null },
  ]);
});

test('logs prints the log of a task, or its last lines, or its stderr', async () => {
  record(finished().events);
  log('000002/tests.unit.1.log', 'one\ntwo\nthree\n');
  log('000002/tests.unit.1.stderr.log', 'oops\n');
  expect((await say(logs, ['unit'])).out).toBe('one\ntwo\nthree\n');
  expect((await say(logs, ['2', 'unit', '--tail', '2'])).out).toBe('two\nthree\n');
  expect((await say(logs, ['unit', '--tail=9'])).out).toBe('one\ntwo\nthree\n');
  expect((await say(logs, ['unit', '--stderr'])).out).toBe('oops\n');
  expect((await say(logs, ['lint'])).out).toMatch(/^lint: no output \(.*tests\.lint\.1\.log\)\n$/);
  expect((await say(logs, ['e2e'])).out).toBe('e2e: nothing was started, so there is no log\n');
  expect((await say(logs, ['1', 'unit'])).out).toMatch(
    /^unit: (?:no output|the logs of this cycle are gone)/,
  );
});

test('logs of a task or a cycle that is not there says what is', async () => {
  record(finished().events);
  expect(await say(logs, ['units'])).toMatchObject({
    exit: 2,
    err: 'gate-run logs: there is no task `units` in cycle 2 — did you mean `unit`?\n',
  });
  expect((await say(logs, ['9'])).err).toContain('there is no cycle 9 in the ledger; the last one is 2');
  rmSync(join(folder, '.gate-run'), { recursive: true });
  expect((await say(logs)).out).toBe('no cycle yet, so there is no log\n');
});

test('logs --follow prints what a running task writes, and ends when the task has ended', async () => {
  const script = new Script(PLAN);
  script.start().cycle(1).record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  record(script.events);
  hold(process.pid);
  log('000001/tests.unit.1.log', 'first\n');
  const following = say(logs, ['unit', '--follow']);
  setTimeout(() => {
    writeFileSync(join(folder, '.gate-run/cycles/000001/tests.unit.1.log'), 'second\n', { flag: 'a' });
    const before = script.events.length;
    script.record({
      type: 'attempt.ended',
      task: 'unit',
      attempt: 1,
      end: { code: 0 },
      durationMs: 9,
      bytes: 13,
    });
    append(script.events.slice(before));
  }, 150);
  expect((await following).out).toBe('first\nsecond\n');
});

test('logs --follow of a run that was killed shows what there is, and waits for nobody', async () => {
  const script = new Script(PLAN);
  script.start().cycle(1).record({ type: 'attempt.started', task: 'unit', attempt: 1 });
  record(script.events);
  log('000001/tests.unit.1.log', 'first\n');
  expect(await say(logs, ['unit', '--follow'])).toMatchObject({ exit: 0, out: 'first\n' });
  expect((await say(logs, ['--follow'])).out).toBe('==> 000001/tests.unit.1.log <==\nfirst\n');
});

test('questions shows the open ones whole and counts the closed ones', async () => {
  const script = finished();
  record(script.events);
  expect((await say(questions)).out.replace(/for \d+ days/, 'for DAYS').split('\n')).toEqual([
    'open  unit  (f0000001, open for DAYS, seen 1 time, last in cycle 2)',
    'Question for ChatGPT @codex 2026-02-10T06:30:00Z:',
    'While performing [1.1:unit] …',
    '',
    '1 open, 0 closed',
    '',
  ]);
  const before = script.events.length;
  script.record({ type: 'question.closed', fingerprint: 'f0000001', task: 'unit', cycle: 3 });
  record(script.events.slice(before));
  expect((await say(questions)).out).toMatch(/^closed {2}unit {2}f0000001, 2026-.*\n0 open, 1 closed\n$/);
  expect((await say(questions, ['--open'])).out).toBe('0 open, 0 closed\n');
  expect(JSON.parse((await say(questions, [], true)).out)).toMatchObject([{ task: 'unit', seen: 1 }]);
});

/** As the lock's holder writes it. */
function hold(pid: number): void {
  const owner = { pid, host: hostname(), run: 'run-1', version: '0.1.0', startedAt: '2026-02-10T06:30:00Z' };
  writeFileSync(join(folder, '.gate-run/owner.json'), JSON.stringify(owner));
}

/** Events of the open cycle, added as its own recorder would. */
function append(events: readonly Recorded[]): void {
  const state = join(folder, '.gate-run');
  const paths = { history: join(state, 'history.jsonl'), cycles: join(state, 'cycles') };
  const resumed = resume(realDisk(), paths);
  if (!('ledger' in resumed)) throw new Error('the ledger could not be opened');
  const { ledger } = resumed;
  for (const event of events) ledger.append(event);
  ledger.close();
}
