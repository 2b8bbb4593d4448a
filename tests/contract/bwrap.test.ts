// The layer `bwrap`, by itself and inside of a control group: the same attempts, and nobody may be able to tell but by who survives.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bwrap } from '../../src/system/units/bwrap.ts';
import { Cgroups } from '../../src/system/units/cgroups.ts';
import { GROUPS_ONLY, openUnits, type Units } from '../../src/system/units/units.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { benches, pause, until } from './attempts.ts';
import { descendants, ready, survivors } from './descendants.ts';

const make = benches();

let bwrap: Bwrap | string = 'not opened';
let cgroups: Cgroups | string = 'not opened';
beforeAll(async () => {
  cgroups = Cgroups.open();
  bwrap = await Bwrap.open(process.env);
  if (typeof cgroups !== 'string') await cgroups.ready;
});
afterAll(async () => {
  if (typeof bwrap !== 'string') bwrap.close();
  if (typeof cgroups !== 'string') await cgroups.close();
});

/** Asked by the test itself, so that a layer that wrongly says no is red. */
const canBwrap =
  spawnSync('bwrap', ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', 'true']).status === 0;
if (!canBwrap)
  process.stderr.write('bwrap.test: bwrap cannot run here, so the layer `bwrap` is not tested\n');
const hasCgroups =
  process.getuid?.() === 0 &&
  ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].some((place) => existsSync(join(place, 'cgroup.stat')));

let count = 0;
const token = (): string => `grb-${process.pid}-${(count += 1)}`;

const places: readonly ('alone' | 'in a control group')[] = hasCgroups
  ? ['alone', 'in a control group']
  : ['alone'];

describe.runIf(canBwrap).each(places)('bwrap %s', (place) => {
  let all: Units = GROUPS_ONLY;
  beforeAll(async () => {
    all = openUnits(place === 'alone' ? 'not wanted' : cgroups, { bwrap, isUnattended: true });
  });
  const units = (): Units => all;

  test('is the layer of a run that nobody watches', () => {
    const { layer, unit, weak } = units().containment(plan([phase('p', [gate('g')])]));
    expect(layer).toBe('bwrap');
    expect(unit !== undefined).toBe(place !== 'alone');
    expect(weak).toBeUndefined();
  });

  test('[A12] nothing of a task outlives its exit, whatever it has become, and how many there were is told', async () => {
    const b = make({ units: units() });
    const name = token();
    const ended = await b.run(descendants(name, 'exit'), { killAfterMs: 100 });
    expect(await survivors(name)).toEqual([]);
    expect(ended).toMatchObject({ end: { code: 0 } });
    expect(ended.leftBehind).toBeGreaterThan(5);
  });

  test.each(['TERM', 'KILL'] as const)('[A12] nothing of a task outlives a stop by %s', async (signal) => {
    const b = make({ units: units() });
    const name = token();
    const order = b.start(descendants(name, 'stay'), { killAfterMs: 100 });
    await ready(b.folder, name);
    b.processes.signal(order.ref, signal);
    const ended = await b.fact('attempt.ended');
    expect(await survivors(name)).toEqual([]);
    expect(ended.end).toEqual(signal === 'TERM' ? { code: 143 } : { signal: 'SIGKILL' });
  });

  test('TERM reaches the payload and what left its session, which end as they like', async () => {
    const b = make({ units: units() });
    const script = `
      trap 'echo GOT-TERM; exit 7' TERM
      setsid sh -c 'trap "echo SESSION-GOT-TERM; exit" TERM; echo ready; while :; do sleep 0.01; done' &
      while :; do sleep 0.01; done`;
    const order = b.start(script, { killAfterMs: 5_000 });
    await until(() => b.log(order).includes('ready'));
    b.processes.signal(order.ref, 'TERM');
    const ended = await b.fact('attempt.ended');
    expect(ended.end).toEqual({ code: 7 });
    expect(b.log(order)).toMatch(/^GOT-TERM$/m);
    expect(b.log(order)).toMatch(/^SESSION-GOT-TERM$/m);
  });

  test('a stopped payload hears TERM', async () => {
    const b = make({ units: units() });
    const order = b.start(`trap 'echo GOT-TERM; exit 7' TERM; echo ready; kill -STOP $$; exit 3`);
    await until(() => b.log(order).includes('ready'));
    await pause(50);
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ code: 7 });
  });

  test.each(['TERM', 'KILL'] as const)(
    '%s directly behind the start ends it as it ends a process group',
    async (signal) => {
      for (let waitMs = 0; waitMs < 12; waitMs++) {
        const b = make({ units: units() });
        const order = b.start('sleep 60', { killAfterMs: 300 });
        await pause(waitMs);
        b.processes.signal(order.ref, signal);
        const { end } = await b.fact('attempt.ended');
        expect(
          signal === 'KILL' ? [{ signal: 'SIGKILL' }] : [{ signal: 'SIGTERM' }, { code: 143 }],
        ).toContainEqual(end);
      }
    },
  );

  test('what is left behind has time to end by itself, and then gets TERM and its grace', async () => {
    const b = make({ units: units() });
    const quick = await b.run(`(sleep 0.05; echo late) & echo early`);
    expect(quick.end).toEqual({ code: 0 });
    expect(quick.leftBehind).toBeUndefined();
    expect(b.log(quick)).toContain('early\nlate\n');
    const slow = await b.run(`(trap 'echo bye; exit' TERM; while :; do sleep 0.01; done) & exit 5`, {
      killAfterMs: 5_000,
    });
    expect(slow.end).toEqual({ code: 5 });
    expect(slow.leftBehind).toBeGreaterThan(0);
    expect(slow.durationMs).toBeLessThan(2_000);
    expect(b.log(slow)).toContain('bye\n');
  });

  test('the command is what it is outside: its session, its signals, its descriptors, its words', async () => {
    const probe = String.raw`
      setpgrp 0, 0;
      print "leads its session\n" if (split / /, qx(cat /proc/$$/stat))[5] == $$;
      print "$_ $SIG{$_}\n" for grep { defined $SIG{$_} && $SIG{$_} ne '' } sort keys %SIG;
      opendir my $fds, "/proc/self/fd"; print join(" ", sort { $a <=> $b } grep { /^[012]$|^[3-9]$/ && -e "/proc/self/fd/$_" } readdir $fds), "\n";
      print join("|", @ARGV), "\n"; print -t STDIN ? "tty" : -s STDIN // 'nothing', "\n"`;
    const command = { argv: ['perl', '-e', probe, 'a b', '', '$HOME', "it's"] };
    const inside = make({ units: units() });
    const outside = make({ units: GROUPS_ONLY });
    const seen = inside.log(await inside.run(command));
    expect(seen).toContain('leads its session');
    expect(seen).toContain("a b||$HOME|it's");
    expect(seen.replaceAll(/^#.*$/gm, '')).toBe(
      outside.log(await outside.run(command)).replaceAll(/^#.*$/gm, ''),
    );
  });

  test('it reads its stdin, and a signal that it dies of is told as a shell tells it', async () => {
    const b = make({ units: units() });
    const file = join(b.folder, 'in');
    writeFileSync(file, 'hello\n');
    expect(b.log(await b.run({ argv: ['cat'] }, { stdin: file }))).toContain('hello');
    const ended = await b.run({ argv: ['sh', '-c', 'kill -SEGV $$'] });
    expect(ended.end).toEqual({ code: 139 });
    expect(ended.excerpt ?? '').not.toContain('Segmentation');
  });

  test.each([
    [
      ['no-such-command'],
      {
        notStarted: 'not-found',
        detail: expect.stringContaining('command `no-such-command` was not found on PATH'),
      },
    ],
    [
      ['./plain'],
      { notStarted: 'not-executable', detail: expect.stringContaining('`./plain` may not be executed') },
    ],
    [['./a\0b'], { notStarted: 'not-executable', detail: expect.stringContaining('zero byte') }],
  ])('a command that cannot be started is refused as it is outside: %j', async (argv, end) => {
    const b = make({ units: units() });
    writeFileSync(join(b.folder, 'plain'), 'no program', { mode: 0o644 });
    expect((await b.run({ argv })).end).toEqual(end);
  });

  test('a folder that is not there is said', async () => {
    const b = make({ units: units() });
    const { end } = await b.run('true', { cwd: join(b.folder, 'gone') });
    expect(end).toMatchObject({ notStarted: 'no-folder' });
  });

  test('a start that bwrap fails is no failure of the command', async () => {
    const b = make({ units: units() });
    // Its own arguments are words of the command line, and there is a bound for one of them.
    const { end } = await b.run({ argv: ['true', 'x'.repeat(140_000)] });
    expect(end).toMatchObject({ notStarted: 'no-resources' });
  });

  test('work is seen where it is done, so that it is no silence; and who is idle is quiet', async () => {
    const b = make({ units: units() });
    const busy = b.start({ argv: ['perl', '-e', '1 while time - $^T < 3'] }, { quietAfterMs: [600] });
    const idle = b.start('sleep 3', { quietAfterMs: [600] });
    await b.fact('attempt.quiet', ({ task }) => task === idle.ref.task);
    const used = await b.fact('attempt.ended', ({ task }) => task === busy.ref.task);
    expect(b.facts.filter((fact) => fact.type === 'attempt.quiet').map(({ task }) => task)).not.toContain(
      busy.ref.task,
    );
    expect(used.cpuMs).toBeGreaterThan(200);
    await b.fact('attempt.ended', ({ task }) => task === idle.ref.task);
  });

  test('[G18] without a network nobody is reached, not even on this machine; there is a loopback of its own', async () => {
    const b = make({ units: units() });
    const server = createServer((socket) => socket.on('error', () => undefined).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const script = `
      const net = require('node:net');
      const own = net.createServer((socket) => socket.end());
      const to = (port) => new Promise((resolve) => net.connect(port, '127.0.0.1').on('error', (error) => resolve(error.code)).on('connect', () => resolve('connected')));
      own.listen(0, '127.0.0.1', async () => {
        console.log('outside', await to(${port}), 'own', await to(own.address().port));
        console.log('seen', Object.keys(require('node:os').networkInterfaces()).join(' '));
        process.exit();
      });`;
    const command = { argv: [process.execPath, '-e', script] };
    expect(b.log(await b.run(command))).toContain('outside connected own connected');
    const cut = b.log(await b.run(command, { network: 'none' }));
    expect(cut).toContain('outside ECONNREFUSED own connected');
    expect(cut).toContain('seen lo\n');
    server.close();
  });

  test('files, /tmp, home, network and who one is are what they are outside', async () => {
    const look =
      'id; pwd; echo "$HOME $PATH"; ls -di / /tmp "$HOME" /dev/null; readlink /proc/self/ns/net /proc/self/ns/ipc; umask; echo x > made';
    const inside = make({ units: units() });
    const outside = make({ units: GROUPS_ONLY });
    const seen = (b: typeof inside, log: string): string =>
      log.replaceAll(b.folder, 'FOLDER').replaceAll(/^#.*$/gm, '');
    const one = inside.log(await inside.run(look));
    const other = outside.log(await outside.run(look));
    expect(seen(inside, one)).toBe(seen(outside, other));
    expect(readFileSync(join(inside.folder, 'made'), 'utf8')).toBe('x\n');
  });
});

test('it can be had where bwrap can, and where it cannot it says why', () => {
  expect(typeof bwrap === 'string' ? /\w/.test(bwrap) : canBwrap).toBe(true);
});

test('without the program it says what is missing', async () => {
  expect(await Bwrap.open({ PATH: '/nonexistent' })).toContain('bubblewrap');
});

describe.runIf(canBwrap)('[G18] what is taken away on request', () => {
  const units = (): Units => openUnits('not asked for', { bwrap });
  const sandbox = { isReadOnly: true, writable: [] as readonly string[], hasOwnTmp: false };
  const tries = `for place in out / /tmp /usr "$HOME" "$GATE_CYCLE_DIR"; do
  if ( : > "$place/written-by-a-test" ) 2>/dev/null; then rm -f "$place/written-by-a-test"; echo "$place: written"; else echo "$place: not"; fi
done`;

  test('a root that is read-only: nothing can be written but what is named, the folder of the cycle, and devices', async () => {
    const b = make({ units: units() });
    mkdirSync(join(b.folder, 'out'));
    mkdirSync(join(b.folder, 'cycle'));
    const env = { ...b.marks('t1'), GATE_CYCLE_DIR: join(b.folder, 'cycle') };
    const run = (writable: readonly string[]) =>
      b.run(`${tries}; echo x > /dev/null && echo devices`, {
        env,
        isolation: { layer: 'bwrap', fallback: false, sandbox: { ...sandbox, writable } },
      });
    const open = b.log(await run([join(b.folder, 'out')]));
    expect(open).toContain('out: written\n/: not\n/tmp: not\n/usr: not\n');
    expect(open).toContain(`${env.GATE_CYCLE_DIR}: written\ndevices\n`);
    const closed = await run([join(b.folder, 'nowhere')]);
    expect(closed.end).toEqual({
      notStarted: 'no-folder',
      detail: `\`writable\` names ${join(b.folder, 'nowhere')}, and nothing is there: make it in a step before, or take it out`,
    });
  });

  test('who is root cannot take it back, and a link that is named is followed', async () => {
    const b = make({ units: units() });
    const [out, outside] = [join(b.folder, 'out'), join(b.folder, 'outside')];
    mkdirSync(outside);
    symlinkSync(outside, out);
    const ended = await b.run(
      `mount -o remount,bind,rw / || echo no mount; ${tries}; umount -l /tmp || true`,
      {
        isolation: { layer: 'bwrap', fallback: false, sandbox: { ...sandbox, writable: [out] } },
      },
    );
    expect(b.log(ended)).toContain('no mount\n');
    expect(b.log(ended)).toContain('out: written\n/: not\n/tmp: not\n/usr: not\n');
  });

  test('a /tmp of its own is empty but for the folder of the task, and leaves nothing behind', async () => {
    const b = make({ units: units() });
    const name = `gate-run-own-${process.pid}`;
    writeFileSync(`/tmp/${name}`, 'of everybody');
    const { end } = await b.run(`test ! -e /tmp/${name} && echo own > /tmp/${name}-own && echo here > here`, {
      isolation: {
        layer: 'bwrap',
        fallback: false,
        sandbox: { ...sandbox, isReadOnly: false, hasOwnTmp: true },
      },
    });
    rmSync(`/tmp/${name}`);
    expect(end).toEqual({ code: 0 });
    expect(existsSync(`/tmp/${name}-own`)).toBe(false);
    expect(readFileSync(join(b.folder, 'here'), 'utf8')).toBe('here\n');
  });
});
