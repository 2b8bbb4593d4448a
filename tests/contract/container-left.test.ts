import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processFacts } from '../../src/system/proc.ts';
import {
  endLeftClients,
  endWatchers,
  idFile,
  noteClient,
  noteFile,
  openFolder,
} from '../../src/system/units/container/left.ts';
import { ownerOf } from '../../src/system/units/container/labels.ts';

const owner = ownerOf({ GATE_RUN: 'one', GATE_STATE: '/one' });
const other = ownerOf({ GATE_RUN: 'other', GATE_STATE: '/other' });
const before = process.env['TMPDIR'];
let place = '';
let client: ChildProcess;
let ended: Promise<unknown>;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'gate-run-left-'));
  process.env['TMPDIR'] = place;
});
afterEach(() => {
  client.kill('SIGKILL');
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(place, { recursive: true, force: true });
});

/** As a run leaves it that was killed. */
async function leftBy(of: typeof owner, script: string): Promise<string> {
  const folder = openFolder(of);
  client = spawn('sh', ['-c', `${script}; echo there; while :; do sleep 0.05; done`]);
  ended = new Promise((resolve) => client.once('exit', (_, signal) => resolve(signal)));
  await new Promise((resolve) => client.stdout?.once('data', resolve));
  noteClient(noteFile(folder, 'a'), client.pid ?? 0);
  return folder;
}

/** The number is somebody else's by now. */
function reuse(folder: string, file: string): void {
  const { pid = 0 } = client;
  const startTicks = (processFacts(pid)?.startTicks ?? 0) - 1;
  writeFileSync(join(folder, file), JSON.stringify({ pid, startTicks }));
}

test('[G4] a client that was noted down is asked, and its folder goes', async () => {
  const folder = await leftBy(owner, ':');
  await endLeftClients(owner);
  expect(await ended).toBe('SIGTERM');
  expect(existsSync(folder)).toBe(false);
});

test('[G4] a client that does not hear is killed', async () => {
  await leftBy(owner, 'trap "" TERM');
  await endLeftClients(owner);
  expect(await ended).toBe('SIGKILL');
});

test('[G4] neither another run nor whoever has got the number of a client is ended', async () => {
  const folder = await leftBy(owner, ':');
  await endLeftClients(other);
  expect(existsSync(folder)).toBe(true);
  reuse(folder, 'a.client');
  await endLeftClients(owner);
  expect(client.kill(0)).toBe(true);
  expect(existsSync(folder)).toBe(false);
});

test('[G4] whoever watches a container that is removed is ended, known by its whole id', async () => {
  const [id, near] = ['a'.repeat(64), 'a'.repeat(63)];
  const folder = await leftBy(owner, ':');
  writeFileSync(idFile(folder, 'a'), `${id}\n`);
  writeFileSync(idFile(folder, 'b'), near);
  const watcher = spawn('sh', ['-c', 'while :; do sleep 0.05; done', id]);
  const gone = new Promise((resolve) => watcher.once('exit', (_, signal) => resolve(signal)));
  const ids = await endLeftClients(owner);
  expect(ids).toEqual([id]);
  await endWatchers(ids);
  expect(await gone).toBe('SIGKILL');
});

test('what the dead have left goes with the next folder; of the living, and of others, everything stays', async () => {
  const living = openFolder(other);
  const folder = await leftBy(owner, ':');
  const dead = JSON.stringify({ ...owner, pid: 1, startTicks: 1, namespace: namespaceOf(living) });
  writeFileSync(join(folder, 'owner.json'), dead);
  const strange = join(place, 'gate-run-containers-strange');
  mkdirSync(strange);
  symlinkSync(folder, join(place, 'gate-run-containers-link'));
  openFolder(other);
  expect(existsSync(folder)).toBe(true);
  reuse(folder, 'a.client');
  openFolder(other);
  expect([folder, living, strange].map((one) => existsSync(one))).toEqual([false, true, true]);
});

function namespaceOf(folder: string): string {
  const { namespace } = JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8'));
  return namespace;
}
