import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AttemptEnded } from '../../src/core/cycle/event.ts';
import { outcomeOf } from '../../src/core/judge/outcome.ts';
import type { LimitsPlan } from '../../src/core/plan/resources.ts';
import { openLimits } from '../../src/system/limits/limits.ts';
import type { Limits } from '../../src/system/limits/no-limits.ts';
import { Bwrap } from '../../src/system/units/bwrap.ts';
import { Cgroups } from '../../src/system/units/cgroups.ts';
import { GROUPS_ONLY, openUnits, type Units } from '../../src/system/units/units.ts';
import { treesHere } from '../../src/system/cgroup-tree.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { benches } from './attempts.ts';

const MIB = 1_048_576;
const MODULE = join(import.meta.dirname, '../../src/system/limits/limits.ts');
const make = benches();

let opened: Limits[] = [];
afterEach(() => {
  for (const limits of opened) limits.close();
  opened = [];
  expect(ownGroups(), 'control groups that were left').toEqual([]);
});

/** As a start opens them for a plan in which one task has these. */
function limitsFor(wanted: LimitsPlan): Limits {
  const task = gate('g', { resources: { ...wanted, locks: [], weight: 1 } });
  const limits = openLimits(plan([phase('p', [task])]));
  opened.push(limits);
  return limits;
}

async function runs(
  command: string | { readonly argv: readonly string[] },
  limits: LimitsPlan,
  units: Units = GROUPS_ONLY,
): Promise<{ readonly ended: AttemptEnded; readonly log: string; readonly outcome: string }> {
  const b = make({ limits: limitsFor(limits), units });
  const ended = await b.run(command, { limits });
  const log = ended.log === 'none' ? '' : b.log(ended);
  return { ended, log, outcome: outcomeOf(ended, undefined, []) };
}

/** Takes so many MiB and touches them; what a shell would say of it is the command's matter. */
const eats = (mebibytes: number, forMs = 0): string =>
  `"${process.execPath}" -e 'setTimeout(() => {}, ${forMs}); const all = []; for (let at = 0; at < ${mebibytes}; at += 8) all.push(Buffer.alloc(${8 * MIB}, 1)); console.log("fed", all.length)'`;

describe('what the kernel holds each process to', () => {
  test('open files', async () => {
    const { log } = await runs('ulimit -n; ulimit -H -n', { openFiles: 64 });
    expect(log).toMatch(/\n64\n64\n$/);
  });

  test('[G12] a file that grows too large is `file-limit`, not `killed`', async () => {
    const { ended, outcome } = await runs('head -c 3000000 /dev/zero > big', { fileSizeBytes: MIB });
    expect(outcome).toBe('file-limit');
    expect(ended.end).toEqual({ code: 153 });
  });

  test('its log is one of its files', async () => {
    const { outcome } = await runs({ argv: ['head', '-c', '3000000', '/dev/zero'] }, { fileSizeBytes: MIB });
    expect(outcome).toBe('file-limit');
  });

  test('[G12] CPU time that is used up is `cpu-limit`, not `killed`', async () => {
    const { ended, outcome } = await runs({ argv: ['sh', '-c', 'while :; do :; done'] }, { cpuTimeMs: 1000 });
    expect(outcome).toBe('cpu-limit');
    expect(ended.end).toEqual({ signal: 'SIGXCPU' });
  });

  test('who ignores that signal is killed two seconds of CPU time later, by nobody who could say so', async () => {
    const { ended, outcome } = await runs("trap '' XCPU; while :; do :; done", { cpuTimeMs: 1000 });
    expect(ended.end).toEqual({ signal: 'SIGKILL' });
    expect(outcome).toBe('killed');
  }, 40_000);

  test('arguments, variables and folder come through as they are', async () => {
    const words = ['a b', '', "it's", '$HOME', '*', '-n', '--', '"'];
    const script = 'console.log(JSON.stringify([process.argv.slice(1), process.env.ODD, process.cwd()]))';
    const limits = { openFiles: 128 };
    const b = make({ limits: limitsFor(limits) });
    const env = { ...b.marks('odd'), ODD: 'a\n"b" $c' };
    const argv = [process.execPath, '-e', script, '--', ...words];
    const ended = await b.run({ argv }, { limits, env, ref: { task: 'odd', attempt: 1 } });
    expect(JSON.parse(b.log(ended).trimEnd().split('\n').at(-1) ?? '')).toEqual([words, env.ODD, b.folder]);
  });

  test('[G18] nothing is started where the system does not take a limit', async () => {
    // More than any process may have; root finds that out by asking for it.
    const { ended, log, outcome } = await runs('touch begun; echo begun', { openFiles: 1_000_000_000 });
    if (process.getuid?.() !== 0) return;
    expect(ended.end).toEqual({ code: 126 });
    expect(outcome).toBe('not-started');
    expect(log).toMatch(/ulimit/);
    expect(log).not.toMatch(/^begun/m);
  });

  test('a command that is not there is not started, as without limits', async () => {
    const { outcome, log } = await runs({ argv: ['no-such-command-here'] }, { openFiles: 64 });
    expect(outcome).toBe('not-started');
    expect(log).toContain('no-such-command-here');
  });
});

/** Root on a machine whose controllers have trees of their own; elsewhere this is said aloud. */
const hasTrees = ['memory', 'pids', 'cpu'].every((name) =>
  new RegExp(`^\\d+:(.*,)?${name}(,.*)?:`, 'm').test(treesHere().cgroup),
);
const canHold = hasTrees && process.getuid?.() === 0;

describe.runIf(canHold)('what a control group holds all processes of a task to', () => {
  const LIMIT = { memoryBytes: 64 * MIB };

  test('[A12] [G12] memory: out of it is `oom`, by the count of its own group', async () => {
    const { ended, outcome } = await runs(`exec ${eats(256)}`, LIMIT);
    expect(ended).toMatchObject({ end: { signal: 'SIGKILL' }, oomKills: 1 });
    expect(outcome).toBe('oom');
  });

  test('[G12] also where a shell hides it behind an exit code, and behind exit 0', async () => {
    const seen = await runs(eats(256), LIMIT);
    expect(seen.ended).toMatchObject({ end: { code: 137 }, oomKills: 1 });
    const hidden = await runs(`${eats(256)} || true`, LIMIT);
    expect(hidden.ended).toMatchObject({ end: { code: 0 }, oomKills: 1 });
    expect([seen.outcome, hidden.outcome]).toEqual(['oom', 'oom']);
  });

  test('[G12] a neighbour is not blamed, and a SIGKILL of others is `killed`', async () => {
    const b = make({ limits: limitsFor(LIMIT) });
    const neighbour = b.run('while [ ! -e over ]; do sleep 0.05; done; true', { limits: LIMIT });
    const victim = await b.run(`${eats(256)} || true`, { limits: LIMIT });
    const killed = await b.run('kill -9 $$', { limits: LIMIT });
    await b.run('touch over');
    expect(victim.oomKills).toBe(1);
    expect(killed.oomKills).toBeUndefined();
    expect(outcomeOf(killed, undefined, [])).toBe('killed');
    expect((await neighbour).oomKills).toBeUndefined();
  });

  test('all processes of a task together count', async () => {
    const { ended } = await runs(`${eats(48, 2000)} & ${eats(48, 2000)} & wait`, { memoryBytes: 110 * MIB });
    expect(ended.oomKills).toBeGreaterThan(0);
  });

  test('what fits is left alone', async () => {
    const { ended, log } = await runs(eats(64), { memoryBytes: 512 * MIB });
    expect(ended).toMatchObject({ end: { code: 0 } });
    expect(ended.oomKills).toBeUndefined();
    expect(log).toContain('fed 8');
  });

  test('processes: the one too many is not made', async () => {
    const { ended, log } = await runs('for at in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait', { pids: 5 });
    expect(ended.end).not.toEqual({ code: 0 });
    expect(log).toMatch(/fork/i);
  });

  test('CPUs: whoever would take a whole one gets half of it', async () => {
    const busy = `const to = Date.now() + 1500; while (Date.now() < to); console.log('used', process.cpuUsage().user)`;
    const { log } = await runs({ argv: [process.execPath, '-e', busy] }, { cpus: 0.5 });
    const [, used] = /used (\d+)/.exec(log) ?? [];
    expect(Number(used)).toBeGreaterThan(0);
    expect(Number(used)).toBeLessThan(1_100_000);
  }, 20_000);

  test('what a task leaves behind is held to it as well, and its group is gone behind it', async () => {
    const b = make({ limits: limitsFor({ pids: 100, memoryBytes: 256 * MIB }) });
    const order = b.start('setsid sleep 60 & cat /proc/self/cgroup; sleep 60', {
      limits: { pids: 100, memoryBytes: 256 * MIB },
    });
    await expect.poll(() => (existsSync(order.log) ? b.log(order) : '')).toMatch(/:pids:.*\/gate-run\./);
    expect(b.log(order)).toMatch(/:memory:.*\/gate-run\./);
    expect(ownGroups()).toHaveLength(2);
    b.processes.signal(order.ref, 'KILL');
    await b.fact('attempt.ended');
  });

  test('no process of the task begins outside of it, however soon it forks', async () => {
    const outside = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { log } = await runs('(cat /proc/self/cgroup) & cat /proc/self/cgroup; wait', { pids: 50 });
        return log.split('\n').filter((line) => line.includes(':pids:') && !line.includes('/gate-run.'));
      }),
    );
    expect(outside.flat()).toEqual([]);
  });

  test('it holds in a unit of its own too', async () => {
    const groups = Cgroups.open();
    const units = openUnits(groups);
    const { ended, log } = await runs(`cat /proc/self/cgroup; ${eats(256)} || true`, LIMIT, units);
    expect(ended).toMatchObject({ end: { code: 0 }, oomKills: 1 });
    expect(log).toMatch(/:memory:.*\/gate-run\./);
    if (typeof groups !== 'string') {
      expect(log).toMatch(/^0::.*\/gate-run\./m);
      await groups.close();
    }
  });

  test('it holds in a namespace where nothing can be written to, and nothing in there raises it', async () => {
    const bwrap = await Bwrap.open(process.env);
    if (typeof bwrap === 'string') return console.warn(`limits in a namespace were not tried: ${bwrap}`);
    const b = make({ limits: limitsFor(LIMIT), units: openUnits('not asked for', { bwrap }) });
    const sandbox = { isReadOnly: true, writable: [], hasOwnTmp: false };
    const raise = `for one in $(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup); do
  echo -1 > /sys/fs/cgroup/memory$one/memory.limit_in_bytes || echo as it was
done`;
    const ended = await b.run(`cat /proc/self/cgroup; ${raise}; ${eats(256)} || true`, {
      limits: LIMIT,
      isolation: { layer: 'bwrap', fallback: false, sandbox },
    });
    expect(b.log(ended)).toMatch(/:memory:.*\/gate-run\./);
    expect(b.log(ended)).toContain('as it was');
    expect(ended).toMatchObject({ end: { code: 0 }, oomKills: 1 });
    bwrap.close();
    return undefined;
  });

  test('groups of a run that was killed are removed by the next start that has limits', () => {
    const script = `
      import { openLimits } from ${JSON.stringify(MODULE)};
      openLimits({ phases: [{ tasks: [{ resources: { pids: 5, locks: [], weight: 1 } }] }] });
      console.log(process.pid);
      process.kill(process.pid, 'SIGKILL');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(groupsOf(stdout.trim())).toHaveLength(1);
    limitsFor({ pids: 5 });
    expect(groupsOf(stdout.trim())).toEqual([]);
  });

  test('[G18] nothing is started without a limit that could be set before and cannot be set now', async () => {
    const limits = limitsFor({ pids: 50 });
    for (const group of groupFolders(String(process.pid))) rmdirSync(group);
    const b = make({ limits });
    const ended = await b.run('touch begun', { limits: { pids: 50 } });
    expect(ended.end).toEqual({
      notStarted: 'no-resources',
      detail: 'its limit of `pids` could not be set: ENOENT',
    });
    expect(existsSync(join(b.folder, 'begun'))).toBe(false);
  });

  test('gate-run itself is held to nothing', async () => {
    const before = readFileSync('/proc/self/cgroup', 'latin1').replace(/^0:.*$/m, '');
    await runs('true', { ...LIMIT, pids: 10, cpus: 0.5 });
    expect(readFileSync('/proc/self/cgroup', 'latin1').replace(/^0:.*$/m, '')).toBe(before);
  });
});

describe('what cannot be held', () => {
  beforeAll(() => {
    if (!canHold)
      console.warn('no controller can be written to here: memory, CPUs and processes were not tried');
  });

  test('nothing is said where everything can be held', () => {
    if (!canHold) return;
    expect(limitsFor({ memoryBytes: 64 * MIB, cpus: 1, pids: 10, openFiles: 64 }).unheld).toEqual({});
  });

  test('a plan without limits costs nothing and makes nothing', () => {
    const limits = openLimits(plan([phase('p', [gate('g')])]));
    expect(limits.unheld).toEqual({});
    expect(ownGroups()).toEqual([]);
  });
});

/** Groups of this process in the trees of the controllers. */
function ownGroups(): readonly string[] {
  return groupsOf(String(process.pid));
}

function groupsOf(pid: string): readonly string[] {
  return groupFolders(pid).map((folder) => basename(folder));
}

function groupFolders(pid: string): readonly string[] {
  return ['memory', 'pids', 'cpu'].flatMap((name) => {
    const path = new RegExp(`^\\d+:${name}:(.*)$`, 'm').exec(treesHere().cgroup)?.[1] ?? '/';
    const base = join('/sys/fs/cgroup', name, path);
    const found = existsSync(base) ? readdirSync(base) : [];
    return found
      .filter((one) => one.startsWith('gate-run.') && one.includes(`.${pid}.`))
      .map((one) => join(base, one));
  });
}
