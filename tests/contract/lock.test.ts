import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readOwner, takeLock } from '../../src/system/lock.ts';
import { isHeld } from '../../src/system/owner.ts';
import { bootId, processFacts } from '../../src/system/proc.ts';

const LOCK = join(import.meta.dirname, '../../src/system/lock.ts');
/** Takes the lock, says how that went, and keeps it until it is killed or its stdin ends. */
const STARTER = `
  import { takeLock } from ${JSON.stringify(LOCK)};
  const [, stateDir, history] = process.argv;
  const lock = takeLock({ stateDir, history });
  // Said only after the owner file had its time to be written.
  setTimeout(() => console.log('run' in lock ? 'won' : 'heldBy' in lock ? 'held' : JSON.stringify(lock)), 20);
  process.stdin.on('end', () => process.exit()).resume();
`;

const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function stateDir(): string {
  const made = mkdtempSync(join(tmpdir(), 'gate-run-lock-'));
  folders.push(made);
  return made;
}

/** What starts a command in namespaces of its own; said out loud where this machine allows none. */
function namespaces(): readonly string[] {
  const flags = ['--pid', '--net', '--mount', '--fork', '--kill-child'];
  if (spawnSync('unshare', [...flags, 'true']).status === 0) return ['unshare', ...flags];
  console.warn('no namespaces can be made here: the lock was not tried across them');
  return [];
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** The child, and the first word it says. */
function starter(
  dir: string,
  wrap: readonly string[] = [],
  more: readonly string[] = [],
): { child: ChildProcess; says: Promise<string> } {
  const argv = [...wrap, process.execPath, '--input-type=module', '-e', STARTER, dir, ...more];
  const child = spawn(argv[0] ?? '', argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const says = new Promise<string>((resolve) => {
    child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
    child.once('exit', () => resolve('nothing'));
  });
  return { child, says };
}

describe('[A15] one run per state directory', () => {
  test('of 32 starters at once exactly one wins', async () => {
    const dir = stateDir();
    const words = await Promise.all(Array.from({ length: 32 }, () => starter(dir).says));
    expect(words.filter((word) => word === 'won')).toHaveLength(1);
    expect(words.filter((word) => word === 'held')).toHaveLength(31);
  });

  test('who comes second learns who holds it', async () => {
    const dir = stateDir();
    const { child, says } = starter(dir);
    await says;
    const second = takeLock({ stateDir: dir });
    expect(second).toMatchObject({
      heldBy: { pid: child.pid, run: expect.stringMatching(/^\d{8}-\d{6}-\w{6}$/) },
    });
  });

  test('a holder that is killed frees it at once, and nobody has to clean up', async () => {
    const dir = stateDir();
    const { child, says } = starter(dir);
    expect(await says).toBe('won');
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const before = Date.now();
    child.kill('SIGKILL');
    await gone;
    const lock = takeLock({ stateDir: dir });
    expect(Date.now() - before).toBeLessThan(1_000);
    expect(lock).toHaveProperty('run');
    await nextTurn();
    expect(readOwner(dir)?.pid).toBe(process.pid);
    if ('release' in lock) lock.release();
  });

  test('a starter that is only in the way for a moment, and holds nothing, keeps nobody out', async () => {
    const dir = stateDir();
    const script = `
      import { DatabaseSync } from 'node:sqlite';
      const database = new DatabaseSync(process.argv[1] + '/lock.db');
      database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
      setTimeout(() => database.close(), 30);
      console.log('looks');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir]);
    children.push(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const lock = takeLock({ stateDir: dir });
    expect(lock).toHaveProperty('run');
    if ('release' in lock) lock.release();
  });

  test('it holds across process, network and mount namespaces, in both directions', async () => {
    const outside = stateDir();
    expect(await starter(outside).says).toBe('won');
    expect(await starter(outside, namespaces()).says).toBe('held');
    const inside = stateDir();
    expect(await starter(inside, namespaces()).says).toBe('won');
    expect(await starter(inside).says).toBe('held');
    expect(takeLock({ stateDir: inside })).toHaveProperty('heldBy');
  });

  test('an owner file that a dead holder left blocks nobody, whoever has its number by now', async () => {
    const dir = stateDir();
    const foreign = processFacts(process.ppid);
    const left = { host: hostname(), run: '20260101-000000-abcdef', version: '0', startedAt: '2026-01-01' };
    for (const startTicks of [1, foreign?.startTicks]) {
      const owner = { ...left, pid: process.ppid, startTicks, bootId: bootId() };
      writeFileSync(join(dir, 'owner.json'), JSON.stringify(owner));
      expect(isHeld(dir)).toBe(startTicks === foreign?.startTicks);
      const lock = takeLock({ stateDir: dir });
      expect(lock).toHaveProperty('run');
      await nextTurn();
      expect(readOwner(dir)?.pid).toBe(process.pid);
      if ('release' in lock) lock.release();
    }
  });

  test('a holder that lives keeps it although a task removed the lock file under it', async () => {
    const dir = stateDir();
    const { child, says } = starter(dir);
    expect(await says).toBe('won');
    rmSync(join(dir, 'lock.db'));
    expect(await starter(dir).says).toBe('held');
    expect(takeLock({ stateDir: dir })).toMatchObject({ heldBy: { pid: child.pid } });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    const lock = takeLock({ stateDir: dir });
    expect(lock).toHaveProperty('run');
    if ('release' in lock) lock.release();
  });

  test('two state directories that share a ledger share its lock, and one inside its own needs none', async () => {
    const [one, other, shared] = [stateDir(), stateDir(), stateDir()];
    const history = join(shared, 'history.jsonl');
    const first = starter(one, [], [history]);
    expect(await first.says).toBe('won');
    const second = starter(other, [], [history]);
    expect(await second.says).toBe('held');
    expect(await starter(other, [], [join(other, 'history.jsonl')]).says).toBe('won');
    expect(readdirSync(other)).not.toContain('history.jsonl.lock');
    first.child.kill('SIGKILL');
    await new Promise((resolve) => first.child.once('exit', resolve));
    expect(await starter(stateDir(), [], [history]).says).toBe('won');
  });

  test('a copy of the folder is not held by the holder of the original', async () => {
    const dir = stateDir();
    const copy = stateDir();
    expect(await starter(dir).says).toBe('won');
    // It is written once the lock is held, for people.
    await vi.waitFor(() => expect(readOwner(dir)).toBeDefined(), 5000);
    cpSync(dir, copy, { recursive: true });
    expect(readOwner(copy)).toBeDefined();
    expect(await starter(copy).says).toBe('won');
  });

  test('a killed holder that nobody has asked after yet holds nothing, and is not called alive', async () => {
    const dir = stateDir();
    // A shell that starts it and sleeps never learns of its end: it stays behind as a zombie.
    const script = 'exec 3<&0; "$0" --input-type=module -e "$1" "$2" <&3 & exec sleep 60';
    const parent = spawn('sh', ['-c', script, process.execPath, STARTER, dir], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(parent);
    await vi.waitFor(() => expect(readOwner(dir)).toBeDefined(), { timeout: 5_000 });
    const pid = readOwner(dir)?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    await vi.waitFor(() => expect(processFacts(pid)?.state).toBe('Z'), { timeout: 5_000 });
    expect(isHeld(dir)).toBe(false);
    const lock = takeLock({ stateDir: dir });
    expect(lock).toHaveProperty('run');
    if ('release' in lock) lock.release();
  });

  test('it says where it looks for a stop, and which run it carries on', async () => {
    const dir = stateDir();
    const lock = takeLock({ stateDir: dir, stopFile: '/somewhere/stop' });
    if ('carries' in lock) lock.carries('20260101-000000-abcdef');
    await nextTurn();
    expect(readOwner(dir)).toMatchObject({ stopFile: '/somewhere/stop', run: '20260101-000000-abcdef' });
    if ('release' in lock) lock.release();
    if ('carries' in lock) lock.carries('20260101-000000-fedcba');
    await nextTurn();
    expect(readOwner(dir)).toBeUndefined();
  });

  test('released, it can be taken again, in the same process too', async () => {
    const dir = stateDir();
    const first = takeLock({ stateDir: dir });
    await nextTurn();
    expect(takeLock({ stateDir: dir })).toHaveProperty('heldBy');
    if ('release' in first) first.release();
    expect(readOwner(dir)).toBeUndefined();
    const second = takeLock({ stateDir: dir });
    expect(second).toHaveProperty('run');
    expect('run' in second && 'run' in first && second.run !== first.run).toBe(true);
    await nextTurn();
    if ('release' in first) first.release();
    expect(readOwner(dir)?.pid).toBe(process.pid);
    if ('release' in second) second.release();
  });

  test('it leaves no journal and no bytes', async () => {
    const dir = stateDir();
    const lock = takeLock({ stateDir: dir });
    await nextTurn();
    expect(readdirSync(dir).toSorted()).toEqual(['lock.db', 'owner.json']);
    if ('release' in lock) lock.release();
    expect(readFileSync(join(dir, 'lock.db'))).toHaveLength(0);
  });

  test('an owner file that says nothing useful is no obstacle', async () => {
    const dir = stateDir();
    const { says } = starter(dir);
    await says;
    // It is written behind the lock, and must not come behind what this scene writes.
    await vi.waitUntil(() => existsSync(join(dir, 'owner.json')), { timeout: 5000 });
    writeFileSync(join(dir, 'owner.json'), '{"pid": "many"');
    expect(takeLock({ stateDir: dir })).toEqual({ heldBy: undefined });
  });

  test('a state directory that is a file, and a lock that is no database, are failures that name the place', () => {
    const dir = stateDir();
    writeFileSync(join(dir, 'file'), '');
    mkdirSync(join(dir, 'lock.db'));
    expect(takeLock({ stateDir: join(dir, 'file') })).toMatchObject({
      failed: 'EEXIST',
      what: expect.stringContaining(dir),
    });
    expect(takeLock({ stateDir: dir })).toMatchObject({
      failed: 'ELOCK',
      what: expect.stringContaining('lock.db'),
    });
  });
});
