import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { outcomeOf } from '../../src/core/judge/outcome.ts';
import type { ContainerPlan } from '../../src/core/plan/isolation.ts';
import type { Order } from '../../src/ports.ts';
import { Cgroups } from '../../src/system/units/cgroups.ts';
import { Containers } from '../../src/system/units/container/containers.ts';
import { Engine } from '../../src/system/units/container/engine.ts';
import { isOf } from '../../src/system/units/container/labels.ts';
import { GROUPS_ONLY, openUnits, type Units } from '../../src/system/units/units.ts';
import { benches, pause, until, type Bench } from './attempts.ts';
import { commandLinesWith, containersOf, makeImage, removeImage, whyNoPodman } from './images.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { planOf } from '../unit/plan/planning.ts';

const make = benches();
const IMAGE = `localhost/gate-run-test-${process.pid}:1`;

let units: Units = GROUPS_ONLY;
let containers: Containers | undefined;
let cgroups: Cgroups | string = 'not opened';
let count = 0;
const token = (): string => `grc-${process.pid}-${(count += 1)}`;

/** Of the engine's client. */
function clientOf(task: string): number {
  const pid = readdirSync('/proc').find((one) => /^\d+$/.test(one) && isClient(one, task));
  return Number(pid ?? Number.NaN);
}

function isClient(pid: string, task: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    return words[0] === 'podman' && words.includes(`gate-run.task=${task}`);
  } catch {
    return false;
  }
}

/** The bench's folder is `/repo` in there. */
function inside(b: Bench, task: string, more: Partial<ContainerPlan> = {}): Partial<Order> {
  const mounts = [{ host: b.folder, inside: '/repo', isReadOnly: false }];
  const container = { engine: 'podman' as const, image: IMAGE, mounts, user: undefined, ...more };
  return {
    ref: { task, attempt: 1 },
    env: { ...b.marks(task), GATE_STATE: join(b.folder, 'state') },
    isolation: { layer: 'container', fallback: false, container },
    killAfterMs: 400,
  };
}

describe.runIf(whyNoPodman === undefined)('a container', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    makeImage(IMAGE);
    containers = await Containers.open(
      planOf(
        `version: 1\nname: c\nphases: { p: { gates: { a: { run: x, isolation: { layer: container, engine: podman, image: ${IMAGE} } } } } }\n`,
      ),
    );
    cgroups = Cgroups.open();
    units = openUnits(cgroups, { ...(containers && { containers }) });
  }, 60_000);
  afterAll(async () => {
    await containers?.close();
    if (typeof cgroups !== 'string') await cgroups.close();
    removeImage(IMAGE);
  });

  const withKinds = (): { b: Bench; name: string } => {
    const b = make({ units });
    cpSync(join(import.meta.dirname, 'descendants.sh'), join(b.folder, 'descendants.sh'));
    return { b, name: token() };
  };
  const kinds = (name: string, how: 'exit' | 'stay') => ({ argv: ['sh', 'descendants.sh', name, how] });
  const alive = async (name: string): Promise<readonly string[]> => {
    const seen = new Set<string>();
    for (let look = 0; look < 30; look++, await pause(2))
      for (const line of commandLinesWith(`${name}-`)) seen.add(line);
    return [...seen];
  };

  test('[A12] nothing of a task outlives its exit, and its container is gone with it', async () => {
    const { b, name } = withKinds();
    const ended = await b.run(kinds(name, 'exit'), inside(b, name));
    expect(ended.end).toEqual({ code: 0 });
    expect(await alive(name)).toEqual([]);
    expect(containersOf('task', name)).toEqual([]);
  });

  test.each(['TERM', 'KILL'] as const)('[A12] nothing of a task outlives a stop by %s', async (signal) => {
    const { b, name } = withKinds();
    const { ref } = b.start(kinds(name, 'stay'), inside(b, name));
    await until(() => commandLinesWith(`${name}-root`).length > 0);
    b.processes.signal(ref, signal);
    await b.fact('attempt.ended');
    expect(await alive(name)).toEqual([]);
    expect(containersOf('task', name)).toEqual([]);
  });

  test('[G3] a graceful stop reaches the command, and its own code comes back', async () => {
    const b = make({ units });
    const script = `trap 'echo GOT-TERM; exit 7' TERM; echo ready; while :; do sleep 0.1; done`;
    const order = b.start(script, inside(b, token()));
    await until(() => b.log(order).includes('ready'));
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ code: 7 });
    expect(b.log(order)).toContain('GOT-TERM');
  });

  test('a stop that comes before the container is there is heard', async () => {
    const b = make({ units });
    const order = b.start('sleep 60', inside(b, token()));
    b.processes.signal(order.ref, 'TERM');
    const ended = await b.fact('attempt.ended');
    expect(ended.end).not.toEqual({ code: 0 });
    expect(ended.durationMs).toBeLessThan(15_000);
    expect(containersOf('task', order.ref.task)).toEqual([]);
  });

  test('bytes go in and come out as they are, and errors stay apart', async () => {
    const b = make({ units });
    const bytes = Buffer.from([0, 255, 10, 13, 27, 128]);
    writeFileSync(join(b.folder, 'in'), bytes);
    const stdin = join(b.folder, 'in');
    const ended = await b.run('cat > out; cat out; echo other >&2', {
      ...inside(b, token()),
      stdin,
      apart: true,
    });
    expect(ended.end).toEqual({ code: 0 });
    expect(readFileSync(join(b.folder, 'out'))).toEqual(bytes);
    const log = readFileSync(join(b.folder, 'cycles/000001', `p.${ended.task}.1.log`));
    expect(log.subarray(log.indexOf(10) + 1)).toEqual(bytes);
  });

  test.each([
    ['exit 7', { code: 7 }],
    ['exit 125', { code: 125 }],
    ['kill -9 $$', { code: 137 }],
  ] as const)('`%s` in there is told as %j', async (script, end) => {
    const b = make({ units });
    expect((await b.run(script, inside(b, token()))).end).toEqual(end);
  });

  test('what cannot be started says so, in words of the engine', async () => {
    const b = make({ units });
    const missing = await b.run({ argv: ['nowhere'] }, inside(b, token()));
    expect(missing.end).toMatchObject({ notStarted: 'not-found' });
    expect(missing.end).toHaveProperty('detail', expect.stringContaining('nowhere'));
    writeFileSync(join(b.folder, 'plain'), 'x', { mode: 0o644 });
    const plain = await b.run({ argv: ['/repo/plain'] }, inside(b, token()));
    expect(plain.end).toMatchObject({ notStarted: 'not-executable' });
    const unmade = await b.run('true', inside(b, token(), { image: 'localhost/gate-run-nobody:1' }));
    expect(unmade.end).toMatchObject({
      notStarted: 'no-resources',
      detail:
        'there is no image `localhost/gate-run-nobody:1` in podman, and gate-run pulls none: build it, or `podman pull localhost/gate-run-nobody:1`',
    });
  });

  test('a mount that is not there, and a folder that no mount holds, are told before anything is started', async () => {
    const b = make({ units });
    const lost = { host: join(b.folder, 'lost'), inside: '/lost', isReadOnly: false };
    expect((await b.run('true', inside(b, token(), { mounts: [lost] }))).end).toEqual({
      notStarted: 'no-folder',
      detail: `there is no ${lost.host} to be mounted as /lost: make it in a step before, or take the mount out`,
    });
    mkdirSync(lost.host);
    expect((await b.run('true', inside(b, token(), { mounts: [lost] }))).end).toEqual({
      notStarted: 'no-folder',
      detail: `no mount of its container holds ${b.folder}, the folder that it runs in`,
    });
  });

  test('a mount for reading is for reading only, and names may have odd characters', async () => {
    const b = make({ units });
    const odd = join(b.folder, 'a, "b" $c');
    mkdirSync(odd);
    const mounts = [
      { host: b.folder, inside: '/repo', isReadOnly: false },
      { host: odd, inside: '/odd, "too"', isReadOnly: true },
    ];
    const ended = await b.run('! echo x 2>/dev/null > "/odd, \\"too\\"/x"', inside(b, token(), { mounts }));
    expect(ended.end).toEqual({ code: 0 });
  });

  test('values of variables are on no command line; paths are those of the container, and so is PATH', async () => {
    const b = make({ units, env: { ...process.env, PASSED: 'one\ntwo' } });
    const order = inside(b, token());
    const secret = `hidden-${token()}`;
    const script = 'echo "$SECRET|$PASSED|$GATE_STATE|$PATH|$DOCKER_HOST|$HOME"; sleep 2';
    const env = { ...order.env, SECRET: secret, DOCKER_HOST: 'tcp://nowhere' };
    const started = b.start(script, { ...order, env, pass: ['PASSED', 'PATH', 'HOME'] });
    await until(() => b.log(started).includes(secret));
    expect(commandLinesWith(secret)).toEqual([]);
    await b.fact('attempt.ended');
    const [, first, second] = b.log(started).split('\n');
    expect(first).toBe(`${secret}|one`);
    expect(second).toMatch(/^two\|\/repo\/state\|[^|]*\/bin[^|]*\|tcp:\/\/nowhere\|\/$/);
    expect(second).not.toContain(process.env['PATH']);
  });

  test('two side by side have each its own, and neither is in the control group of a task beside it', async () => {
    const b = make({ units });
    const one = b.start('sleep 60', inside(b, token()));
    const held = b.start('sleep 60');
    const other = b.start('echo there; sleep 60', inside(b, token()));
    await until(() => b.log(other).includes('there'));
    b.processes.signal(held.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === held.ref.task);
    b.processes.signal(one.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === one.ref.task);
    expect(containersOf('task', one.ref.task)).toEqual([]);
    expect(containersOf('task', other.ref.task)).toHaveLength(1);
    b.processes.signal(other.ref, 'KILL');
    await b.fact('attempt.ended', ({ task }) => task === other.ref.task);
  });

  test('work in there is a sign of life, and silence without work is told', async () => {
    const b = make({ units });
    const busy = b.start('while :; do :; done', { ...inside(b, token()), quietAfterMs: [1_500] });
    const idle = b.start('sleep 60', { ...inside(b, token()), quietAfterMs: [1_500] });
    await b.fact('attempt.quiet', ({ task }) => task === idle.ref.task);
    await pause(1_500);
    expect(b.facts.some((fact) => fact.type === 'attempt.quiet' && fact.task === busy.ref.task)).toBe(false);
    for (const { ref } of [busy, idle]) b.processes.signal(ref, 'KILL');
    const ended = await b.fact('attempt.ended', ({ task }) => task === busy.ref.task);
    expect(ended.cpuMs).toBeGreaterThan(500);
    await b.fact('attempt.ended', ({ task }) => task === idle.ref.task);
  });

  test('limits are those of the container, and the kernel says what it killed for want of memory', async () => {
    const b = make({ units });
    const limits = { openFiles: 64, fileSizeBytes: 4096, pids: 20, cpus: 0.5 };
    const held = await b.run(
      'ulimit -n; cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max',
      {
        ...inside(b, token()),
        limits,
      },
    );
    expect(held.end).toEqual({ code: 0 });
    expect(b.log(held)).toMatch(/\n64\n20\n$/);
    const grown = 'x=a; while :; do x=$x$x; done';
    // The counter goes with the container: on a machine that is busy at that very moment it may be missed, and is not guessed then.
    let proven = 0;
    for (let nth = 0; nth < 3 && proven === 0; nth++) {
      const killed = await b.run(grown, { ...inside(b, token()), limits: { memoryBytes: 33_554_432 } });
      expect(killed.end).toEqual({ code: 137 });
      proven = killed.oomKills ?? 0;
    }
    expect(proven).toBe(1);
    const hidden = await b.run(`sh -c '${grown}' || sleep 0.2`, {
      ...inside(b, token()),
      limits: { memoryBytes: 33_554_432 },
    });
    expect(hidden).toMatchObject({ end: { code: 0 }, oomKills: 1 });
  });

  test('[G12] CPU time that is used up in there is `cpu-limit`, not `killed`', async () => {
    const b = make({ units });
    // Behind a shell: where the engine has no small first process, the command is the first, which hears no such signal.
    const ended = await b.run('sh -c "while :; do :; done"; exit $?', {
      ...inside(b, token()),
      limits: { cpuTimeMs: 1000 },
    });
    expect(ended.end).toEqual({ code: 152 });
    expect(outcomeOf(ended, undefined, [])).toBe('cpu-limit');
  });

  test('without a network there is none, and one that nobody made is told', async () => {
    const b = make({ units });
    const alone = await b.run('ls /sys/class/net', { ...inside(b, token()), network: 'none' });
    expect(b.log(alone)).toMatch(/\nlo\n$/);
    const name = `gate-run-nobody-${process.pid}`;
    const unmade = await b.run('true', { ...inside(b, token()), network: { name } });
    expect(unmade.end).toMatchObject({ notStarted: 'no-resources', detail: expect.stringContaining(name) });
  });

  test('a client that somebody kills leaves no container behind', async () => {
    const b = make({ units });
    const order = b.start('echo there; sleep 60', inside(b, token()));
    await until(() => b.log(order).includes('there'));
    const client = clientOf(order.ref.task);
    process.kill(client, 'SIGKILL');
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGKILL' });
    expect(containersOf('task', order.ref.task)).toEqual([]);
  });
});

describe('an engine', () => {
  test('that is not there, or does not answer, is no engine, and why is told', async () => {
    const b = make();
    const path = process.env['PATH'];
    const folder = join(b.folder, 'bin');
    mkdirSync(folder);
    writeFileSync(join(folder, 'podman'), '#!/bin/sh\nexec /bin/sleep 30\n', { mode: 0o755 });
    try {
      process.env['PATH'] = folder;
      expect(await Engine.answering('docker')).toBe('`docker` is not installed');
      expect(await Engine.answering('podman', 300)).toBe('`podman` did not answer within 0.3 s');
    } finally {
      process.env['PATH'] = path;
    }
  });

  test('[G4] a container is of an owner by run, state directory and boot, all of them', () => {
    const owner = { run: 'r1', stateDir: '/a', boot: 'b' };
    const labels = { 'gate-run.run': 'r1', 'gate-run.state': '/a', 'gate-run.boot': 'b' };
    expect(isOf(labels, owner)).toBe(true);
    for (const name of Object.keys(labels))
      expect(isOf({ ...labels, [name]: 'other' }, owner), name).toBe(false);
    expect(isOf({}, owner)).toBe(false);
  });
});

test('without a place for files of ours a container is not started, and that is said', async () => {
  const container = { engine: undefined, image: 'none', mounts: [], user: undefined };
  const isolation = { layer: 'container', fallback: false, container } as const;
  const containers = await Containers.open(plan([phase('p', [gate('g', { isolation })])]));
  const b = make({ units: openUnits('not asked for', { containers }) });
  const before = process.env['TMPDIR'];
  onTestFinished(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const nowhere = join(b.folder, 'nowhere');
  process.env['TMPDIR'] = nowhere;
  const { end } = await b.run('true', { isolation });
  expect(end).toEqual({
    notStarted: 'no-resources',
    detail: `no folder for its container can be made in ${nowhere}: ENOENT`,
  });
  await containers.close();
});
