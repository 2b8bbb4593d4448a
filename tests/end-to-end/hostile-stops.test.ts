// Signals to gate-run itself, and outputs that nobody reads: it ends in good order, with the right code, and leaves nothing behind.

import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, faultsOf, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, environment, marked, pause, start, textOf, type Over } from './kills/start.ts';
import { folderWith, gateRun, loop, until, type Folder } from './rig.ts';

/** A task that tells when it runs, ends when `go` appears, and says how it was asked to end. */
const WAITS = `waits:
  run: 'trap "echo asked >> told; exit 3" TERM; echo ready >> told; while [ ! -e go ]; do sleep 0.02; done; echo went >> told'
  kill-after: 20s
next: { run: 'echo next >> told', needs: [waits] }
`;

function told(folder: Folder): string {
  return textOf(join(folder.path, 'told'));
}

function state(folder: Folder): string {
  return join(folder.path, '.gate-run');
}

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(state(folder)));
}

/** What every end has in common: the ledger is whole and at rest, nothing runs, and the next start is free to go. */
async function isInOrder(folder: Folder): Promise<void> {
  expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
  expect(marked(`GATE_STATE=${state(folder)}`)).toEqual([]);
  folder.write('go', '');
  expect((await gateRun(folder)).code).toBe(0);
}

describe('signals to gate-run', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGQUIT'] as const) {
    test(`one ${signal} lets the running task end, starts no further one, and ends with 6`, async () => {
      const folder = folderWith(loop(WAITS));
      const { child, over } = start(folder, COMMAND);
      await until('the task runs', () => told(folder) === 'ready\n');
      child.kill(signal);
      await until('the stop is recorded', () => events(folder).some(({ type }) => type === 'stop.seen'));
      await pause(200);
      expect(told(folder)).toBe('ready\n');
      folder.write('go', '');
      const { code, out } = await over;
      expect(code, out).toBe(6);
      expect(out).toContain(signal);
      expect(told(folder)).toBe('ready\nwent\n');
      expect(events(folder).findLast(({ type }) => type === 'cycle.ended')).toMatchObject({
        verdict: 'stopped',
      });
      await isInOrder(folder);
    });
  }

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGQUIT', 130],
  ] as const) {
    test(`[B5] a second ${signal} asks the running task to end at once, and ends with ${expected}`, async () => {
      const folder = folderWith(loop(WAITS));
      const { child, over } = start(folder, COMMAND);
      await until('the task runs', () => told(folder) === 'ready\n');
      child.kill(signal);
      await until('the stop is recorded', () => events(folder).some(({ type }) => type === 'stop.seen'));
      await pause(400);
      child.kill(signal);
      const { code, out } = await over;
      expect(code, out).toBe(expected);
      expect(told(folder)).toBe('ready\nasked\n');
      await isInOrder(folder);
    });
  }

  test('SIGQUIT, twice, leaves no task of `gate-run TASK` alive either', async () => {
    const folder = folderWith(loop(WAITS));
    const { child, over } = start(folder, [...COMMAND, 'waits']);
    await until('the task runs', () => told(folder) === 'ready\n');
    child.kill('SIGQUIT');
    await pause(400);
    child.kill('SIGQUIT');
    const { code, out } = await over;
    expect(code, out).toBe(130);
    expect(told(folder)).toBe('ready\nasked\n');
    expect(marked(`GATE_STATE=${state(folder)}`)).toEqual([]);
  });

  test('[B5] a task that ignores the second signal is killed after its grace, with its children', async () => {
    const folder = folderWith(
      loop(
        `waits: { run: 'trap "" TERM; echo ready >> told; sleep 61.5 & while [ ! -e go ]; do sleep 1; done', kill-after: 300ms }`,
      ),
    );
    const { child, over } = start(folder, COMMAND);
    await until('the task runs', () => told(folder) === 'ready\n');
    child.kill('SIGTERM');
    await until('the stop is recorded', () => events(folder).some(({ type }) => type === 'stop.seen'));
    await pause(400);
    const from = performance.now();
    child.kill('SIGTERM');
    const { code, out } = await over;
    expect(code, out).toBe(143);
    expect(performance.now() - from).toBeLessThan(5000);
    await isInOrder(folder);
  });

  test('`stop-within` bounds how long a graceful stop waits', async () => {
    const folder = folderWith(loop(WAITS, 'loop: { stop-within: 300ms }'));
    const { child, over } = start(folder, COMMAND);
    await until('the task runs', () => told(folder) === 'ready\n');
    child.kill('SIGTERM');
    const { code, out } = await over;
    expect(code, out).toBe(6);
    expect(told(folder)).toBe('ready\nasked\n');
    await isInOrder(folder);
  });

  test('a gate-run in the background of a shell, in which Ctrl-C is ignored, stops on SIGTERM and on SIGINT', async () => {
    for (const signal of ['TERM', 'INT']) {
      const folder = folderWith(loop(WAITS));
      const script = '"$@" & echo $! > pid; wait $!; echo "code $?"';
      const { over } = start(folder, ['sh', '-c', script, 'sh', ...COMMAND]);
      await until('the task runs', () => told(folder) === 'ready\n');
      process.kill(Number(folder.read('pid')), `SIG${signal}`);
      await until('the stop is recorded', () => events(folder).some(({ type }) => type === 'stop.seen'));
      folder.write('go', '');
      expect((await over).out).toMatch(/code 6\n$/);
      await isInOrder(folder);
    }
  });

  test('Ctrl-C on a terminal reaches gate-run alone: its tasks are in sessions of their own', async () => {
    const folder = folderWith(loop(WAITS));
    const child = spawn(COMMAND[0] ?? '', COMMAND.slice(1), {
      cwd: folder.path,
      env: environment(folder),
      stdio: 'ignore',
      detached: true,
    });
    const code = new Promise<number | null>((resolve) => child.once('close', resolve));
    await until('the task runs', () => told(folder) === 'ready\n');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await until('the stop is recorded', () => events(folder).some(({ type }) => type === 'stop.seen'));
    folder.write('go', '');
    expect(await code).toBe(6);
    expect(told(folder)).toBe('ready\nwent\n');
    await isInOrder(folder);
  });

  test('[B12] a stop ends the wait before a retry at once, and the attempt that was made decides', async () => {
    const folder = folderWith(
      loop(`again: { run: 'echo ready >> told; exit 75', retry: { limit: 2, when: [exit.75], delay: 40s } }`),
    );
    const { child, over } = start(folder, COMMAND);
    await until('the first attempt has ended', () =>
      events(folder).some(({ type }) => type === 'attempt.ended'),
    );
    child.kill('SIGTERM');
    const { code, out, ms } = await over;
    expect(code, out).toBe(6);
    expect(ms).toBeLessThan(15_000);
    expect(told(folder)).toBe('ready\n');
    expect(faultsOf(ledgerFiles(state(folder)), true)).toEqual([]);
  });

  test('a gate-run that was itself stopped for a while goes on, and no limit counts the time', async () => {
    const folder = folderWith(loop(WAITS.replace('kill-after', 'timeout: 9s\n  kill-after')));
    const { child, over } = start(folder, COMMAND);
    await until('the task runs', () => told(folder) === 'ready\n');
    child.kill('SIGSTOP');
    await pause(500);
    child.kill('SIGCONT');
    folder.write('go', '');
    const { code, out } = await over;
    expect(code, out).toBe(0);
  });
});

describe('outputs that nobody reads', () => {
  const MANY = Array.from(
    { length: 40 },
    (_, at) => `fails-${at}: { run: 'seq 1 200; exit 1', mode: soft }`,
  ).join('\n');

  test('a reader that goes away changes no verdict and no code', async () => {
    const folder = folderWith(loop(MANY));
    const ended = await piped(folder, 'head -c 100 > seen');
    expect(ended.out).toContain('code 0');
    expect(folder.read('seen').length).toBe(100);
    await isInOrder(folder);
  });

  test('outputs that are closed, or whose disk is full, change no verdict and no code', async () => {
    for (const how of ['>&-', '2>&-', '<&- >&- 2>&-', '>/dev/full 2>/dev/full']) {
      const folder = folderWith(loop(MANY));
      const script = `"$@" ${how}; echo "code $?" > code`;
      await start(folder, ['sh', '-c', script, 'sh', ...COMMAND]).over;
      expect(folder.read('code'), how).toBe('code 0\n');
      expect(readFileSync(join(state(folder), 'history.jsonl'), 'latin1'), how).not.toContain('cycle 1:');
      await isInOrder(folder);
    }
  });

  /** Together more than any pipe holds, so that whoever waits for a reader that sleeps would stop. */
  const LOUD = {
    ...loop(`
a: { run: sh loud.sh, mode: soft }
b: { run: sh loud.sh, mode: soft }
c: { run: sh loud.sh, mode: soft }
late: { run: sleep 61.5, timeout: 300ms, mode: soft, on-broken: soft, needs: [a, b, c] }
`),
    'loud.sh':
      'i=0; while [ $i -lt 40 ]; do head -c 1500 /dev/zero | tr "\\000" x; echo; i=$((i+1)); done; exit 1\n',
  };

  test('a reader that sleeps holds up no task, no limit and no record; once awake it gets every byte', async () => {
    const folder = folderWith(LOUD);
    const ended = piped(folder, '{ while [ ! -e go ]; do sleep 0.05; done; cat > seen; }');
    await until('the run has its end', () => events(folder).some(({ type }) => type === 'run.ended'));
    expect(events(folder).map(({ type }) => type)).not.toContain('suspended');
    folder.write('go', '');
    expect((await ended).out).toContain('code 0');
    const lines = folder.read('seen').split('\n');
    expect(lines.filter((line) => line.endsWith('xxxx'))).toHaveLength(3 * 40);
    expect(lines.filter((line) => line.startsWith('cycle 1 passed'))).toHaveLength(1);
    await isInOrder(folder);
  });

  test('a reader that never wakes is given up at the end, and the code is the same', async () => {
    const folder = folderWith(LOUD);
    const script = '{ "$@"; echo "code $?" > code; } | while [ ! -e go ]; do sleep 0.05; done';
    const { over } = start(folder, ['sh', '-c', script, 'sh', ...COMMAND]);
    await until('gate-run has ended', () => folder.has('code'));
    expect(folder.read('code')).toBe('code 0\n');
    folder.write('go', '');
    await over;
    await isInOrder(folder);
  });
});

function piped(folder: Folder, reader: string): Promise<Over> {
  const script = `{ "$@"; echo "code $?" >&2; } | ${reader}`;
  return start(folder, ['sh', '-c', script, 'sh', ...COMMAND]).over;
}
