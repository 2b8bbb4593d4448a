import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/core/loop/event.ts';
import type { Ask } from '../../src/core/plan/plan.ts';
import { realClock, suspendGap, watchSuspend } from '../../src/system/clock.ts';
import { runCommand } from '../../src/system/command.ts';
import { watchSignals } from '../../src/system/signals.ts';
import { alive, benches, pause, until, type Bench } from './attempts.ts';

const bench = benches();

function make(env: NodeJS.ProcessEnv = process.env): Bench {
  return bench({ env });
}

describe('many attempts', () => {
  test('500 attempts leave no descriptor open and no process behind', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'input'), 'x');
    await b.run({ argv: ['true'] });
    const before = descriptors();
    for (let round = 0; round < 100; round += 1) {
      await Promise.all([
        b.run({ argv: ['true'] }),
        b.run({ argv: ['echo', 'x'] }),
        b.run({ argv: ['cat'] }, { stdin: join(b.folder, 'input') }),
        b.run({ argv: ['false'] }, { apart: true }),
        b.run({ argv: ['no-such-command'] }),
      ]);
    }
    b.processes.close();
    const more = descriptors().filter((link) => link.includes(b.folder));
    expect(more).toEqual([]);
    expect(descriptors().length).toBeLessThanOrEqual(before.length + 2);
  });

  test('parallel silent attempts share files, and each log is its own', async () => {
    const b = make();
    const all = await Promise.all(
      Array.from({ length: 60 }, (_, index) => b.run(index % 3 === 0 ? `echo ${index}` : 'true')),
    );
    for (const [index, ended] of all.entries()) {
      if (index % 3 !== 0) expect(ended.log).toBe('none');
      else expect(b.log(ended)).toBe(`# gate-run ${ended.task} attempt 1\n${index}\n`);
    }
    b.processes.close();
    expect(readdirSync(join(b.folder, 'cycles/000001'))).toHaveLength(20);
  });

  test('tasks of another run inside a task are told nothing about the outer one', async () => {
    const b = make({
      PATH: process.env['PATH'],
      GATE_COUNT: '10',
      GATE_TASK: 'outer',
      GATE_RUN_COLOUR: 'kept',
    });
    const ended = await b.run({ argv: ['env'] });
    expect(b.log(ended)).not.toMatch(/GATE_COUNT|outer/);
    expect(b.log(ended)).toContain('GATE_RUN_COLOUR=kept');
  });

  test('only what `pass` lists passes, by name and by glob', async () => {
    const b = make({ PATH: process.env['PATH'], CI_JOB: '1', CI_NAME: 'x', HOME: '/h' });
    const ended = await b.run({ argv: ['env'] }, { pass: ['PATH', 'CI_*'], env: { ADDED: 'y' } });
    const names = b
      .log(ended)
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split('=')[0]);
    expect(new Set(names)).toEqual(new Set(['ADDED', 'CI_JOB', 'CI_NAME', 'PATH']));
  });
});

describe('a full disk', () => {
  test('an attempt that fills it ends as a matter of storage, hangs nobody, and gives room back', async () => {
    const b = make();
    const place = join(b.folder, 'small');
    mkdirSync(place);
    if (!mountSmall(place)) {
      expect(process.getuid?.()).not.toBe(0);
      return;
    }
    try {
      const log = join(place, 'cycles', 'x.log');
      const ended = await b.run('head -c 1000000 /dev/zero; exit 0', { log });
      expect(ended).toMatchObject({ end: { storage: 'ENOSPC' }, log: 'cut' });
      expect(b.facts.at(-1)).toEqual({ type: 'stop.seen', by: 'storage', now: true });
      const next = await b.run('echo fits', { log: join(place, 'cycles', 'y.log') });
      expect(next.end).toEqual({ code: 0 });
      const swallowed = await b.run('head -c 1000000 /dev/zero > rest 2>/dev/null || true', {
        log,
        cwd: place,
      });
      expect(swallowed.end).toEqual({ storage: 'ENOSPC' });
      const refused = await b.run('touch started', { log: join(place, 'cycles', 'z.log') });
      expect(refused.end).toEqual({ storage: 'ENOSPC' });
    } finally {
      b.processes.close();
      execFileSync('umount', ['--lazy', place], { stdio: 'ignore' });
    }
  });
});

describe('conditions', () => {
  const answerTo = async (
    b: Bench,
    asks: readonly Ask[],
    seen?: string,
  ): Promise<Extract<Event, { type: 'task.answered' }>> => {
    const task = `q${b.facts.length}`;
    b.processes.ask(task, asks, seen);
    return b.fact('task.answered', (event) => event.task === task);
  };

  test('`exists` asks for every path, as a path or as a glob', async () => {
    const b = make();
    mkdirSync(join(b.folder, 'src/deep'), { recursive: true });
    writeFileSync(join(b.folder, 'src/deep/a.ts'), '');
    expect(await answerTo(b, [{ key: 'exists', paths: ['src', 'src/**/*.ts'] }])).not.toHaveProperty('unmet');
    expect(await answerTo(b, [{ key: 'exists', paths: ['src', '**/*.js'] }])).toMatchObject({
      unmet: 'exists',
    });
    expect(await answerTo(b, [{ key: 'exists', paths: ['sr*', 'src/*'] }])).not.toHaveProperty('unmet');
    expect(await answerTo(b, [{ key: 'exists', paths: ['none'] }])).toMatchObject({ unmet: 'exists' });
  });

  test('`command` asks PATH, and only for what may be executed', async () => {
    const b = make({ PATH: `${process.env['PATH'] ?? ''}:/no/such/place` });
    writeFileSync(join(b.folder, 'tool'), '');
    expect(await answerTo(b, [{ key: 'command', names: ['sh', 'cat'] }])).not.toHaveProperty('unmet');
    expect(await answerTo(b, [{ key: 'command', names: ['no-such-command'] }])).toMatchObject({
      unmet: 'command',
    });
    expect(await answerTo(b, [{ key: 'command', names: ['./tool'] }])).toMatchObject({ unmet: 'command' });
    chmodSync(join(b.folder, 'tool'), 0o755);
    expect(await answerTo(b, [{ key: 'command', names: ['./tool'] }])).not.toHaveProperty('unmet');
  });

  test('`changed` compares names and contents with what was seen at the last pass', async () => {
    const b = make();
    const asks: readonly Ask[] = [{ key: 'changed', globs: ['src/**', '!src/*.md'], since: undefined }];
    mkdirSync(join(b.folder, 'src/node_modules'), { recursive: true });
    writeFileSync(join(b.folder, 'src/a'), '1');
    const first = await answerTo(b, asks);
    expect(first).not.toHaveProperty('unmet');
    expect(await answerTo(b, asks, first.inputs)).toMatchObject({ unmet: 'changed', inputs: first.inputs });
    writeFileSync(join(b.folder, 'src/notes.md'), 'left out');
    writeFileSync(join(b.folder, 'src/node_modules/x'), 'passed over');
    expect(await answerTo(b, asks, first.inputs)).toMatchObject({ unmet: 'changed' });
    writeFileSync(join(b.folder, 'src/a'), '2');
    expect(await answerTo(b, asks, first.inputs)).not.toHaveProperty('unmet');
    writeFileSync(join(b.folder, 'src/a'), '1');
    writeFileSync(join(b.folder, 'src/b'), '');
    expect(await answerTo(b, asks, first.inputs)).not.toHaveProperty('unmet');
  });

  test('`exists` and `changed` take absolute paths, globs among them, and paths that begin with ./', async () => {
    const b = make();
    mkdirSync(join(b.folder, 'src'));
    writeFileSync(join(b.folder, 'src/a.ts'), '1');
    const outside = make();
    for (const paths of [[join(b.folder, 'src/a.ts')], [join(b.folder, '*/a.*')], ['./src/a.ts']]) {
      const asker = paths[0]?.startsWith('/') === true ? outside : b;
      expect(await answerTo(asker, [{ key: 'exists', paths }])).not.toHaveProperty('unmet');
      const asks: readonly Ask[] = [{ key: 'changed', globs: paths, since: undefined }];
      writeFileSync(join(b.folder, 'src/a.ts'), '1');
      const { inputs } = await answerTo(asker, asks);
      expect(await answerTo(asker, asks, inputs)).toMatchObject({ unmet: 'changed' });
      writeFileSync(join(b.folder, 'src/a.ts'), '2');
      expect(await answerTo(asker, asks, inputs)).not.toHaveProperty('unmet');
    }
    expect(await answerTo(b, [{ key: 'exists', paths: ['/no/such/*'] }])).toMatchObject({ unmet: 'exists' });
  });

  test('`!` leaves files out however they are named', async () => {
    const b = make();
    mkdirSync(join(b.folder, 'src'));
    writeFileSync(join(b.folder, 'src/a.ts'), '1');
    writeFileSync(join(b.folder, 'src/b.ts'), '1');
    for (const globs of [
      [join(b.folder, 'src/*'), '!src/b.ts'],
      ['src/*', `!${join(b.folder, 'src/b.ts')}`],
    ]) {
      const asks: readonly Ask[] = [{ key: 'changed', globs, since: undefined }];
      const { inputs } = await answerTo(b, asks);
      expect(inputs).toMatch(/^1-/);
    }
  });

  test('`changed` lets the task run where there is nothing to compare', async () => {
    const b = make();
    mkdirSync(join(b.folder, 'src'));
    const asks = (glob: string): readonly Ask[] => [{ key: 'changed', globs: [glob], since: undefined }];
    const runs = async (glob: string): Promise<void> => {
      const { inputs, ...first } = await answerTo(b, asks(glob));
      expect(first).not.toHaveProperty('unmet');
      expect(await answerTo(b, asks(glob), inputs)).not.toHaveProperty('unmet');
    };
    await runs('none/**');
    execFileSync('mkfifo', [join(b.folder, 'src/fifo')]);
    await runs('src/f*');
    writeFileSync(join(b.folder, 'src/large'), '');
    truncateSync(join(b.folder, 'src/large'), 3 * 2 ** 30);
    await runs('src/large');
    symlinkSync('..', join(b.folder, 'src/link'));
    await runs('src/link');
  });

  test('a condition that looks at many files lets other facts in meanwhile', async () => {
    const b = make();
    writeFileSync(join(b.folder, 'large'), '');
    truncateSync(join(b.folder, 'large'), 2 ** 28);
    let turns = 0;
    const ticking = setInterval(() => (turns += 1), 1);
    await answerTo(b, [{ key: 'changed', globs: ['large'], since: undefined }]);
    clearInterval(ticking);
    expect(turns).toBeGreaterThan(1);
  });

  test('`changed` with a reference asks git, for committed, changed and new files alike', async () => {
    const b = make();
    const git = (...words: string[]): unknown =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
        cwd: b.folder,
        stdio: 'ignore',
      });
    const asks = (since: string): readonly Ask[] => [{ key: 'changed', globs: ['src/**'], since }];
    git('init', '-q');
    mkdirSync(join(b.folder, 'src'));
    writeFileSync(join(b.folder, 'src/a b'), '1');
    git('add', '.');
    git('commit', '-qm', 'x');
    expect(await answerTo(b, asks('HEAD'))).toMatchObject({ unmet: 'changed' });
    writeFileSync(join(b.folder, 'src/a b'), '2');
    expect(await answerTo(b, asks('HEAD'))).not.toHaveProperty('unmet');
    git('checkout', '-q', '.');
    writeFileSync(join(b.folder, 'src/new'), '2');
    expect(await answerTo(b, asks('HEAD'))).not.toHaveProperty('unmet');
    rmSync(join(b.folder, 'src/new'));
    const absolute = (path: string): readonly Ask[] => [{ key: 'changed', globs: [path], since: 'HEAD' }];
    expect(await answerTo(b, absolute(join(b.folder, 'src/**')))).toMatchObject({ unmet: 'changed' });
    writeFileSync(join(b.folder, 'src/new'), '2');
    expect(await answerTo(b, absolute(join(b.folder, 'src/**')))).not.toHaveProperty('unmet');
    rmSync(join(b.folder, 'src/new'));
    expect(await answerTo(b, absolute('/etc/hosts'))).not.toHaveProperty('unmet');
    expect(await answerTo(b, asks('no-such-reference'))).not.toHaveProperty('unmet');
    expect(await answerTo(b, asks('--output=stolen'))).not.toHaveProperty('unmet');
    expect(readdirSync(b.folder)).not.toContain('stolen');
  });
});

describe('the clock', () => {
  test('a wait ends at its time, not before it and hardly after', async () => {
    const clock = realClock();
    const before = clock.now().mono;
    await clock.wait(before + 50);
    const waited = clock.now().mono - before;
    expect(waited).toBeGreaterThanOrEqual(50);
    expect(waited).toBeLessThan(1_000);
  });

  test('a wait is ended by waking, also by a call that came before it', async () => {
    const clock = realClock();
    setTimeout(() => clock.wake(), 10);
    await clock.wait(undefined);
    clock.wake();
    await clock.wait(undefined);
    await clock.wait(clock.now().mono - 1);
    await clock.yield();
  });

  test('a standstill shows in both clocks; a clock that is set is none', () => {
    expect(suspendGap({ wall: 0, mono: 0 }, { wall: 9_000, mono: 9_000 })).toBe(8_000);
    expect(suspendGap({ wall: 0, mono: 0 }, { wall: 3_600_000, mono: 1_000 })).toBeUndefined();
    expect(
      suspendGap({ wall: 0, mono: 0, busy: 0 }, { wall: 18_000, mono: 18_000, busy: 16_500 }),
    ).toBeUndefined();
    expect(suspendGap({ wall: 0, mono: 0 }, { wall: 1_004, mono: 1_004 })).toBeUndefined();
  });

  test('[G14] a machine that slept is noticed although the monotonic clock slept with it', () => {
    const before = { wall: 0, mono: 0, boot: 50_000 };
    expect(suspendGap(before, { wall: 31_000, mono: 1_000, boot: 81_000 })).toBe(30_000);
    expect(suspendGap(before, { wall: 3_600_000, mono: 1_000, boot: 51_000 })).toBeUndefined();
    expect(suspendGap(before, { wall: 8_000, mono: 8_000, boot: 58_000 })).toBe(7_000);
  });

  test('the watch tells a standstill once', async () => {
    let mono = 0;
    const gaps: number[] = [];
    const clock = { ...realClock(), now: () => ({ wall: 1_000_000 + mono, mono }) };
    const end = watchSuspend(clock, (gapMs) => gaps.push(gapMs));
    mono = 60_000;
    await until(() => gaps.length > 0);
    mono += 1_000;
    await pause(1_100);
    end();
    expect(gaps).toEqual([59_000]);
  });
});

describe('signals', () => {
  test('[B5] the first asks for a stop, the second for one at once', async () => {
    const facts: Event[] = [];
    const end = watchSignals({ put: (fact) => void facts.push(fact) }, realClock());
    process.kill(process.pid, 'SIGQUIT');
    await until(() => facts.length === 1);
    process.kill(process.pid, 'SIGTERM');
    await until(() => facts.length === 2);
    end();
    expect(facts).toEqual([
      { type: 'stop.seen', by: 'signal', signal: 'SIGQUIT', now: false },
      { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: true },
    ]);
  });

  test('one key press that arrives twice is one wish', async () => {
    const facts: Event[] = [];
    const end = watchSignals({ put: (fact) => void facts.push(fact) }, realClock());
    process.kill(process.pid, 'SIGQUIT');
    await until(() => facts.length === 1);
    process.kill(process.pid, 'SIGQUIT');
    await pause(50);
    end();
    expect(facts).toHaveLength(1);
  });
});

describe('commands that gate-run itself calls', () => {
  const options = { cwd: '/', timeoutMs: 10_000, maxBytes: 10_000 };

  test('every way to end is a value', async () => {
    expect(await runCommand(['sh', '-c', 'echo out; echo err >&2'], options)).toEqual({
      ended: 'exited',
      code: 0,
      stdout: 'out',
      stderr: 'err',
      detail: '',
    });
    expect(await runCommand(['sh', '-c', 'exit 3'], options)).toMatchObject({ ended: 'exited', code: 3 });
    expect(await runCommand(['sh', '-c', 'kill -9 $$'], options)).toMatchObject({ ended: 'killed' });
    expect(await runCommand(['no-such-command'], options)).toMatchObject({
      ended: 'not-started',
      code: undefined,
    });
    expect(await runCommand(['true'], { ...options, cwd: '/no/such' })).toMatchObject({
      ended: 'not-started',
    });
    expect(await runCommand(['yes'], options)).toMatchObject({ ended: 'too-long' });
  });

  test('one that hangs is ended at its time, with its children', async () => {
    const stay = `60.${process.pid}8`;
    const result = await runCommand(['sh', '-c', `sleep ${stay} & sleep ${stay}`], {
      ...options,
      timeoutMs: 200,
    });
    expect(result).toMatchObject({ ended: 'timed-out' });
    expect(result.detail).toContain('timed out');
    await until(() => alive(stay).length === 0);
  });
});

function descriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

function mountSmall(place: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
