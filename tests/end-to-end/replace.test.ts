// A start that takes the place of the run under way: the old one ends its tasks, then the new one starts, and never both at once.
// `PROVE_HANDOVERS` says how many starts the storm is made of.

import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, faultsOf, ledgerFiles, type Line } from './kills/ledger.ts';
import { textOf } from './kills/start.ts';
import { begin, folderWith, gateRun, loop, until, type Folder, type Running } from './rig.ts';

const STARTS = Number(process.env['PROVE_HANDOVERS'] ?? 8);
const START_LIMIT_MS = 10_000;
const STORM_LIMIT_MS = 60_000 + STARTS * START_LIMIT_MS;
/** Tells when it runs and how it was asked to end, and takes its time to do so. */
const WAITS = loop(
  `waits: { run: 'trap "sleep 0.1; echo ended >> told; exit 0" TERM; echo ready >> told; while [ ! -e go ]; do sleep 0.02; done', kill-after: 20s }`,
  'loop: { stop-within: 0s, sleep: 30s }',
);

function told(folder: Folder): string {
  return textOf(join(folder.path, 'told'));
}

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
}

/** Where a number of a process means what it means here, as a wish names it. */
function ownSpace(): string {
  return `${textOf('/proc/sys/kernel/random/boot_id').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
}

function owner(folder: Folder): Readonly<Record<string, unknown>> {
  const text = textOf(join(folder.path, '.gate-run/owner.json'));
  return text === '' ? {} : JSON.parse(text);
}

async function underWay(folder: Folder, args: readonly string[] = []): Promise<Running> {
  const running = begin(folder, args);
  await until('the task runs', () => told(folder).endsWith('ready\n'));
  await until('the holder has a name', () => owner(folder)['pid'] === running.child.pid);
  return running;
}

function heard(running: Running): () => string {
  let said = '';
  running.child.stderr?.on('data', (text: string) => (said += text));
  return () => said;
}

describe('[B18] a start that replaces', () => {
  test('lets the old run end its tasks, and begins when that one has let go', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder);
    const second = begin(folder, ['--replace']);
    const old = await first.ended;
    expect(old.code).toBe(6);
    expect(old.stdout).toContain(`stopped: process ${second.child.pid} on `);
    await until('the new one runs', () => told(folder) === 'ready\nended\nready\n');
    folder.write('go', '');
    const { code, stderr } = await second.ended;
    expect(code).toBe(0);
    expect(stderr).toContain(`asking the run under way to give way: process ${first.child.pid} on `);
    expect(events(folder).filter(({ type }) => type === 'stop.seen')).toMatchObject([
      { by: 'replace', now: false },
    ]);
    expect(folder.has('.gate-run/replace.json')).toBe(false);
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
  });

  test('gives an old run that does not heed TERM its grace, then KILL, as `stop-within` and `kill-after` say', async () => {
    const folder = folderWith(
      loop(
        `deaf: { run: 'trap "" TERM; echo ready >> told; while [ ! -e go ]; do sleep 0.02; done', kill-after: 300ms }`,
        'loop: { stop-within: 200ms }',
      ),
    );
    const first = await underWay(folder);
    const second = begin(folder, ['--overlap', 'replace']);
    expect((await first.ended).code).toBe(6);
    await until('the new one runs', () => told(folder) === 'ready\nready\n');
    folder.write('go', '');
    expect((await second.ended).code).toBe(0);
    const stops = events(folder).filter(({ type }) => type === 'attempt.stopping');
    expect(stops.map(({ signal }) => signal)).toEqual(['TERM', 'KILL']);
  });

  test('carries a continuous run on, with its budget; `overlap` alone makes no other plan of it', async () => {
    const budget = 'exit: { budget: { cycles: 2 } }\nloop: { sleep: 30s }';
    const folder = folderWith(loop(`count: { run: 'echo ready >> told' }`, budget));
    const first = await underWay(folder, ['--continuous']);
    await until('it rests', () => events(folder).some(({ type }) => type === 'rest.started'));
    const second = begin(folder, ['--continuous', '--replace']);
    expect((await first.ended).code).toBe(6);
    await until('it is carried on', () => events(folder).some(({ type }) => type === 'run.resumed'));
    expect(new Set(events(folder).map(({ run }) => run)).size).toBe(1);
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(6);
  });

  test('leaves a run alone that it could not carry on: another plan without --accept-config', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder, ['--continuous']);
    const other = ['--continuous', '--replace', '--sleep', '31s'];
    const refused = await gateRun(folder, other);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--accept-config');
    expect(folder.has('.gate-run/replace.json')).toBe(false);
    const second = begin(folder, [...other, '--accept-config']);
    expect((await first.ended).code).toBe(6);
    await until('it is carried on', () => told(folder).endsWith('ended\nready\n'));
    second.child.kill('SIGTERM');
    expect((await second.ended).code).toBe(6);
  });

  test('`--clean-state` carries nothing on, so another plan or a damaged ledger keeps it from no place', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder, ['--continuous']);
    const second = begin(folder, ['--replace', '--clean-state', '--iterations', '1', '--sleep', '31s']);
    expect((await first.ended).code).toBe(6);
    await until('the new run works', () => told(folder).endsWith('ended\nready\n'));
    folder.write('go', '');
    expect((await second.ended).code).toBe(0);
    expect(events(folder).filter(({ type }) => type === 'run.started')).toHaveLength(1);
  });

  test('takes over at once from a holder that was killed, and needs nobody there', async () => {
    const folder = folderWith({ ...WAITS, go: '' });
    expect((await gateRun(folder, ['--replace'])).code).toBe(0);
    const { loop: _, ...slow } = { ...WAITS, loop: '' };
    const killed = folderWith(slow);
    const first = await underWay(killed);
    first.child.kill('SIGKILL');
    await first.ended;
    killed.write('go', '');
    expect((await gateRun(killed, ['--replace'])).code).toBe(0);
  });
});

describe('[G10] a holder that cannot be asked keeps its place', () => {
  test('one that stands still: 7 after ten seconds, the wish is taken back, and it goes on when it wakes', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder);
    first.child.kill('SIGSTOP');
    const second = await gateRun(folder, ['--replace']);
    expect(second.code).toBe(7);
    expect(second.stderr).toContain('gave no answer within 10s, and a living run is not pushed aside');
    expect(second.stderr).toContain(`kill ${first.child.pid}`);
    expect(folder.has('.gate-run/replace.json')).toBe(false);
    first.child.kill('SIGCONT');
    folder.write('go', '');
    expect((await first.ended).code).toBe(0);
    expect(events(folder).some(({ type }) => type === 'stop.seen')).toBe(false);
  });

  test('--locked-ok makes 0 of that 7, also where a later start has asked for the place', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder);
    first.child.kill('SIGSTOP');
    const second = begin(folder, ['--replace', '--locked-ok', '--json']);
    const said = heard(second);
    await until('it has asked', () => folder.has('.gate-run/replace.json'));
    const wish = JSON.parse(folder.read('.gate-run/replace.json'));
    // Of somebody who lives: nobody gives way to the dead.
    const later = { ...wish, by: 'later', pid: process.pid, startTicks: undefined };
    folder.write('.gate-run/replace.json', JSON.stringify(later));
    const { code, stdout } = await second.ended;
    expect(code).toBe(0);
    expect(said()).toContain('a later start has asked for its place');
    expect(JSON.parse(stdout)).toMatchObject({ exit: 0, reason: 'locked' });
    expect(folder.read('.gate-run/replace.json')).toContain('later');
    first.child.kill('SIGCONT');
    expect((await first.ended).code).toBe(6);
  });

  test('a wish that names another start, or is none, stops nobody', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder);
    const wishes = [
      '{"to":"20200101-000000-aaaaaa","by":"x","pid":1,"host":"h"}\n',
      'replace\n',
      `{"to":"${String(owner(folder)['start'])}"}\n`,
      'x'.repeat(100_000),
      '',
      // One that asked and was killed before it was heard.
      JSON.stringify({
        to: owner(folder)['start'],
        by: 'x',
        pid: 2 ** 22 + 1,
        host: hostname(),
        space: ownSpace(),
      }),
    ];
    for (const wish of wishes) {
      folder.write('.gate-run/replace.json', wish);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    folder.write('go', '');
    expect((await first.ended).code).toBe(0);
  });

  test('a wish from another host reaches it, and no escape of its name a screen', async () => {
    const folder = folderWith(WAITS);
    const first = await underWay(folder);
    const wish = { to: owner(folder)['start'], by: 'far', pid: 7, host: '\u001b[31mbad' };
    folder.write('.gate-run/replace.json', JSON.stringify(wish));
    const { code, stdout } = await first.ended;
    expect(code).toBe(6);
    expect(stdout).toContain('process 7 on a host without a proper name takes its place');
    expect(stdout).not.toContain('\u001b');
  });

  test('a holder in another pid namespace is asked and gives way too', async () => {
    const unshare = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
    if (spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']).status !== 0) {
      console.warn('no namespaces can be made here: handing over was not tried across them');
      return;
    }
    const folder = folderWith(WAITS);
    const first = begin(folder, [], { within: unshare });
    await until('the task runs', () => told(folder) === 'ready\n');
    await until('the holder has a name', () => owner(folder)['start'] !== undefined);
    const second = begin(folder, ['--replace']);
    await first.ended;
    await until('the new one runs', () => told(folder) === 'ready\nended\nready\n');
    folder.write('go', '');
    expect((await second.ended).code).toBe(0);
  });
});

test('a signal ends the wait with 6; words that contradict each other are refused', async () => {
  const folder = folderWith(WAITS);
  const first = await underWay(folder);
  first.child.kill('SIGSTOP');
  const second = begin(folder, ['--replace']);
  const said = heard(second);
  await until('it asks', () => said().includes('asking'));
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(6);
  expect(folder.has('.gate-run/replace.json')).toBe(false);
  first.child.kill('SIGCONT');
  folder.write('go', '');
  expect((await first.ended).code).toBe(0);
  const two = await gateRun(folder, ['--replace', '--overlap', 'skip']);
  expect(two.code).toBe(2);
  expect(two.stderr).toContain('--replace  and `--overlap skip` are two wishes');
  expect((await gateRun(folder, ['waits', '--replace'])).code).toBe(2);
});

/** The kernel's lock is free once its holder and all that it left running are gone; whoever finds it taken has met another one. */
const EXCLUSIVE = loop(
  `
holds:
  kill-after: 20s
  run: |
    exec 9>alone
    flock --nonblock 9 || echo overlap >> overlaps
    trap 'sleep 0.03; echo left >> told; exit 0' TERM
    echo in >> told
    while [ ! -e go ]; do sleep 0.02; done
`,
  'loop: { stop-within: 0s }',
);
const KILLS_EVERY = 5;

test(
  `[G10] in a storm of ${STARTS} starts that replace one another no two ever run at once, and one is left`,
  async () => {
    const folder = folderWith(EXCLUSIVE);
    const codes: (number | null)[] = [];
    const starts: Running[] = [];
    const start = (args: readonly string[]): void => {
      // In a storm one may wait long: whoever asks last is heard.
      const running = begin(folder, args, { limitMs: STORM_LIMIT_MS });
      starts.push(running);
      void running.ended.then(({ code }) => codes.push(code));
    };
    start([]);
    await until('the first one runs', () => told(folder) === 'in\n');
    let seed = STARTS;
    let killed = 0;
    for (let at = 1; at < STARTS; at++) {
      start(['--replace']);
      seed = (seed * 48_271) % 2_147_483_647;
      // Some come in the same moment, some while a hand-over is under way; now and then who holds the lock dies in the middle of it.
      await new Promise((resolve) => setTimeout(resolve, seed % 3 === 0 ? 0 : seed % 700));
      const holder = starts.find(
        ({ child }) => child.pid === owner(folder)['pid'] && child.exitCode === null,
      );
      if (at % KILLS_EVERY === 0 && at < STARTS - 1 && holder?.child.kill('SIGKILL') === true) killed++;
    }
    // Those that wait still hand the place on to one another, one by one.
    await until('all but one have ended', () => codes.length >= STARTS - 1, 60_000 + STARTS * 500);
    folder.write('go', '');
    const ended = await Promise.all(starts.map((one) => one.ended));
    expect(textOf(join(folder.path, 'overlaps'))).toBe('');
    // One is left and passes; the others gave way to a later one, were overtaken while they waited, or were killed.
    expect(ended.filter(({ code }) => code === 0)).toHaveLength(1);
    expect(ended.filter(({ code }) => code === null).length).toBeLessThanOrEqual(killed);
    expect([0, 6, 7, null]).toEqual(expect.arrayContaining([...new Set(ended.map(({ code }) => code))]));
    expect(faultsOf(ledgerFiles(join(folder.path, '.gate-run')), true)).toEqual([]);
    const ran = told(folder).match(/^in$/gm)?.length ?? 0;
    expect(ran).toBeGreaterThan(1);
    console.log(
      `figure: ${STARTS} starts that replace one another, ${ran} of them came to run, ${killed} holders killed, 0 overlaps`,
    );
  },
  STORM_LIMIT_MS,
);
