import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Event } from '../../src/core/loop/event.ts';
import { lockFolder, namedLocks, type RealLocks } from '../../src/system/named-locks.ts';

const MODULE = join(import.meta.dirname, '../../src/system/named-locks.ts');
/** Takes the locks, says each fact, and keeps what it has until it is killed or its stdin ends. */
const OTHER = `
  import { namedLocks } from ${JSON.stringify(MODULE)};
  const [, home, task, ...names] = process.argv;
  const inbox = { put: (fact) => console.log(JSON.stringify(fact)) };
  const locks = namedLocks({ inbox, folder: '/other', env: {}, home });
  locks.take({ task, names, run: 'run-other' });
  process.stdin.on('end', () => { locks.close(); process.exit(); }).resume();
`;

const children: ChildProcess[] = [];
const folders: string[] = [];
const opened: RealLocks[] = [];

afterEach(() => {
  for (const locks of opened.splice(0)) locks.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeHome(): string {
  const made = mkdtempSync(join(tmpdir(), 'gate-run-locks-'));
  folders.push(made);
  return join(made, 'locks');
}

class Facts {
  readonly all: Event[] = [];
  #wake: () => void = () => undefined;

  put(fact: Event): void {
    this.all.push(fact);
    this.#wake();
  }

  async first(type: Event['type'], task: string): Promise<Event> {
    for (;;) {
      const found = this.all.find((fact) => fact.type === type && 'task' in fact && fact.task === task);
      if (found) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

function here(home: string, env: Readonly<Record<string, string>> = {}): { locks: RealLocks; facts: Facts } {
  const facts = new Facts();
  const locks = namedLocks({ inbox: facts, folder: '/here', env, home });
  opened.push(locks);
  return { locks, facts };
}

/** Another process, and what it has heard so far. */
function other(home: string, task: string, ...names: string[]): { child: ChildProcess; facts: Facts } {
  const argv = ['--input-type=module', '-e', OTHER, home, task, ...names];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const facts = new Facts();
  let rest = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) facts.put(JSON.parse(line));
  });
  return { child, facts };
}

describe('a named lock is had by one task at a time', () => {
  test('across processes: who comes second is told who has it, and gets it when that one gives it back', async () => {
    const home = makeHome();
    const first = other(home, 'a', 'db');
    await first.facts.first('task.locked', 'a');
    const { locks, facts } = here(home);
    locks.take({ task: 'b', names: ['db'], run: 'run-here' });
    expect(await facts.first('task.waiting', 'b')).toMatchObject({
      lock: 'db',
      holder: { run: 'run-other', task: 'a', pid: first.child.pid, folder: '/other' },
    });
    expect(facts.all).toHaveLength(1);
    first.child.stdin?.end();
    expect(await facts.first('task.locked', 'b')).toEqual({ type: 'task.locked', task: 'b' });
  });

  test('[G9] a kill -9 of its holder frees it', async () => {
    const home = makeHome();
    const first = other(home, 'a', 'db');
    await first.facts.first('task.locked', 'a');
    const { locks, facts } = here(home);
    locks.take({ task: 'b', names: ['db'], run: 'run-here' });
    await facts.first('task.waiting', 'b');
    const killedMs = performance.now();
    first.child.kill('SIGKILL');
    await facts.first('task.locked', 'b');
    expect(performance.now() - killedMs).toBeLessThan(1000);
  });

  test('of twelve processes that want the same two, in whatever order, each gets its turn, and never two at once', async () => {
    const home = makeHome();
    const log = join(home, '..', 'inside');
    mkdirSync(log);
    const names = [
      ['x', 'y'],
      ['y', 'z'],
      ['x', 'z'],
    ];
    await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const own = names[at % 3] ?? [];
        const { child, facts } = other(home, `t${at}`, ...own);
        await facts.first('task.locked', `t${at}`);
        for (const name of own) {
          expect(readdirSync(log).filter((file) => file.startsWith(`${name}.`))).toEqual([]);
          mkdirSync(join(log, `${name}.${at}`));
        }
        await new Promise((resolve) => setTimeout(resolve, 10));
        for (const name of own) rmSync(join(log, `${name}.${at}`), { recursive: true });
        child.stdin?.end();
      }),
    );
  }, 30_000);

  test('who waits no longer has given back what it had', async () => {
    const home = makeHome();
    const first = other(home, 'a', 'net');
    await first.facts.first('task.locked', 'a');
    const { locks, facts } = here(home);
    locks.take({ task: 'b', names: ['db', 'net'], run: 'run-here' });
    await facts.first('task.waiting', 'b');
    const third = other(home, 'c', 'db');
    await third.facts.first('task.waiting', 'c');
    locks.release('b');
    await third.facts.first('task.locked', 'c');
    expect(facts.all.map(({ type }) => type)).toEqual(['task.waiting']);
  });

  test('a lock file that was removed while it is held lets nobody in beside its holder', async () => {
    const home = makeHome();
    const first = other(home, 'a', 'db');
    await first.facts.first('task.locked', 'a');
    rmSync(join(home, 'db.lock'));
    const { locks, facts } = here(home);
    locks.take({ task: 'b', names: ['db'], run: 'run-here' });
    await facts.first('task.waiting', 'b');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(facts.all.map(({ type }) => type)).toEqual(['task.waiting']);
    first.child.kill('SIGKILL');
    await facts.first('task.locked', 'b');
  });

  test('a file that was not written to for weeks looks young once it is taken', async () => {
    const home = makeHome();
    const { locks, facts } = here(home);
    locks.take({ task: 'a', names: ['db'], run: 'r' });
    await facts.first('task.locked', 'a');
    locks.release('a');
    utimesSync(join(home, 'db.lock'), 1, 1);
    locks.take({ task: 'b', names: ['db'], run: 'r' });
    await facts.first('task.locked', 'b');
    expect(Date.now() - statSync(join(home, 'db.lock')).mtimeMs).toBeLessThan(60_000);
  });
});

test('a gate-run that a task has started does not wait for what that very task has', async () => {
  const home = makeHome();
  const first = other(home, 'a', 'db');
  await first.facts.first('task.locked', 'a');
  const { locks, facts } = here(home, { GATE_RUN: 'run-other', GATE_TASK: 'a' });
  locks.take({ task: 'inner', names: ['db'], run: 'run-here' });
  expect(await facts.first('task.locked', 'inner')).toMatchObject({
    failed: 'the lock `db` is held by task a, which started this gate-run',
  });
});

describe('where locks are kept', () => {
  test('is one folder for a user, whatever the surroundings say', () => {
    const script = `import { lockFolder } from ${JSON.stringify(MODULE)}; console.log(lockFolder());`;
    const asked = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { TMPDIR: '/var/tmp', XDG_RUNTIME_DIR: '/run/user/0' },
      encoding: 'utf8',
    });
    expect(asked.stdout.trim()).toBe(lockFolder());
    expect(lockFolder()).toBe(`/tmp/gate-run-${process.getuid?.()}/locks`);
  });

  test('others cannot look into it', async () => {
    const home = makeHome();
    const { locks, facts } = here(home);
    locks.take({ task: 'a', names: ['db'], run: 'r' });
    await facts.first('task.locked', 'a');
    expect(statSync(home).mode & 0o777).toBe(0o700);
  });

  test.each<readonly [string, (home: string) => void, string]>([
    ['that others may write to', (home) => (mkdirSync(home), chmodSync(home, 0o777)), 'others may write to'],
    ['that is a link', (home) => symlinkSync(tmpdir(), home), 'is no folder'],
  ])('a folder %s is not trusted', async (_, prepare, why) => {
    const home = makeHome();
    prepare(home);
    const { locks, facts } = here(home);
    locks.take({ task: 'a', names: ['db'], run: 'r' });
    expect(await facts.first('task.locked', 'a')).toMatchObject({ failed: expect.stringContaining(why) });
    expect(existsSync(join(home, 'db.lock'))).toBe(false);
  });
});
