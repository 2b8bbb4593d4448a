// `--detach`: the run goes on without the terminal that it was started from, and who started it hears how that went.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ANSWERS } from '../../src/core/summary/answers/answers.ts';
import { startDetached } from '../../src/system/detach.ts';
import { textOf } from './kills/start.ts';
import { linesOf } from './nights.ts';
import { begin, folderWith, gateRun, loop, shell, until, type Folder } from './rig.ts';

const RESTS = loop(`count: { run: 'env > seen; echo x >> told' }`, 'loop: { sleep: 30s }');
const SLOW = loop(
  `waits: { run: 'echo ready >> told; while [ ! -e go ]; do sleep 0.02; done' }`,
  'loop: { stop-within: 0s }',
);

function told(folder: Folder): string {
  return textOf(join(folder.path, 'told'));
}

interface Said {
  readonly run: string;
  readonly pid: number;
  readonly log: string;
}

function saidBy(stdout: string): Said {
  const [, run = '', pid = '', log = ''] =
    /^run (\S+) is under way in the background\npid (\d+)\nlog (.+)\n$/.exec(stdout) ?? [];
  return { run, pid: Number(pid), log };
}

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

async function stopped(folder: Folder, pid: number): Promise<void> {
  await gateRun(folder, ['stop', '--now']);
  await until('the run is over', () => !lives(pid));
}

test('names run, process and log, and is over with its launcher long gone', async () => {
  const folder = folderWith(RESTS);
  const { code, stdout, stderr } = await gateRun(folder, ['--continuous', '--detach']);
  expect(code, stderr).toBe(0);
  const { run, pid, log } = saidBy(stdout);
  expect(stderr).toBe('');
  // Who holds the lock is written beside the first child.
  await until('it has counted', () => told(folder) === 'x\n' && folder.has('.gate-run/owner.json'));
  expect(linesOf(folder)[0]).toMatchObject({ type: 'run.started', run });
  expect(JSON.parse(folder.read('.gate-run/owner.json'))).toMatchObject({ pid, run });
  expect((await gateRun(folder, ['status', '--running'])).code).toBe(0);
  // What it was told on the way in is nobody else's.
  expect(folder.read('seen')).not.toContain('GATE_READY_FD');
  await stopped(folder, pid);
  expect(textOf(log)).toContain(`stopped by the file ${folder.path}/.gate-run/stop`);
  expect(log.startsWith(`${folder.path}/.gate-run/detached/`)).toBe(true);
});

test('outlives the terminal that it was started from', async () => {
  const folder = folderWith(RESTS);
  const start = await shell(folder, `script -qec '"$GATE" --continuous --detach' /dev/null </dev/null`);
  if (start.code === 127) {
    console.warn('`script` is not on PATH: a closed terminal was not tried');
    return;
  }
  const [, pid = ''] = /^pid (\d+)/m.exec(start.stdout) ?? [];
  expect(start.stdout).toContain('is under way in the background');
  await until('it has counted', () => told(folder) === 'x\n');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(lives(Number(pid))).toBe(true);
  expect(linesOf(folder).some(({ type }) => type === 'stop.seen')).toBe(false);
  await stopped(folder, Number(pid));
});

test('a run that is over in a moment was under way all the same', async () => {
  const folder = folderWith(loop('quick: { run: exit 1 }'));
  const { code, stdout } = await gateRun(folder, ['--detach']);
  expect(code).toBe(0);
  const { pid, log } = saidBy(stdout);
  await until('it is over', () => !lives(pid));
  expect(textOf(log)).toContain('1 failed');
});

test('words and code of a start that came to nothing are handed on, and nothing of it stays', async () => {
  const folder = folderWith(SLOW);
  const [held] = [begin(folder)];
  await until('the task runs', () => told(folder) === 'ready\n');
  const locked = await gateRun(folder, ['--detach']);
  expect(locked.code).toBe(7);
  expect(locked.stdout).toBe('');
  expect(locked.stderr).toContain(`another run holds this state directory: process ${held?.child.pid} on `);
  const json = await gateRun(folder, ['--detach', '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ exit: 7, reason: 'locked' });
  expect((await gateRun(folder, ['--detach', '--locked-ok'])).code).toBe(0);
  const waiting = begin(folder, ['--detach', '--overlap', 'queue']);
  let said = '';
  waiting.child.stderr?.on('data', (text: string) => (said += text));
  await until('it says that it waits', () => said.includes('waiting for the run under way to let go'));
  waiting.child.kill('SIGINT');
  const interrupted = await waiting.ended;
  expect([6, 130]).toContain(interrupted.code);
  folder.write('go', '');
  expect((await held?.ended)?.code).toBe(0);
  folder.write('.gate-run/stop', '');
  const refused = await gateRun(folder, ['--detach']);
  expect(refused.code).toBe(6);
  expect(refused.stderr).toContain('gate-run stop --undo');
  folder.write('loop.config.yaml', 'version: 1\n');
  expect((await gateRun(folder, ['--detach'])).code).toBe(2);
  expect(folder.has('.gate-run/detached')).toBe(false);
  expect(told(folder)).toBe('ready\n');
});

test('what a start finds only behind the lock is handed on too: another plan, a damaged ledger', async () => {
  const folder = folderWith(RESTS);
  const { pid } = saidBy((await gateRun(folder, ['--continuous', '--detach'])).stdout);
  await until('it has counted', () => told(folder) === 'x\n');
  await stopped(folder, pid);
  await gateRun(folder, ['stop', '--undo']);
  const changed = await gateRun(folder, ['--continuous', '--sleep', '31s', '--detach']);
  expect(changed.code).toBe(2);
  expect(changed.stderr).toContain('--accept-config');
  const history = folder.read('.gate-run/history.jsonl');
  folder.write('.gate-run/history.jsonl', history.replace('run.started', 'run.strated'));
  const damaged = await gateRun(folder, ['--detach']);
  expect(damaged.code).toBe(8);
  expect(damaged.stderr).toContain('history.jsonl');
});

test('where no process can be started, it says what the system says, and leaves nothing', async () => {
  const folder = folderWith();
  const log = join(folder.path, '.gate-run/detached/x.log');
  const files = { log, out: log };
  const started = await startDetached({ argv: [], cwd: join(folder.path, 'gone'), env: {}, files });
  expect(started).toEqual({
    failed: 'ENOENT',
    what: expect.stringContaining('start gate-run in the background'),
  });
  expect(folder.list()).toEqual([]);
});

test('`--json` names it for programs, and its result waits in a file beside the log', async () => {
  const folder = folderWith(loop('quick: { run: echo 1 }'));
  const { stdout } = await gateRun(folder, ['--detach', '--json']);
  const answer: Said & { readonly result: string } = JSON.parse(stdout);
  expect(ANSWERS['detach']?.safeParse(answer).error).toBeUndefined();
  expect(answer).toMatchObject({ schemaVersion: 1, exit: 0 });
  await until('it is over', () => !lives(answer.pid));
  expect(JSON.parse(textOf(answer.result))).toMatchObject({ exit: 0, run: answer.run, verdict: 'passed' });
});

test('[B18] `--replace --detach` says that it waits, and takes over in the background', async () => {
  const folder = folderWith(SLOW);
  const first = begin(folder);
  await until('the task runs', () => told(folder) === 'ready\n');
  await until('the holder has a name', () => folder.has('.gate-run/owner.json'));
  const { code, stdout, stderr } = await gateRun(folder, ['--replace', '--detach']);
  expect(code, stderr).toBe(0);
  expect(stderr).toContain('waiting for the run under way to let go');
  expect((await first.ended).code).toBe(6);
  const { pid, log } = saidBy(stdout);
  folder.write('go', '');
  await until('it is over', () => !lives(pid));
  expect(textOf(log)).toContain('asking the run under way to give way');
});

test('only what is a run can be detached', async () => {
  const folder = folderWith(RESTS);
  for (const args of [
    ['status', '--detach'],
    ['count', '--detach'],
  ]) {
    const { code, stderr } = await gateRun(folder, args);
    expect(code).toBe(2);
    expect(stderr).toContain('--detach');
  }
});
