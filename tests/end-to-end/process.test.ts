import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { alive, until } from '../contract/attempts.ts';
import { place, type Place } from './process-rig.ts';

let places: Place[] = [];

function story(gates: string, top?: string): Place {
  const made = place(gates, top);
  places.push(made);
  return made;
}

afterEach(() => {
  for (const made of places) made.clear();
  places = [];
});

describe('commands that behave badly', () => {
  test('a command that is not found, and one that may not be executed, are broken and named', async () => {
    const s = story(
      'plain: { run: ./plain.sh, mode: soft, on-broken: soft }\ngone: { run: no-such-command x }\n',
      'jobs: 1',
    );
    writeFileSync(join(s.folder, 'plain.sh'), 'echo never');
    const { code, out } = await s.run();
    expect(code).toBe(3);
    expect(out).toContain('command `no-such-command` was not found on PATH');
    expect(out).toContain('`./plain.sh` may not be executed');
  });

  test('a command that reads stdin meets its end, and the gate passes', async () => {
    const s = story('reads: { run: cat }\n');
    const { code } = await s.run();
    expect(code).toBe(0);
  });

  test('[A13] a command that ignores TERM is ended at its timeout and its grace, with its children', async () => {
    const s = story(
      `hangs: { run: 'trap "" TERM; sleep ${stay(3)} & while :; do sleep ${stay(3)}; done', timeout: 500ms, kill-after: 300ms }\n`,
    );
    const { code, out, ms } = await s.run();
    expect(code).toBe(3);
    expect(out).toMatch(/timed? ?out/i);
    expect(ms).toBeLessThan(15_000);
    expect(alive(stay(3))).toEqual([]);
    expect(s.events().find(({ type }) => type === 'attempt.ended')).toMatchObject({
      end: { signal: 'SIGKILL' },
    });
  });

  test('daemons, in the group and out of it, do not outlive the run', async () => {
    const s = story(
      `forks: { run: '(sleep ${stay(4)} &) ; setsid sh -c "touch away; sleep ${stay(4)}" & until [ -e away ]; do sleep 0.01; done', kill-after: 300ms }\n`,
    );
    const { code } = await s.run();
    expect(code).toBe(0);
    await until(() => alive(stay(4)).length === 0);
    // A control group counts all of them, a process group those that stayed in it.
    const left = s.events().find(({ type }) => type === 'attempt.ended')?.['leftBehind'];
    expect([1, 3]).toContain(left);
  });

  test('invalid UTF-8 and a line of 64 MB are kept in the log byte for byte, and the last lines are short', async () => {
    const s = story(
      `bytes: { run: 'printf "\\377\\376\\n"; head -c 64000000 /dev/zero | tr "\\0" x; exit 1' }\n`,
    );
    const { code, out } = await s.run();
    expect(code).toBe(1);
    expect(out.length).toBeLessThan(20_000);
    const log = readFileSync(join(s.folder, '.gate-run/cycles/000001/check.bytes.1.log'));
    expect(log.subarray(log.indexOf(10) + 1).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xfe, 0x0a]));
    expect(log.length).toBeGreaterThan(64_000_000);
  });

  test('a command that empties its own log is broken, and the mend is named', async () => {
    const s = story(`empties: { run: 'echo one; echo two > /dev/stderr' }\n`);
    const { code, out } = await s.run();
    expect(code).toBe(3);
    expect(out).toContain('>&2');
  });

  test('[A8] a metric that never comes, is no number or is stale is broken, never passed', async () => {
    const read = `metrics: { score: { json: m.json, at: /score } }, thresholds: { score: '>= 1' }`;
    const s = story(
      `stale: { run: 'true', ${read} }\nmissing: { run: echo x, metrics: { n: { regex: 'n=(?<value>\\d+)' } }, thresholds: { n: '>= 1' } }\n`,
    );
    writeFileSync(join(s.folder, 'm.json'), '{"score": 5}');
    const { code, out } = await s.run();
    expect(code).toBe(3);
    expect(out).toContain('is older than this attempt');
    expect(s.events().filter(({ type }) => type === 'task.judged')).toMatchObject([
      { verdict: 'broken' },
      { verdict: 'broken' },
    ]);
  });

  test('a log that runs away is ended, cut at its bound, and the gate is broken', async () => {
    const s = story(`floods: { run: 'yes', log-limit: 1m }\n`);
    const { code, out, ms } = await s.run();
    expect(code).toBe(3);
    expect(out).toContain('EFBIG');
    expect(ms).toBeLessThan(30_000);
    const folder = join(s.folder, '.gate-run/cycles/000001');
    expect(readFileSync(join(folder, 'check.floods.1.log')).length).toBeLessThan(1_200_000);
  });

  test('a log of 2 GB is held to its bound, head and tail kept, and the gate is judged by its code', async () => {
    const s = story(
      `long: { run: 'echo first; head -c 2000000000 /dev/zero; echo; echo last', log-limit: 600m }\n`,
    );
    const { code, out } = await s.run();
    expect(code).toBe(0);
    expect(out).not.toContain('bug');
    const folder = join(s.folder, '.gate-run/cycles/000001');
    const log = join(folder, 'check.long.1.log');
    expect(execFileSync('head', ['-n', '2', log], { encoding: 'latin1' })).toMatch(/\nfirst\n$/);
    expect(execFileSync('tail', ['-n', '1', log], { encoding: 'latin1' })).toBe('last\n');
    expect(execFileSync('stat', ['-c', '%s', log], { encoding: 'utf8' })).toMatch(/^629\d{6}\n$/);
  });
});

describe('state directories that misbehave', () => {
  test('a state directory that is a file is named, and nothing is started', async () => {
    const s = story('touches: { run: touch started }\n');
    writeFileSync(join(s.folder, '.gate-run'), 'a file');
    const { code, out } = await s.run();
    expect(code).toBe(8);
    expect(out).toContain('.gate-run');
    expect(existsSync(join(s.folder, 'started'))).toBe(false);
    expect(s.read('.gate-run')).toBe('a file');
  });

  test('[A15] a second start ends with 7 and says who holds the lock', async () => {
    const s = story('waits: { run: sleep 2.5 }\n');
    const first = s.start();
    await until(() => existsSync(join(s.folder, '.gate-run/owner.json')));
    const second = await s.run();
    expect(second.code).toBe(7);
    expect(second.out).toContain(String(first.child.pid));
    expect((await first.ended).code).toBe(0);
  });

  test('a state directory that may not be written to is named, and nothing is started', async () => {
    const s = story('touches: { run: touch started }\n');
    const state = join(s.folder, '.gate-run');
    mkdirSync(state);
    const isReadOnly = mount(state, 'ro');
    if (!isReadOnly) chmodSync(state, 0o555);
    try {
      const { code, out } = await s.run();
      expect(code).toBe(8);
      expect(out).toContain('.gate-run');
      expect(readdirSync(s.folder)).not.toContain('started');
    } finally {
      if (isReadOnly) execFileSync('umount', ['--lazy', state], { stdio: 'ignore' });
    }
  });
});

describe('runs that are cut off', () => {
  test('what a killed run left running is ended by the next start before it starts anything', async () => {
    const s = story(
      `long: { run: 'sleep ${stay(5)}', when: { exists: first } }\nlooks: { run: 'echo looked' }\n`,
    );
    writeFileSync(join(s.folder, 'first'), '');
    const { child, ended } = s.start();
    await until(() => alive(stay(5)).length > 0);
    child.kill('SIGKILL');
    await ended;
    expect(alive(stay(5))).toHaveLength(1);
    execFileSync('rm', [join(s.folder, 'first')]);
    expect((await s.run()).code).toBe(0);
    expect(alive(stay(5))).toEqual([]);
  });

  test('[B5] the first signal lets the running task end, a second ends it', async () => {
    const s = story(
      `long: { run: 'trap "echo cleaned; exit 3" TERM; echo ready; while :; do sleep 0.1; done' }\n`,
    );
    const { child, ended } = s.start();
    const log = join(s.folder, '.gate-run/cycles/000001/check.long.1.log');
    await until(() => existsSync(log) && /^ready/m.test(readFileSync(log, 'utf8')));
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(readFileSync(log, 'utf8')).not.toMatch(/^cleaned/m);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(readFileSync(log, 'utf8')).toMatch(/^cleaned/m);
  });
});

/** Seconds to sleep that tell these processes from those of any other test run on the machine. */
function stay(which: number): string {
  return `61.${process.pid}${which}`;
}

function mount(folder: string, options: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
