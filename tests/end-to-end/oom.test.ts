// Tasks that the kernel really kills for want of memory: gate-run and its tasks stand in a memory cgroup that the story makes.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventsIn, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, start, textOf } from './kills/start.ts';
import { begin, folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const MIB = 1024 * 1024;

/** Fills memory until the kernel ends it, and offers itself to be the one: gate-run is in the same cgroup. */
const EATS = 'echo 1000 > /proc/self/oom_score_adj; exec tail /dev/zero';
/** Takes 12 MiB more five times a second. */
const GROWS = `
import { writeFileSync } from 'node:fs';
writeFileSync('/proc/self/oom_score_adj', '1000');
const held = [];
setInterval(() => held.push(Buffer.alloc(12 * 1048576, 1)), 200);
`;

interface Cgroup {
  readonly folder: string;
}

/** In whichever tree this machine counts memory; else what the system says to that. */
function memoryCgroup(limitMib: number): Cgroup | string {
  const line = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'));
  const isV1 = line !== null && existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const own = isV1 ? (line[1] ?? '') : (/^0::(.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1] ?? '');
  // In the unified tree a cgroup with processes cannot have children with controllers; so it stands at the root.
  const folder = join(
    '/sys/fs/cgroup',
    isV1 ? `memory${own}` : '',
    `gate-run-story-${process.pid}-${Date.now()}`,
  );
  try {
    mkdirSync(folder);
  } catch (error) {
    return String(error);
  }
  onTestFinished(async () => {
    await until('its cgroup can be removed', () => isRemoved(folder));
  });
  try {
    writeFileSync(join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(limitMib * MIB));
    for (const [file, value] of Object.entries({ 'memory.swappiness': '0', 'memory.swap.max': '0' }))
      if (existsSync(join(folder, file))) writeFileSync(join(folder, file), value);
    return { folder };
  } catch (error) {
    return String(error);
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/** Starts the built command inside; whoever starts it enters first, so that everything is counted there. */
async function inside({ folder: cgroup }: Cgroup, folder: Folder, args: readonly string[]): Promise<string> {
  const script = `echo $$ > ${cgroup}/cgroup.procs; exec "$@"`;
  const { code, signal, out } = await start(folder, ['sh', '-c', script, 'sh', ...COMMAND, ...args]).over;
  expect(signal, out).toBeNull();
  return `${out}\nexit ${code}`;
}

/** A machine that lets nobody make a cgroup proves nothing here, and says so. */
function isMade(cgroup: Cgroup | string): cgroup is Cgroup {
  if (typeof cgroup !== 'string') return true;
  console.log(`not tested: nothing can be made to run out of memory on this machine (${cgroup})`);
  expect(cgroup).toMatch(/EACCES|EPERM|EROFS|ENOENT|EBUSY|EINVAL|EOPNOTSUPP/);
  return false;
}

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
}

/** Each way to end, with the word that it has to be told by. */
const MATRIX: Readonly<Record<string, readonly [gate: string, told: string]>> = {
  direct: [`{ run: [sh, eats.sh] }`, 'broken oom'],
  shell: [`{ run: 'sh eats.sh; exit $?' }`, 'broken oom'],
  masked: [`{ run: 'sh eats.sh || true' }`, 'broken oom'],
  piped: [`{ run: 'sh eats.sh | cat; echo all is well' }`, 'broken oom'],
  'heap-limit': [`{ run: [node, --max-old-space-size=16, heap.cjs] }`, 'broken heap-limit'],
  'heap-behind-a-shell': [`{ run: 'node --max-old-space-size=16 heap.cjs; exit $?' }`, 'broken heap-limit'],
  killed: [`{ run: 'kill -KILL $$' }`, 'broken killed'],
  'killed-code': [`{ run: 'exit 137' }`, 'broken killed'],
  aborted: [`{ run: 'kill -ABRT $$' }`, 'broken killed'],
  'cpu-limit': [`{ run: 'ulimit -S -t 1; while :; do :; done' }`, 'broken cpu-limit'],
  // At its hard limit the kernel sends the same KILL that anybody may send, and no counter moves.
  'cpu-hard-limit': [`{ run: 'ulimit -t 1; while :; do :; done' }`, 'broken killed'],
  'file-limit': [`{ run: 'ulimit -f 8; head -c 100000 /dev/zero > large' }`, 'broken file-limit'],
  timeout: [`{ run: sleep 30, timeout: 300ms }`, 'broken timed-out'],
  'timeout-that-exits-0': [
    `{ run: 'trap "exit 0" TERM; sleep 30 & wait', timeout: 300ms }`,
    'broken timed-out',
  ],
  stall: [`{ run: sleep 30, stall: 400ms }`, 'broken stalled'],
  'not-found': [`{ run: [no-such-command] }`, 'broken not-started'],
  'not-executable': [`{ run: [./eats.sh] }`, 'broken not-started'],
  failed: [`{ run: 'exit 1' }`, 'failed exited'],
  well: [`{ run: 'true' }`, 'passed exited'],
};

/** Full of what it never lets go of. */
const HEAP = `const all = []; for (;;) all.push(new Array(10000).fill(all.length));`;

const GOES_ON = ['--set', 'phases.check.policy=keep-going'];

describe('out of memory', () => {
  test('[A19] [G12] each way to end has its own word: the counter of the kernel beats every code, and what is unknown is `killed`', async () => {
    const cgroup = memoryCgroup(192);
    if (!isMade(cgroup)) return;
    const gates = Object.entries(MATRIX).map(([name, [gate]]) => `${name}: ${gate}`);
    const folder = folderWith({ ...loop(gates.join('\n'), 'jobs: 1'), 'eats.sh': EATS, 'heap.cjs': HEAP });
    const out = await inside(cgroup, folder, GOES_ON);
    expect(out).toContain('exit 3');
    const tasks = events(folder).find(({ type }) => type === 'cycle.ended')?.tasks ?? [];
    expect(
      Object.fromEntries(tasks.map(({ id, verdict, outcome }) => [id, `${verdict} ${String(outcome)}`])),
    ).toEqual(Object.fromEntries(Object.entries(MATRIX).map(([name, [, told]]) => [name, told])));
    const ended = events(folder).filter(({ type }) => type === 'attempt.ended');
    const kills = ended.filter(({ oomKills }) => oomKills !== undefined);
    expect(kills.map(({ task, oomKills }) => [task, oomKills])).toEqual(
      ['direct', 'shell', 'masked', 'piped'].map((task) => [task, 1]),
    );
    expect(out).toContain('out of memory: the kernel killed 1 of its processes');
    // What could be had is the smallest of all limits that hold there.
    expect(kills.map(({ memoryLimitBytes }) => memoryLimitBytes)).toEqual(kills.map(() => 192 * MIB));
  });

  test('[G12] what a person stops is cancelled, and nobody is asked what became of it', async () => {
    const folder = folderWith(loop(`works: { run: 'echo begun > begun; sleep 30' }`));
    const { ended } = begin(folder);
    await until('it works', () => folder.has('begun'));
    expect((await gateRun(folder, ['stop', '--now'])).code).toBe(0);
    await ended;
    const tasks = events(folder).find(({ type }) => type === 'cycle.ended')?.tasks;
    expect(tasks?.map(({ verdict, outcome }) => `${verdict} ${String(outcome)}`)).toEqual([
      'skipped cancelled',
    ]);
    expect(folder.list('.gate-run/cycles/000001').filter((name) => name.includes('forensics'))).toEqual([]);
  });

  test('[A13] [A19] what hangs leaves what it was doing when it was ended', async () => {
    const folder = folderWith(
      loop(`hangs: { run: 'echo waiting for the lock; sleep 60 & wait', timeout: 1400ms }`),
    );
    expect((await gateRun(folder)).code).toBe(3);
    const { stdout } = await gateRun(folder, ['explain', '--cycle', '1']);
    expect(stdout).toContain('ended by gate-run (timeout)');
    expect(stdout).toMatch(/2 processes at \d\.\d s:\n +\d+ sh .+\n +\d+ sleep /);
    expect(stdout).toContain('│ waiting for the lock');
  });

  test('[A19] what ran out of memory leaves its course, its processes and the words of the kernel', async () => {
    const cgroup = memoryCgroup(256);
    if (!isMade(cgroup)) return;
    const gate = `sims: { run: 'echo simulating; node grows.mjs || true' }`;
    const folder = folderWith({ ...loop(gate), 'grows.mjs': GROWS });
    expect(await inside(cgroup, folder, [])).toContain('exit 3');
    const file = '.gate-run/cycles/000001/check.sims.1.forensics.json';
    const forensics = JSON.parse(folder.read(file));
    expect(forensics).toMatchObject({
      end: 'exit 0',
      oomKills: 1,
      stopped: null,
      memory: { limitBytes: 256 * MIB },
      activity: null,
      output: { lines: expect.arrayContaining(['simulating']) },
    });
    expect(forensics.memory.peakBytes).toBeGreaterThan(100 * MIB);
    expect(forensics.processes.list.map(({ name }: { name: string }) => name)).toEqual([
      'node grows.mjs',
      'sh',
    ]);
    // At the last one it may be dying, and have given back what it had.
    const grown = forensics.looks.slice(0, -1).map(({ memoryBytes }: { memoryBytes: number }) => memoryBytes);
    expect(grown.length).toBeGreaterThan(0);
    expect(grown).toEqual(grown.toSorted((one: number, other: number) => one - other));
    const explained = await gateRun(folder, ['explain', '--cycle', '1']);
    expect(explained.stdout).toMatch(/memory [\d.]+ MiB at most of 256.0 MiB that may be had/);
    expect(explained.stdout).toMatch(/over time: [\d.]+ MiB at [\d.]+ s, /);
    expect(explained.stdout).toMatch(/\d+ sh {2}.+\n +\d+ node grows.mjs {2}[\d.]+ MiB → [\d.]+ MiB, /);
    expect(explained.stdout).toContain(`forensics ${file}`);
    expect(folder.read('.gate-run/questions.md')).toContain(`forensics ${file}`);
    // Who may not read it is told so, and nothing else is missing.
    if (forensics.kernel === null)
      expect(explained.stdout).toContain('the log of the kernel may not be read here');
    else {
      expect(forensics.kernel.join('\n')).toMatch(/Killed process \d+/);
      expect(forensics.memory.killed.at(-1).memoryBytes).toBeGreaterThan(100 * MIB);
    }
    const answer = JSON.parse((await gateRun(folder, ['explain', '--cycle', '1', '--json'])).stdout);
    expect(answer.turns[0].attempts[0].forensics).toEqual(forensics);
    expect((await gateRun(folder, ['history', '--outcome', 'oom'])).stdout).toContain('sims out of memory');
    // Somebody may write over it; then it is as if it were not there.
    folder.write(file, '{"schemaVersion":1}');
    const damaged = await gateRun(folder, ['explain', '--cycle', '1']);
    expect(damaged.stdout).toContain('the file about its end is gone, or damaged');
  });

  test('a loop rests as it is told to, halves its tasks at once from the second cycle in a row on, and gives up', async () => {
    const cgroup = memoryCgroup(64);
    if (!isMade(cgroup)) return;
    const sleeps = [1, 2, 3, 4].map((at) => `s${at}: { run: sleep 0.3 }`).join('\n');
    const top =
      'jobs: 4\nloop: { sleep: 10ms, rest: { oom: 123ms } }\nexit: { give-up: { oom-in-a-row: 3 } }';
    const folder = folderWith({ ...loop(`${sleeps}\neats: { run: 'sh eats.sh' }`, top), 'eats.sh': EATS });
    expect(await inside(cgroup, folder, ['--continuous', ...GOES_ON])).toContain('exit 4');
    const all = events(folder);
    const rests = all.filter(({ type }) => type === 'rest.started');
    expect(rests.map(({ cause, forMs }) => [cause, forMs])).toEqual([
      ['rule', 123],
      ['rule', 123],
    ]);
    expect(atOnce(all)).toEqual([4, 4, 2]);
    expect(all.findLast(({ type }) => type === 'run.ended')).toMatchObject({
      reason: 'gave-up',
      rule: 'oom-in-a-row >= 3',
    });
    const pattern = 'ran out of memory in 3 of its last 3 cycles, at 64.0 MiB; ';
    expect((await gateRun(folder, ['status'])).stdout).toContain(`memory     eats  ${pattern}`);
    const { next } = JSON.parse((await gateRun(folder, ['report', '--json'])).stdout);
    expect(next.map(({ what }: { what: string }) => what).join('\n')).toContain(`eats: it ${pattern}`);
  });
});

/** How many attempts were under way at most, by cycle. */
function atOnce(all: readonly Line[]): readonly number[] {
  const most: number[] = [];
  let running = 0;
  for (const { type } of all) {
    if (type === 'cycle.started') most.push(0);
    if (type === 'attempt.started') running += 1;
    if (type === 'attempt.ended') running -= 1;
    most.push(Math.max(most.pop() ?? 0, running));
  }
  return most.filter((count) => count > 0);
}
