// Tasks that the kernel really kills for want of memory: gate-run and its tasks stand in a memory cgroup of 64 MiB that the story makes.

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventsIn, ledgerFiles, type Line } from './kills/ledger.ts';
import { COMMAND, start, textOf } from './kills/start.ts';
import { folderWith, loop, until, type Folder } from './rig.ts';

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Fills memory until the kernel ends it, and offers itself to be the one: gate-run is in the same cgroup. */
const EATS = 'echo 1000 > /proc/self/oom_score_adj; exec tail /dev/zero';
interface Cgroup {
  readonly folder: string;
}

/** In whichever tree this machine counts memory; else what the system says to that. */
function memoryCgroup(): Cgroup | string {
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
    writeFileSync(join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(LIMIT_BYTES));
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

const GATES = `
direct: { run: [sh, eats.sh] }
shell: { run: 'sh eats.sh; exit $?' }
masked: { run: 'sh eats.sh || true' }
killed: { run: 'kill -KILL $$' }
well: { run: 'true' }
`;

const GOES_ON = ['--set', 'phases.check.policy=keep-going'];

describe('out of memory', () => {
  test('[G12] each way in which a task meets it is told as such, and a kill by hand is not', async () => {
    const cgroup = memoryCgroup();
    if (!isMade(cgroup)) return;
    const folder = folderWith({ ...loop(GATES, 'jobs: 1'), 'eats.sh': EATS });
    const out = await inside(cgroup, folder, GOES_ON);
    expect(out).toContain('exit 3');
    const ended = events(folder).filter(({ type }) => type === 'attempt.ended');
    expect(ended.map(({ task, end, oomKills }) => [task, end, oomKills])).toEqual([
      ['direct', { signal: 'SIGKILL' }, 1],
      ['shell', { code: 137 }, 1],
      ['masked', { code: 0 }, 1],
      ['killed', { signal: 'SIGKILL' }, undefined],
      ['well', { code: 0 }, undefined],
    ]);
    const tasks = events(folder).find(({ type }) => type === 'cycle.ended')?.tasks;
    expect(tasks?.map(({ verdict, outcome }) => `${verdict} ${String(outcome)}`)).toEqual([
      'broken oom',
      'broken oom',
      'broken oom',
      'broken killed',
      'passed exited',
    ]);
    expect(out).toContain('out of memory: the kernel killed 1 of its processes');
  });

  test('a loop rests as it is told to, halves its tasks at once from the second cycle in a row on, and gives up', async () => {
    const cgroup = memoryCgroup();
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
