// One line of 64 MiB without an end for long: everybody who reads it stays small and quick, and its end is lost to nobody.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMAND, peakMegabytes, start } from './kills/start.ts';
import { hearAll } from './kills/judged.ts';
import { folderWith, gateRun, loop, until, type Folder } from './rig.ts';

const MIB = 1_048_576;
const LINE_BYTES = 64 * MIB;
const MEMORY_LIMIT_MB = 200;
/** Many times what it takes; a reader that begins anew with every piece takes minutes. */
const TIME_LIMIT_MS = 20_000;
const LOOK_EVERY_MS = 10;

const LONG = `head -c ${LINE_BYTES} /dev/zero | tr "\\000" x`;
/** Nobody prints it; that there is one sends every output through gate-run. */
const SECRET = { BUILD_TOKEN: 'nothing-that-a-line-would-hold' };
const WAYS = { 'straight into its log': {}, 'through what hides secrets': SECRET };

type Words = Readonly<Record<string, string>>;

/** Runs it, and looks how much memory gate-run itself takes. */
function weighed(folder: Folder, args: readonly string[], env: Words = {}) {
  const { child, over } = start(folder, [...COMMAND, ...args], { env });
  let peakMb = 0;
  const timer = setInterval(() => (peakMb = Math.max(peakMb, peakMegabytes(child.pid ?? 0))), LOOK_EVERY_MS);
  return over.then(({ code, out, ms }) => {
    clearInterval(timer);
    expect(peakMb, args.join(' ')).toBeGreaterThan(0);
    expect(peakMb, args.join(' ')).toBeLessThan(MEMORY_LIMIT_MB);
    expect(ms, args.join(' ')).toBeLessThan(TIME_LIMIT_MS);
    return { code, out };
  });
}

function logBytes(folder: Folder, name: string): number {
  return statSync(join(folder.path, '.gate-run/cycles/000001', name)).size;
}

describe('[G17] a line of 64 MiB', () => {
  test.each(Object.entries(WAYS))(
    '%s is kept whole, its metric is found, and nobody who shows it holds it',
    async (_, env) => {
      const folder = folderWith(
        hearAll(`
fails: { run: '${LONG}; echo " Error: out of luck"; exit 1', mode: soft }
measured:
  run: '${LONG}; echo " n=5"; echo behind'
  metrics: { n: { regex: 'n=(?<value>\\d+)' } }
  thresholds: { n: '>= 1' }
counted:
  run: '${LONG}'
  metrics: { n: { count: 'x+' } }
  thresholds: { n: '>= 1' }
  mode: soft
  on-broken: soft
`),
      );
      const reporters = ['junit=junit.xml', 'tap=out.tap', 'sarif=out.sarif'];
      const args = reporters.flatMap((one) => ['--reporter', one]);
      const ran = await weighed(folder, args, { ...env, GITHUB_ACTIONS: 'true' });
      expect(ran.code, ran.out.slice(-2000)).toBe(0);
      expect(ran.out).toContain('n 5');
      expect(ran.out).toMatch(/…x+ … x+ Error: out of luck\n/);
      expect(ran.out).toMatch(/fails.*: …x+ Error: out of luck/);
      expect(ran.out).toContain('the output is longer than 16 MiB');
      expect(ran.out.length).toBeLessThan(30_000);
      for (const name of ['junit.xml', 'out.tap', 'out.sarif', '.gate-run/questions.md'])
        expect(folder.read(name).length, name).toBeLessThan(200_000);
      expect(folder.read('junit.xml')).toContain('x Error: out of luck');
      expect(logBytes(folder, 'check.measured.1.log')).toBeGreaterThan(LINE_BYTES);
      const whole = await weighed(folder, ['logs', 'measured']);
      expect(whole.out).toMatch(
        /x… \[gate-run: 66\d{6} characters of this line are left out\] …x+ n=5\nbehind\n$/,
      );
      expect(whole.out.length).toBeLessThan(1.1 * MIB);
      const tail = await weighed(folder, ['logs', 'measured', '--tail', '2']);
      expect(tail.out).toMatch(/^\[gate-run: the beginning of this line is not shown\] …x+ n=5\nbehind\n$/);
      await weighed(folder, ['backup', '--to', 'backup.tar.gz']);
    },
    60_000,
  );

  test.each([
    // Of what was printed before it, the run's follower shows the end.
    [
      'logs --follow',
      /^==> 000001\/check\.long\.1\.log <==\n\[gate-run: the beginning of this line is not shown\] …x+ end\non\n$/,
    ],
    ['logs long --follow', /x… \[gate-run: 66\d{6} characters of this line are left out\] …x+ end\non\n$/],
  ])(
    'that comes in pieces is shown as it comes, by `gate-run --verbose` and `gate-run %s`',
    async (words, expected) => {
      const folder = folderWith(
        loop(
          `long: { run: '${LONG}; touch here; while ! test -e go; do sleep 0.05; done; echo " end"; echo on' }`,
        ),
      );
      const running = weighed(folder, ['--verbose']);
      await until('it has begun', () => folder.has('here'));
      const following = weighed(folder, words.split(' '));
      folder.write('go', '');
      const [ran, followed] = await Promise.all([running, following]);
      expect(ran.out).toMatch(/x … x+ end\n.*│ on\n/);
      expect(ran.out.length).toBeLessThan(10_000);
      expect(followed.out).toMatch(expected);
    },
    60_000,
  );

  test('of a cycle that was packed is shown alike', async () => {
    const folder = folderWith(
      loop(`long: { run: '${LONG}; echo " end"' }`, 'state: { archive: { after: 1ms, to: packed } }'),
    );
    for (let cycle = 0; cycle < 3; cycle += 1) expect((await gateRun(folder)).code).toBe(0);
    expect(folder.list('packed')).toContain('000001.tar.gz');
    const whole = await weighed(folder, ['logs', '1', 'long']);
    expect(whole.out).toMatch(/x… \[gate-run: 66\d{6} characters of this line are left out\] …x+ end\n$/);
    const tail = await weighed(folder, ['logs', '1', 'long', '--tail', '1']);
    expect(tail.out).toMatch(/^\[gate-run: the beginning of this line is not shown\] …x+ end\n$/);
  }, 60_000);

  test.each([
    ['seed', 'echo $GATE_SEED', 0],
    ['batch', 'echo $GATE_SEED $GATE_COUNT', 0],
    ['worker', 'read line', 3],
  ])(
    'of simulations `per: %s` is held by nobody, and is no answer of a worker',
    async (per, first, code) => {
      const folder = folderWith(
        loop(`
sims:
  run: '${first}; ${LONG}; echo; echo "{\\"seed\\":0,\\"edge\\":5}"'
  per: ${per}
  metrics: { edge: { bounds: [0, 9] } }
  stages: [{ count: 1 }]
`),
      );
      const ran = await weighed(folder, []);
      expect(ran.out.length).toBeLessThan(20_000);
      expect(ran.code, ran.out).toBe(code);
    },
    60_000,
  );
});
