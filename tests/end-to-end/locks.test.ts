// Two loops of one user on one machine that share a lock, and a config that asks for more than there is.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { lockFolder } from '../../src/system/named-locks.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const PREFIX = `story-${process.pid}-`;

/** Of this very test: the locks of one user are one for all that runs on this machine. */
function lockName(): string {
  return `${PREFIX}${Math.random().toString(36).slice(2)}`;
}

/** Its gate says that it runs, and ends when it is told to. */
function holding(lock: string, more = ''): Folder {
  const run = `run: 'touch begun; while [ ! -e enough ]; do sleep 0.05; done'`;
  return folderWith(loop(`held:\n  ${run}\n  resources: { lock: ${lock} }\n${more}`));
}

const LIMIT_MS = 60_000;

afterAll(() => {
  const home = lockFolder();
  for (const name of readdirSync(home)) if (name.startsWith(PREFIX)) rmSync(join(home, name));
});

test('[B19] a lock is the same one for a loop that has to hide its name', { timeout: LIMIT_MS }, async () => {
  const lock = lockName();
  const [first, second] = [holding(lock), holding(lock)];
  const one = begin(first, [], { env: { LOCK_TOKEN: lock } });
  await until('the first one runs', () => first.has('begun'));
  expect(first.read('.gate-run/cycles/000001/events.jsonl')).toContain('"locks":["***LOCK_TOKEN***"]');
  const two = begin(second);
  await until('the wait is in the ledger', () => statusOfWait(second));
  expect(second.has('begun')).toBe(false);
  first.write('enough', '');
  second.write('enough', '');
  expect([(await one.ended).code, (await two.ended).code]).toEqual([0, 0]);
});

test(
  'a task waits for the lock that a task of another loop has, and others do not',
  { timeout: LIMIT_MS },
  async () => {
    const lock = lockName();
    const first = holding(lock);
    const second = holding(lock, "free:\n  run: 'touch free'");
    const one = begin(first);
    await until('the first one runs', () => first.has('begun'));
    const two = begin(second, ['--reporter', 'plain']);
    await until('the free task ran', () => second.has('free'));
    await until('the wait is in the ledger', () => statusOfWait(second));
    const status = await gateRun(second, ['status']);
    expect(status.stdout).toMatch(
      new RegExp(
        `waiting {2,}held .* of 10m for the lock \`${lock}\`: task held of run \\S+ \\(process ${one.child.pid}\\) has it`,
      ),
    );
    const { open } = JSON.parse((await gateRun(second, ['status', '--json'])).stdout);
    expect(open.waiting).toMatchObject([
      {
        id: 'held',
        lock,
        limitMs: 600_000,
        holder: { task: 'held', pid: one.child.pid, folder: first.path },
      },
    ]);
    expect(second.has('begun')).toBe(false);
    first.write('enough', '');
    expect((await one.ended).code).toBe(0);
    await until('the second one runs', () => second.has('begun'));
    second.write('enough', '');
    const { code, stdout } = await two.ended;
    expect(code).toBe(0);
    expect(stdout).toContain(`held: waits for the lock \`${lock}\`, which task held of run`);
    const told = await gateRun(second, ['explain', '--cycle', '1']);
    expect(told.stdout).toMatch(
      new RegExp(
        `✓ held.*\\n( {4}log .*\\n)? {4}waited [\\d.]+ m?s for the lock \`${lock}\`, which task held of run \\S+ \\(process ${one.child.pid}\\) had\\n`,
      ),
    );
    expect(told.stdout.match(/waited/g)).toHaveLength(1);
  },
);

test('a kill -9 of the loop that has the lock lets the other one go on', { timeout: LIMIT_MS }, async () => {
  const lock = lockName();
  const [first, second] = [holding(lock), holding(lock)];
  const one = begin(first);
  await until('the first one runs', () => first.has('begun'));
  const two = begin(second);
  await until('the wait is in the ledger', () => statusOfWait(second));
  one.child.kill('SIGKILL');
  await until('the second one runs', () => second.has('begun'));
  first.write('enough', '');
  second.write('enough', '');
  expect((await two.ended).code).toBe(0);
  await one.ended;
});

test('a stop ends a wait for a lock at once', { timeout: LIMIT_MS }, async () => {
  const lock = lockName();
  const [first, second] = [holding(lock), holding(lock)];
  const one = begin(first);
  await until('the first one runs', () => first.has('begun'));
  const two = begin(second);
  await until('the wait is in the ledger', () => statusOfWait(second));
  two.child.kill('SIGTERM');
  expect((await two.ended).code).toBe(6);
  first.write('enough', '');
  expect((await one.ended).code).toBe(0);
});

test('a named task takes its lock too', { timeout: LIMIT_MS }, async () => {
  const lock = lockName();
  const first = holding(lock);
  const second = folderWith(loop(`held:\n  run: 'true'\n  timeout: 500ms\n  resources: { lock: ${lock} }`));
  const one = begin(first);
  await until('the first one runs', () => first.has('begun'));
  const { code, stdout } = await gateRun(second, ['held']);
  expect(stdout).toContain(`the lock \`${lock}\` could not be had within 500ms; task held of run`);
  expect(code).toBe(3);
  first.write('enough', '');
  expect((await one.ended).code).toBe(0);
});

test('a limit beyond the machine starts nothing, and is no problem for `check`', async () => {
  const folder = folderWith(loop(`big:\n  run: 'touch begun'\n  resources: { memory: 4000g, cpus: 9000 }`));
  const { code, stderr } = await gateRun(folder);
  expect(code).toBe(2);
  expect(stderr).toMatch(/loop\.config\.yaml:8:\d+ +`4000g` is more than this machine has: \d+m/);
  expect(stderr).toMatch(/`9000` is more than this machine has: \d+/);
  expect(folder.has('begun')).toBe(false);
  expect((await gateRun(folder, ['check'])).code).toBe(0);
  const doctor = await gateRun(folder, ['doctor']);
  expect(doctor.code).toBe(3);
  expect(doctor.stdout).toContain('`4000g` is more than this machine has');
});

function statusOfWait(folder: Folder): boolean {
  const cycle = '.gate-run/cycles/000001/events.jsonl';
  return folder.has(cycle) && folder.read(cycle).includes('"task.waiting"');
}
