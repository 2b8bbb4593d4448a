// Simulations started by the small process, beside the same ones started by Node: nobody may be able to tell the two apart.

import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alive, benches, pause, until, type Bench } from './attempts.ts';
import { rungOrder, runRung, simsOf, TENFOLD, type RungWish } from './rungs.ts';

const make = benches();
/** Enough of them in one lane that the small process pays. */
const MANY = 16;
const AGAIN = 'to be run again, the process that starts simulations is gone';
const BY_PERL = 'read -r by < /proc/$PPID/comm; echo "$by" >> by; ';

function manyInOneLane(wish: RungWish): RungWish {
  return { planned: MANY, lanes: 1, mayFail: MANY, ...wish, script: `${BY_PERL}${wish.script}` };
}

function startedBy(b: Bench): readonly string[] {
  return [...new Set(readFileSync(join(b.folder, 'by'), 'utf8').trim().split('\n'))];
}

/** Where no Perl is found, but all that a script here needs. */
function withoutPerl(): NodeJS.ProcessEnv {
  const folder = join(make().folder, 'few');
  mkdirSync(folder);
  for (const name of ['sh', 'cat', 'sleep', 'setsid', 'env', 'sort', 'ls']) {
    const from = ['/bin', '/usr/bin'].find((bin) => readdirSync(bin).includes(name));
    symlinkSync(`${from}/${name}`, join(folder, name));
  }
  return { ...process.env, PATH: folder };
}

function realPerl(): string {
  return ['/usr/bin/perl', '/bin/perl', '/usr/local/bin/perl'].find((path) => existsSync(path)) ?? 'perl';
}

/** Where that is what Perl does. */
function withPerl(does: string): NodeJS.ProcessEnv {
  const env = withoutPerl();
  writeFileSync(join(env['PATH'] ?? '', 'perl'), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  return env;
}

/** Durations and process ids aside, what both ways say. */
async function bothWays(wish: RungWish, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
  const said: string[] = [];
  for (const base of [process.env, withoutPerl()]) {
    const b = make({ env: { ...base, ...env } });
    const ended = await runRung(b, manyInOneLane(wish));
    said.push(
      b
        .log(ended)
        .replaceAll(/, \d+ ms$/gm, '')
        .replaceAll(/GATE_RUN=.*/g, 'GATE_RUN')
        .replaceAll(b.folder, 'HERE'),
    );
    expect(startedBy(b).includes('perl')).toBe(base === process.env);
  }
  return said;
}

describe('many simulations in one lane', () => {
  test('are started by a process smaller than gate-run', async () => {
    const b = make();
    const ended = await runRung(b, manyInOneLane({ script: TENFOLD }));
    expect(simsOf(ended)).toMatchObject({ done: MANY, failed: 0 });
    expect(startedBy(b)).toEqual(['perl']);
  });

  test('tell together how much CPU time they took, they and what they waited for; by Node that is not known', async () => {
    const burn = `sh -c 'i=0; while [ $i -lt 600000 ]; do i=$((i + 1)); done'`;
    const burning = manyInOneLane({ script: `[ $GATE_SEED = 3 ] && ${burn}; ${TENFOLD}` });
    const ended = await runRung(make(), burning);
    expect(ended.cpuMs).toBeGreaterThan(200);
    expect(ended.cpuMs).toBeLessThan(10_000);
    const wish = manyInOneLane({ script: TENFOLD });
    const quick = await runRung(make(), wish);
    expect(quick.cpuMs).toBeLessThan(ended.cpuMs ?? 0);
    expect(await runRung(make({ env: withoutPerl() }), wish)).not.toHaveProperty('cpuMs');
    const one = make();
    const inherited = rungOrder(one, wish);
    const { sims } = inherited;
    if (!sims) throw new Error('a rung has simulations');
    const process = (seed: number, count: number) => ({ ...sims.process(seed, count), stdin: '/dev/null' });
    one.start('', { ...inherited, sims: { ...sims, process } });
    expect(await one.fact('attempt.ended')).not.toHaveProperty('cpuMs');
  });

  test('end as they end', async () => {
    const ends = ['exit 137', 'exit 143', 'kill -KILL $$', 'kill -SEGV $$', 'exit 127', 'exit 255', TENFOLD];
    const script = `case $GATE_SEED in ${ends.map((end, seed) => `${seed}) ${end};;`).join(' ')} *) exit 3;; esac`;
    const [small, direct] = await bothWays({ script });
    expect(small).toBe(direct);
    expect(small).toContain('=== seed 3: failed, killed by SIGSEGV\n');
    expect(small).toContain('=== seed 5: failed, exit 255\n=== seed 6: done\n');
  });

  test('of a signal without a name are not taken for well done', async () => {
    const b = make();
    const script = `[ $GATE_SEED = 4 ] && kill -40 $$; ${TENFOLD}`;
    const ended = await runRung(b, manyInOneLane({ script, metrics: [] }));
    expect(simsOf(ended)).toMatchObject({ failed: 1, firstFailed: { seed: 4, why: 'killed by SIG40' } });
  });

  test('get their environment byte for byte, and what would change Perl as well', async () => {
    const odd = { ODD: 'a b\n"\'$x\\ ü', EMPTY: '', PERL5OPT: '-Mnone', PERL_UNICODE: 'SDA', PATHS: '=' };
    const [small, direct] = await bothWays({ script: 'env -u PATH -u _ | sort' }, odd);
    expect(small).toBe(direct);
    expect(small).toContain('PERL5OPT=-Mnone');
  });

  test('hold no descriptor but the three, lead a group, and are deaf to nothing', async () => {
    const script = `
      ls /proc/self/fd | { while read fd; do case $fd in 0|1|2) ;; *) echo "fd";; esac; done; }
      read -r pid name state parent group rest < /proc/$$/stat; [ $group = $$ ] && echo leads
      while read -r line; do case $line in Sig[IB]*) echo $line;; esac; done < /proc/$$/status`;
    const [small, direct] = await bothWays({ script, metrics: [] });
    expect(small).toBe(direct);
    expect(small).toContain('leads\n');
  });

  test('read nothing and write to both outputs', async () => {
    const script = 'cat; echo to error >&2; echo "no end of the input"';
    const [small, direct] = await bothWays({ script, order: { apart: true }, metrics: [] });
    expect(small).toBe(direct);
    expect(small).toContain('to error');
  });

  test.each([
    [{ command: { argv: ['no-such-program'] } }, { notStarted: 'not-found' }],
    [{ command: { argv: ['/etc/passwd'] } }, { notStarted: 'not-executable' }],
    [{ command: { argv: ['true', 'a\0b'] } }, { notStarted: 'not-executable' }],
    [{ cwd: '/no/such/folder' }, { notStarted: 'no-folder' }],
  ])('what cannot be started is told as ever: %j', async (wrong, why) => {
    const b = make();
    const order = rungOrder(b, manyInOneLane({ script: '' }));
    const { sims } = order;
    if (!sims) throw new Error('a rung has simulations');
    const process = (seed: number, count: number) => ({
      ...sims.process(seed, count),
      ...wrong,
    });
    b.start('', { ...order, sims: { ...sims, process } });
    expect((await b.fact('attempt.ended')).end).toMatchObject(why);
  });

  test('one that does not end is ended after its own time, with all of its group', async () => {
    const b = make();
    const word = `slow-${process.pid}`;
    const script = `[ $GATE_SEED = 3 ] && { sh -c 'sleep 300; :' ${word} & wait; }; ${TENFOLD}`;
    const ended = await runRung(b, manyInOneLane({ script, timeoutMs: 400 }));
    expect(simsOf(ended)).toMatchObject({ done: MANY - 1, failed: 1 });
    expect(b.log(ended)).toContain('=== seed 3: failed, not done within 400 ms');
    expect(alive(word)).toEqual([]);
  });

  test('are ended after their time, though it is over before they are started', async () => {
    const b = make();
    const word = `never-${process.pid}`;
    const script = `sh -c 'sleep 300; :' ${word}`;
    // So late that a TERM which is lost would be noticed.
    const order = { killAfterMs: 60_000 };
    const ended = await runRung(b, manyInOneLane({ script, timeoutMs: 1, order }));
    expect(simsOf(ended)).toMatchObject({ done: 0, failed: MANY, causes: ['timeout'] });
    expect(alive(word)).toEqual([]);
  });

  test('what one leaves behind is ended with it', async () => {
    const b = make();
    const word = `left-${process.pid}`;
    const script = `[ $GATE_SEED = 5 ] && { sh -c 'sleep 300; :' ${word} & }; ${TENFOLD}`;
    const ended = await runRung(b, manyInOneLane({ script }));
    expect(ended).toMatchObject({ end: { code: 0 }, leftBehind: 2 });
    expect(alive(word)).toEqual([]);
    expect(startedBy(b)).toEqual(['perl']);
  });

  test('a stop ends what runs, starts nothing more, and the small process goes too', async () => {
    const b = make();
    const order = b.start('', rungOrder(b, manyInOneLane({ script: 'echo $PPID > parent; sleep 300' })));
    const parent = () => readFileSync(join(b.folder, 'parent'), 'utf8').trim();
    await until(() => readdirSync(b.folder).includes('parent') && parent() !== '');
    b.processes.signal(order.ref, 'TERM');
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGTERM' });
    expect(readdirSync('/proc')).not.toContain(parent());
    expect(startedBy(b)).toHaveLength(1);
  });

  test('[A8] somebody kills the small process: its simulation is ended and run again, as the others without', async () => {
    const b = make();
    const word = `again-${process.pid}`;
    const killed = `[ "$by" = perl ] && [ $GATE_SEED = 2 ] && { kill -KILL $PPID; sh -c 'sleep 300; :' ${word}; }`;
    const ended = await runRung(b, manyInOneLane({ mayFail: 0, script: `${killed}; ${TENFOLD}` }));
    expect(simsOf(ended)).toMatchObject({ done: MANY, failed: 0 });
    expect(ended).not.toHaveProperty('leftBehind');
    expect(startedBy(b)).toEqual(['perl', expect.not.stringMatching('perl')]);
    expect(b.log(ended).match(/^=== seed .* gone/gm)).toEqual([`=== seed 2: ${AGAIN}`]);
    expect(alive(word)).toEqual([]);
  });

  test('[A8] the small process is stopped in the middle: a time limit ends what it holds, the others are run without', async () => {
    const b = make();
    const script = `[ "$by" = perl ] && [ $GATE_SEED = 2 ] && kill -STOP $PPID; ${TENFOLD}`;
    const ended = await runRung(b, manyInOneLane({ script, timeoutMs: 500 }));
    expect(simsOf(ended)).toMatchObject({ done: MANY - 1, failed: 1, causes: ['timeout'] });
  });

  test('[A8] what asks the whole service to stop does not take the small process from its simulations', async () => {
    const b = make();
    const ended = await runRung(
      b,
      manyInOneLane({ script: `kill -TERM $PPID; kill -INT $PPID; ${TENFOLD}` }),
    );
    expect(simsOf(ended)).toMatchObject({ done: MANY, failed: 0 });
    expect(startedBy(b)).toEqual(['perl']);
  });

  test.each([
    ['ends at once', 'exit 1', false],
    ['says nothing', 'exec sleep 1000', false],
    ['leaves its pipe to somebody else', 'exec setsid sleep 3', false],
    ['stops once it is ready', 'echo ready; kill -STOP $$', true],
    ['is killed before it starts anything', 'echo ready; kill -KILL $$', true],
    ['has no room for its notes', `exec ${realPerl()} "$@" 2>/dev/full`, false],
  ])('a perl that %s does no harm', async (_, does, isTold) => {
    const b = make({ env: withPerl(does) });
    const ended = await runRung(b, manyInOneLane({ mayFail: 0, script: TENFOLD }));
    expect(simsOf(ended)).toMatchObject({ done: MANY, failed: 0 });
    expect(startedBy(b)).toEqual([expect.not.stringMatching('perl')]);
    expect(b.log(ended).includes(`=== seed 0: ${AGAIN}`)).toBe(isTold);
  });

  test.each([
    ['says nothing', 'exec sleep 1000'],
    ['stops once it is ready', 'echo ready; kill -STOP $$'],
  ])('a stop ends everything where a perl %s', async (_, does) => {
    const b = make({ env: withPerl(does) });
    const order = b.start('', rungOrder(b, manyInOneLane({ script: 'sleep 300' })));
    await pause(100);
    b.processes.signal(order.ref, 'TERM');
    b.processes.signal(order.ref, 'KILL');
    expect((await b.fact('attempt.ended')).end).toEqual({ signal: 'SIGKILL' });
  });
});
