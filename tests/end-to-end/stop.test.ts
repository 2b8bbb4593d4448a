// The kill switch and the signals of a loop that nobody watches: what stops it, what carries it on, and what is said about it.

import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, faultsOf, ledgerFiles, type Line } from './kills/ledger.ts';
import { textOf } from './kills/start.ts';
import { begin, folderWith, gateRun, loop, until, type Folder, type Running } from './rig.ts';

const LOOPING = ['--continuous', '--sleep', '30s'];
const RESTS = { ...loop(`count: { run: 'echo x >> told' }`) };
/** A task that tells when it runs, ends when `go` appears, and says how it was asked to end. */
const WAITS = loop(
  `waits: { run: 'trap "echo asked >> told; exit 3" TERM; echo ready >> told; while [ ! -e go ]; do sleep 0.02; done; echo went >> told', kill-after: 20s }
next: { run: 'echo next >> told', needs: [waits] }`,
);

function told(folder: Folder): string {
  return textOf(join(folder.path, 'told'));
}

function events(folder: Folder, state = '.gate-run'): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, state)));
}

function has(folder: Folder, type: string, count = 1): boolean {
  return events(folder).filter((event) => event.type === type).length >= count;
}

async function untilResting(folder: Folder, args: readonly string[] = LOOPING): Promise<Running> {
  const running = begin(folder, args);
  await until('the loop rests', () => has(folder, 'rest.started'));
  return running;
}

interface Answer {
  readonly exit: number;
  readonly file: string;
  readonly run: string | null;
  readonly seenAt: string | null;
  readonly why: string;
}

function answer(stdout: string): Answer {
  return JSON.parse(stdout);
}

describe('[A21] the stop file', () => {
  test('ends a rest with 6, keeps every start away until a person takes it back, and the same run goes on', async () => {
    const budget = 'exit: { budget: { cycles: 3 } }';
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, budget));
    const first = await untilResting(folder);
    const asked = await gateRun(folder, ['stop', '--json']);
    const { run, seenAt, file } = answer(asked.stdout);
    const ended = await first.ended;
    expect(ended.code, ended.stderr).toBe(6);
    expect(ended.stdout).toContain(`stopped by the file ${folder.path}/.gate-run/stop`);
    const seen = events(folder).find(({ type }) => type === 'stop.seen');
    expect(seen).toMatchObject({ by: 'file', now: false, path: file, run, at: seenAt });
    const before = ledgerFiles(join(folder.path, '.gate-run'));
    for (const args of [LOOPING, [], ['--iterations', '2'], ['--json']]) {
      const start = await gateRun(folder, args);
      expect(start.code).toBe(6);
      expect(start.stderr).toContain(`the stop file ${file} is there: nothing was started`);
      expect(start.stderr).toContain('gate-run stop --undo');
      if (args[0] === '--json')
        expect(JSON.parse(start.stdout)).toMatchObject({ exit: 6, reason: 'stopped' });
    }
    expect(ledgerFiles(join(folder.path, '.gate-run'))).toEqual(before);
    folder.write('my stop', 'stop\n');
    const named = await gateRun(folder, ['--stop-file', 'my stop']);
    expect(named.stderr).toContain("take it away with: gate-run stop --undo --stop-file 'my stop'\n");
    expect((await gateRun(folder, ['stop', '--undo'])).stdout).toBe(`${file} is gone\n`);
    expect((await gateRun(folder, ['stop', '--undo'])).code).toBe(0);
    const second = begin(folder, LOOPING);
    await until('the run is carried on', () => has(folder, 'run.resumed'));
    await gateRun(folder, ['stop']);
    expect((await second.ended).code).toBe(6);
    expect(new Set(events(folder).map((event) => event.run))).toEqual(new Set([run]));
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
  });

  test('`resume` takes it away and carries the run on, its budget with it', async () => {
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, 'exit: { budget: { cycles: 4 } }'));
    const quick = ['--continuous', '--sleep', '700ms'];
    const first = await untilResting(folder, quick);
    await gateRun(folder, ['stop']);
    expect((await first.ended).code).toBe(6);
    const resumed = await gateRun(folder, ['resume', '--sleep', '700ms']);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain('/.gate-run/stop is gone');
    expect(told(folder)).toBe('x\nx\nx\nx\n');
    expect(new Set(events(folder).map((event) => event.run)).size).toBe(1);
    expect((await gateRun(folder, ['resume', 'now'])).code).toBe(2);
    expect((await gateRun(folder, ['resume', '--iterations', '2'])).stderr).toContain('a run of its own');
  });

  test('`resume` begins no run of its own: where none can be carried on it says why, and starts nothing', async () => {
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, 'exit: { budget: { cycles: 1 } }'));
    const refused = async (why: string) => {
      const before = ledgerFiles(join(folder.path, '.gate-run'));
      const { code, stderr } = await gateRun(folder, ['resume']);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(why) });
      expect(ledgerFiles(join(folder.path, '.gate-run'))).toEqual(before);
    };
    await refused('there is no run to carry on: no run yet');
    expect((await gateRun(folder, LOOPING)).code).toBe(0);
    await refused('there is no run to carry on: the budget is spent');
    folder.write('.gate-run/stop', '');
    await refused('begin a new one with: gate-run --continuous');
    expect(folder.has('.gate-run/stop')).toBe(true);
  });

  test('[A21] `resume` needs no flag of the start again, and says what it goes on with', async () => {
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, 'exit: { budget: { cycles: 3 } }'));
    const flags = ['--max-runtime', '10h', '--sleep', '700ms', '--goal', 'find it', '--stop-file', 'halt'];
    const first = await untilResting(folder, flags);
    await gateRun(folder, ['stop', '--stop-file', 'halt']);
    expect((await first.ended).code).toBe(6);
    folder.write('loop.config.yaml', `${folder.read('loop.config.yaml')}reporters: [{ junit: junit.xml }]\n`);
    const resumed = await gateRun(folder, ['resume', '-q']);
    expect(resumed.code, resumed.stderr).toBe(0);
    const words = "--max-runtime 10h --goal 'find it' --sleep 700ms --stop-file halt";
    const [{ run } = { run: '' }] = events(folder);
    expect(resumed.stderr).toContain(`gate-run: run ${run} goes on as it was started: ${words}\n`);
    expect(resumed.stderr).toContain('/halt is gone');
    expect(told(folder)).toBe('x\nx\nx\n');
    expect(new Set(events(folder).map((event) => event.run)).size).toBe(1);
    expect(folder.has('junit.xml')).toBe(true);
  });

  test('a secret among the flags of a start is not kept, and `resume` says that it has to be given again', async () => {
    const config = `redact: ["*_TOKEN"]\nvars: { api-token: none }`;
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, config));
    const first = await untilResting(folder, [...LOOPING, '--set', 'vars.api-token=hush-hush']);
    await gateRun(folder, ['stop']);
    expect((await first.ended).code).toBe(6);
    const refused = await gateRun(folder, ['resume']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('give these flags to `resume`, the secret in its place');
    expect(folder.has('.gate-run/stop')).toBe(true);
    expect(folder.read('.gate-run/history.jsonl')).toContain('***api-token***');
    expect(folder.read('.gate-run/history.jsonl')).not.toContain('hush-hush');
  });

  test('stays when `resume` cannot carry the run on', async () => {
    const folder = folderWith(RESTS);
    const first = await untilResting(folder);
    await gateRun(folder, ['stop']);
    expect((await first.ended).code).toBe(6);
    const refused = await gateRun(folder, ['resume', '--sleep', '31s']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--accept-config');
    expect((await gateRun(folder, LOOPING)).code).toBe(6);
  });

  test('during a task it lets that task end, and starts no further one', async () => {
    const folder = folderWith(WAITS);
    const { ended } = begin(folder);
    await until('the task runs', () => told(folder) === 'ready\n');
    const { stdout } = await gateRun(folder, ['stop']);
    expect(stdout).toMatch(/ saw it at .*; it ends when its running tasks have, after at most 5m/);
    folder.write('go', '');
    expect((await ended).code).toBe(6);
    expect(told(folder)).toBe('ready\nwent\n');
  });

  test('[G11] is looked for directly before every task, however short the time since the last look', async () => {
    const folder = folderWith(
      loop(`
makes: { run: 'touch .gate-run/stop; echo made >> told' }
next: { run: 'echo next >> told', needs: [makes] }
beside: { run: 'echo beside >> told', needs: [makes] }
`),
    );
    expect((await gateRun(folder)).code).toBe(6);
    expect(told(folder)).toBe('made\n');
    const looped = folderWith(loop(`makes: { run: 'touch .gate-run/stop; echo made >> told' }`));
    expect((await gateRun(looped, ['--iterations', '5'])).code).toBe(6);
    expect(told(looped)).toBe('made\n');
  });

  test('[G11] is seen in a rest within 250 ms, mostly within 50, and by a single cycle within 250 too', async () => {
    const lateMs = async (folder: Folder): Promise<number> => {
      const from = Date.now();
      folder.write('.gate-run/stop', '');
      await until('the stop is recorded', () => has(folder, 'stop.seen'));
      const seen = events(folder).find(({ type }) => type === 'stop.seen');
      return Date.parse(String(seen?.['at'])) - from;
    };
    const rests: number[] = [];
    for (let round = 0; round < 5; round++) {
      const folder = folderWith(RESTS);
      const { ended } = await untilResting(folder);
      rests.push(await lateMs(folder));
      expect((await ended).code).toBe(6);
    }
    expect(Math.max(...rests), rests.join(' ')).toBeLessThan(250);
    expect(rests.toSorted((one, other) => one - other)[2], rests.join(' ')).toBeLessThan(50);
    const folder = folderWith(WAITS);
    const { ended } = begin(folder);
    await until('the task runs', () => told(folder) === 'ready\n');
    expect(await lateMs(folder)).toBeLessThan(250);
    folder.write('go', '');
    expect((await ended).code).toBe(6);
  });

  test('`stop --now`, also after a plain one, ends the task at once, and the code is 6 all the same', async () => {
    const folder = folderWith(WAITS);
    const { ended } = begin(folder, ['--continuous']);
    await until('the task runs', () => told(folder) === 'ready\n');
    await gateRun(folder, ['stop']);
    const now = await gateRun(folder, ['stop', '--now', '--json']);
    expect(answer(now.stdout)).toMatchObject({ exit: 0, run: events(folder)[0]?.run });
    expect(folder.read('.gate-run/stop')).toMatch(/^now\nasked at \S+ by /);
    expect((await ended).code).toBe(6);
    expect(told(folder)).toBe('ready\nasked\n');
    expect(events(folder).filter(({ type }) => type === 'stop.seen')).toMatchObject([
      { now: false },
      { now: true },
    ]);
  });

  test('its path counts from the config, whatever folder the start or the stop is given from', async () => {
    const folder = folderWith(loop(`count: { run: 'true' }`, 'loop: { stop-file: state/halt }'));
    mkdirSync(join(folder.path, 'deep/below'), { recursive: true });
    const elsewhere = { from: folder.home };
    const { ended } = begin(folder, ['-C', folder.path, ...LOOPING], elsewhere);
    await until('the loop rests', () => has(folder, 'rest.started'));
    const asked = await gateRun(folder, ['stop', '--json'], { from: join(folder.path, 'deep/below') });
    expect(answer(asked.stdout)).toMatchObject({ file: join(folder.path, 'state/halt') });
    expect((await ended).code).toBe(6);
    const config = join(folder.path, 'loop.config.yaml');
    expect((await gateRun(folder, ['-c', config], elsewhere)).code).toBe(6);
    expect((await gateRun(folder, ['stop', '--undo', '-c', config], elsewhere)).stdout).toContain('is gone');
    expect(folder.list('state')).toEqual([]);
  });

  test('goes where the run under way looks, although the config names another place by now, or is broken', async () => {
    for (const spoil of ['loop: { stop-file: other }\n', 'loop: [\n']) {
      const folder = folderWith(RESTS);
      const { ended } = await untilResting(folder, [...LOOPING, '--stop-file', 'halt']);
      folder.write('loop.config.yaml', `${folder.read('loop.config.yaml')}${spoil}`);
      const asked = await gateRun(folder, ['stop', '--json']);
      expect(answer(asked.stdout), asked.stderr).toMatchObject({
        exit: 0,
        file: join(folder.path, 'halt'),
        seenAt: expect.any(String),
      });
      expect((await ended).code).toBe(6);
    }
  });

  test('with a broken config and no run it says which file it used; with no loop at all it writes nothing', async () => {
    const folder = folderWith({ 'loop.config.yaml': 'version: [' });
    const broken = await gateRun(folder, ['stop']);
    expect(broken.code).toBe(0);
    expect(broken.stderr).toContain('the config cannot be used');
    expect(broken.stderr).toContain(`${folder.path}/.gate-run/stop`);
    expect(folder.has('.gate-run/stop')).toBe(true);
    const empty = folderWith();
    expect((await gateRun(empty, ['stop'])).code).toBe(2);
    expect(empty.list()).toEqual([]);
  });

  test('what cannot be written is never called stopped: 8, with another way', async () => {
    const folder = folderWith({ ...RESTS, file: '' });
    const { child, ended } = await untilResting(folder);
    const refused = await gateRun(folder, ['stop', '--stop-file', 'file/stop']);
    expect(refused.code).toBe(8);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).toMatch(
      /could not be written \(E\w+\): nothing was stopped; send the run two SIGTERM/,
    );
    expect(refused.stderr).toContain('the run under way does not look there');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(6);
  });

  test('a folder and a dangling link at the start are stops too, and leave no trace', async () => {
    const folder = folderWith(loop(`count: { run: 'echo x >> told' }`, 'loop: { stop-file: halt }'));
    const path = join(folder.path, 'halt');
    symlinkSync('nowhere', path);
    expect((await gateRun(folder)).stderr).toContain('is a link that leads nowhere: nothing was started');
    expect((await gateRun(folder, ['stop', '--now'])).code).toBe(0);
    expect(folder.list()).toEqual(['halt', 'loop.config.yaml']);
    rmSync(path);
    mkdirSync(path);
    expect((await gateRun(folder)).code).toBe(6);
    folder.write('halt/kept', '');
    expect((await gateRun(folder, ['stop'])).stdout).toContain('was there already');
    expect((await gateRun(folder, ['stop', '--now'])).code).toBe(8);
    expect((await gateRun(folder, ['stop', '--undo'])).code).toBe(2);
    expect((await gateRun(folder, ['resume'])).code).toBe(2);
    rmSync(join(path, 'kept'));
    expect((await gateRun(folder, ['stop', '--undo'])).code).toBe(0);
    expect(folder.list()).toEqual(['loop.config.yaml']);
  });

  test('a slip in `--stop-file` costs nobody a file', async () => {
    const folder = folderWith({ ...RESTS, 'src/work.txt': 'a week of work\n' });
    const config = folder.read('loop.config.yaml');
    for (const file of ['src/work.txt', 'loop.config.yaml']) {
      for (const args of [['stop', '--now'], ['stop', '--undo'], ['resume']]) {
        const { code } = await gateRun(folder, [...args, '--stop-file', file]);
        expect(code, `${args.join(' ')} ${file}`).toBe(2);
      }
    }
    expect(folder.read('src/work.txt')).toBe('a week of work\n');
    expect(folder.read('loop.config.yaml')).toBe(config);
    folder.write('halt', '');
    expect((await gateRun(folder, ['stop', '--undo', '--stop-file', 'halt'])).code).toBe(0);
    expect(folder.has('halt')).toBe(false);
  });

  test('`resume` waits for nobody: while the run is still on its way out, it says so and leaves the file', async () => {
    const folder = folderWith(WAITS);
    const { ended } = begin(folder, ['--continuous']);
    await until('the task runs', () => told(folder) === 'ready\n');
    await gateRun(folder, ['stop']);
    const early = await gateRun(folder, ['resume']);
    expect(early.code).toBe(7);
    expect(folder.has('.gate-run/stop')).toBe(true);
    folder.write('go', '');
    expect((await ended).code).toBe(6);
  });
});

describe('[B5] signals to a loop', () => {
  test('one SIGTERM in a rest ends it at once with 6, and the next start carries the run on', async () => {
    const folder = folderWith(RESTS);
    const { child, ended } = await untilResting(folder);
    const from = performance.now();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(6);
    expect(performance.now() - from).toBeLessThan(2000);
    const second = begin(folder, LOOPING);
    await until('the run is carried on', () => has(folder, 'run.resumed'));
    second.child.kill('SIGINT');
    expect((await second.ended).code).toBe(6);
    expect(new Set(events(folder).map((event) => event.run)).size).toBe(1);
  });

  test('at whatever moment of a start they come, it ends soon, and the ledger is in order', async () => {
    const folder = folderWith(RESTS);
    // A run without an end makes the start longer: it has more to do before its own run is there.
    const first = await untilResting(folder);
    first.child.kill('SIGKILL');
    await first.ended;
    const codes = new Set<number | null>();
    for (let afterMs = 20; afterMs <= 200; afterMs += 15) {
      const { child, ended } = begin(folder, LOOPING);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      child.kill('SIGTERM');
      const { code, ms } = await ended;
      codes.add(code);
      expect(ms).toBeLessThan(5000);
    }
    // Before it can hear a signal it ends by it; after that by its own code.
    expect([null, 6]).toEqual(expect.arrayContaining([...codes]));
    expect((await gateRun(folder)).code).toBe(0);
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
  });
});

describe('[A15] a start while a run is under way', () => {
  const SLOW = loop(`waits: { run: 'echo ready >> told; while [ ! -e go ]; do sleep 0.02; done' }`);

  test('`overlap: queue` says whom it waits for, and begins when that run is over', async () => {
    const folder = folderWith(SLOW);
    const first = begin(folder);
    await until('the task runs', () => told(folder) === 'ready\n');
    const second = begin(folder, ['--overlap', 'queue']);
    let said = '';
    second.child.stderr?.on('data', (text: string) => (said += text));
    await until('it says that it waits', () => said.includes('waiting for the run under way'));
    expect(said).toMatch(/at most 1d: process \d+ on \S+, since \S+ \(run \S+\)/);
    folder.write('go', '');
    expect((await first.ended).code).toBe(0);
    expect((await second.ended).code).toBe(0);
    expect(told(folder)).toBe('ready\nready\n');
    expect(said.match(/waiting/g)).toHaveLength(1);
  });

  test('one that queues takes over within a second from a holder that was killed', async () => {
    const folder = folderWith(SLOW);
    const first = begin(folder);
    await until('the task runs', () => told(folder) === 'ready\n');
    const second = begin(folder, ['--overlap', 'queue']);
    let said = '';
    second.child.stderr?.on('data', (text: string) => (said += text));
    await until('it says that it waits', () => said.includes('waiting'));
    first.child.kill('SIGKILL');
    await first.ended;
    const from = performance.now();
    await until('it has taken over', () => has(folder, 'run.resumed'));
    expect(performance.now() - from).toBeLessThan(1000);
    folder.write('go', '');
    expect((await second.ended).code).toBe(0);
  });

  test('a signal and the stop file end the wait with 6, and nothing was started', async () => {
    const folder = folderWith(SLOW);
    const first = begin(folder);
    await until('the task runs', () => told(folder) === 'ready\n');
    for (const how of ['signal', 'file'] as const) {
      const second = begin(folder, ['--overlap', 'queue', '--json']);
      let said = '';
      second.child.stderr?.on('data', (text: string) => (said += text));
      await until('it says that it waits', () => said.includes('waiting'));
      if (how === 'signal') second.child.kill('SIGTERM');
      else folder.write('.gate-run/stop', '');
      const { code, stdout } = await second.ended;
      expect(code).toBe(6);
      expect(JSON.parse(stdout)).toMatchObject({ exit: 6, reason: 'stopped', run: null });
    }
    await until('the run under way has seen it too', () => has(folder, 'stop.seen'));
    folder.write('go', '');
    expect((await first.ended).code).toBe(6);
    expect(told(folder)).toBe('ready\n');
  });

  test('`overlap: skip` ends with 7 and names who has it, or with 0 by --locked-ok', async () => {
    const folder = folderWith(RESTS);
    const { child, ended } = await untilResting(folder);
    const second = await gateRun(folder, ['--overlap', 'skip']);
    expect(second.code).toBe(7);
    expect(second.stderr).toContain(`process ${child.pid} on `);
    expect((await gateRun(folder, ['--locked-ok'])).code).toBe(0);
    child.kill('SIGTERM');
    await ended;
  });
});

test('a changed config carries no run on by itself: 2, nothing written, and the two ways on are named', async () => {
  const folder = folderWith(RESTS);
  const first = await untilResting(folder);
  first.child.kill('SIGTERM');
  await first.ended;
  const [began] = events(folder);
  const before = ledgerFiles(join(folder.path, '.gate-run'));
  const other = ['--continuous', '--sleep', '31s'];
  const refused = await gateRun(folder, other);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(`since run ${began?.run} began`);
  expect(refused.stderr).toContain('--accept-config');
  const json = await gateRun(folder, [...other, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ exit: 2, reason: 'plan-changed' });
  expect(ledgerFiles(join(folder.path, '.gate-run'))).toEqual(before);
  const second = begin(folder, [...other, '--accept-config']);
  await until('the run is carried on', () => has(folder, 'run.resumed'));
  const owner = (): string => textOf(join(folder.path, '.gate-run/owner.json'));
  await until('the owner file names it', () => owner().includes(`"run":"${began?.run}"`));
  expect(JSON.parse(owner())).toMatchObject({ pid: second.child.pid });
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(6);
});
