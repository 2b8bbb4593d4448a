// Clocks that lie: the wall clock jumps by an hour, or gate-run itself stands still for a while. The machine's clock is never set.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventsIn, ledgerFiles, type Line } from './kills/ledger.ts';
import { pause, textOf } from './kills/start.ts';
import { begin, folderWith, loop, until, type Folder } from './rig.ts';

const SLACK_MS = 100;
const HOUR_MS = 3_600_000;

function events(folder: Folder): readonly Line[] {
  return eventsIn(ledgerFiles(join(folder.path, '.gate-run')));
}

/** The library that gives one process a wall clock of its own; it is told in `.ci/run` where it comes from. */
function fakeTime(): string | undefined {
  const found = ['/usr/lib', '/usr/lib64', '/usr/local/lib'].flatMap((folder) => {
    const below = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
    return [folder, ...below].map((one) => join(one, 'faketime/libfaketimeMT.so.1'));
  });
  return found.find((path) => existsSync(path));
}

interface Jumping {
  readonly env: Readonly<Record<string, string>>;
  /** Moves the wall clock, and that alone, to so many seconds beside the true one. */
  jump(seconds: number): void;
}

function jumping(folder: Folder): Jumping | undefined {
  const library = fakeTime();
  if (library === undefined) {
    console.warn(
      'libfaketime is not here (apt-get install libfaketime): a wall clock that jumps could not be tried',
    );
    return undefined;
  }
  const file = join(folder.home, 'faketime');
  const jump = (seconds: number): void =>
    writeFileSync(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
  jump(0);
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  return { env, jump };
}

function nth(folder: Folder, type: string, count: number): Line | undefined {
  return events(folder).filter((event) => event.type === type)[count - 1];
}

/** Milliseconds from one event to the other, by each of the two clocks. */
function between(from: Line | undefined, to: Line | undefined): { mono: number; wall: number } {
  const wall = Date.parse(String(to?.['at'])) - Date.parse(String(from?.['at']));
  return { mono: Number(to?.['mono']) - Number(from?.['mono']), wall };
}

function sayError(errorsMs: readonly number[]): void {
  const largest = Math.max(...errorsMs.map(Math.abs));
  console.log(`figure: a clock that jumped by an hour or two moved a duration by ${largest} ms at most`);
}

describe('[G14] durations ignore the wall clock', () => {
  test('a rest of 2 s lasts 2 s while the clock jumps an hour ahead and two hours back', async () => {
    const folder = folderWith(loop(`quick: { run: 'true' }`, 'exit: { budget: { cycles: 4 } }'));
    const clock = jumping(folder);
    if (!clock) return;
    const { ended } = begin(folder, ['--continuous', '--sleep', '2s'], { env: clock.env });
    const rests: { mono: number; wall: number; real: number }[] = [];
    for (const [at, seconds] of [3600, -3600, 0].entries()) {
      await until('it rests', () => nth(folder, 'rest.started', at + 1) !== undefined);
      const from = performance.now();
      await pause(300);
      clock.jump(seconds);
      await until('the rest is over', () => nth(folder, 'rest.ended', at + 1) !== undefined);
      const real = performance.now() - from;
      rests.push({
        ...between(nth(folder, 'rest.started', at + 1), nth(folder, 'rest.ended', at + 1)),
        real,
      });
    }
    const { code, stdout } = await ended;
    expect(code, stdout).toBe(0);
    const jumps = [HOUR_MS, -2 * HOUR_MS, HOUR_MS];
    for (const [at, { mono, wall, real }] of rests.entries()) {
      const told = JSON.stringify(rests);
      expect(Math.abs(mono - 2000), told).toBeLessThan(SLACK_MS);
      expect(Math.abs(real - 2000), told).toBeLessThan(2 * SLACK_MS);
      // The jump was there: the labels show it.
      expect(Math.abs(wall - 2000 - (jumps[at] ?? 0)), told).toBeLessThan(2 * SLACK_MS);
    }
    expect(events(folder).map(({ type }) => type)).not.toContain('suspended');
    sayError(rests.map(({ mono }) => mono - 2000));
  });

  test('a timeout counts the time that has passed, not the hour that the clock jumped', async () => {
    for (const seconds of [3600, -3600]) {
      const folder = folderWith(
        loop(`hangs: { run: 'echo ready > told; exec tail -f /dev/null', timeout: 1500ms }`),
      );
      const clock = jumping(folder);
      if (!clock) return;
      const { ended } = begin(folder, [], { env: clock.env });
      await until('the task runs', () => textOf(join(folder.path, 'told')) !== '');
      clock.jump(seconds);
      expect((await ended).code).toBe(3);
      const limit = between(nth(folder, 'attempt.started', 1), nth(folder, 'attempt.stopping', 1));
      expect(Math.abs(limit.mono - 1500)).toBeLessThan(SLACK_MS);
      expect(Math.abs(limit.wall)).toBeGreaterThan(HOUR_MS / 2);
      expect(nth(folder, 'cycle.ended', 1)?.tasks).toMatchObject([{ outcome: 'timed-out' }]);
      sayError([limit.mono - 1500]);
    }
  });
});

describe('[G14] a standstill', () => {
  test('of gate-run itself is recorded as such, and is no silence of its task', async () => {
    const folder = folderWith(
      loop(`silent: { run: 'mkfifo pipe; echo ready > told; read x < pipe', stall: { warn: 3s, kill: 4s } }`),
    );
    const { child, ended } = begin(folder);
    await until('the task runs', () => textOf(join(folder.path, 'told')) !== '');
    child.kill('SIGSTOP');
    await pause(7000);
    child.kill('SIGCONT');
    await until('the standstill is recorded', () => nth(folder, 'suspended', 1) !== undefined);
    await pause(1200);
    folder.write('pipe', 'go\n');
    const { code, stdout } = await ended;
    expect(code, stdout).toBe(0);
    const gapMs = Number(nth(folder, 'suspended', 1)?.['gapMs']);
    expect(gapMs).toBeGreaterThan(5000);
    expect(gapMs).toBeLessThan(8000);
    expect(events(folder).map(({ type }) => type)).not.toContain('attempt.quiet');
  });
});
