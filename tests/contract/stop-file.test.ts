import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/core/loop/event.ts';
import { stopAt, watchStopFile, type StopWatch } from '../../src/system/stop-file.ts';

/** What the kill switch promises, and what it does where the system can watch. */
const GUARANTEED_MS = 250;
const TYPICAL_MS = 50;
const WAIT_LIMIT_MS = 5000;

interface Scene {
  readonly path: string;
  readonly facts: readonly Event[];
  readonly watch: StopWatch;
}

function scene(isQuick: boolean, below = 'state/stop'): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-stop-'));
  const path = join(folder, below);
  mkdirSync(join(folder, 'state'));
  const facts: Event[] = [];
  const watch = watchStopFile({ path, isQuick }, { put: (fact) => void facts.push(fact) });
  onTestFinished(() => {
    watch.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { path, facts, watch };
}

/** Milliseconds from the deed to the fact. */
async function latency({ facts }: Scene, count: number, deed: () => void): Promise<number> {
  const from = performance.now();
  deed();
  while (facts.length < count && performance.now() - from < WAIT_LIMIT_MS)
    await new Promise((resolve) => setTimeout(resolve, 1));
  expect(facts).toHaveLength(count);
  return performance.now() - from;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const plain = (path: string): void => writeFileSync(path, 'stop\n');

const VARIANTS: Readonly<Record<string, (path: string) => void>> = {
  'an empty file': (path) => writeFileSync(path, ''),
  'a file with any words': (path) => writeFileSync(path, 'enough for tonight\nnow\n'),
  'a file that nobody may read': (path) => writeFileSync(path, 'stop', { mode: 0o000 }),
  'a file that is larger than anything that is read': (path) => writeFileSync(path, 'x'.repeat(1_000_000)),
  'a folder': (path) => mkdirSync(path),
  'a link that leads nowhere': (path) => symlinkSync('nowhere', path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to a file': (path) => symlinkSync('/dev/null', path),
  'a pipe that nobody writes to': (path) => void execFileSync('mkfifo', [path]),
};

describe('[G11] the stop file', () => {
  test(`anything at the path is a stop, by looking alone within ${GUARANTEED_MS} ms, and told once`, async () => {
    const each = Object.entries(VARIANTS).map(async ([what, make]) => {
      const at = scene(false);
      expect(stopAt(at.path)).toBeUndefined();
      expect(await latency(at, 1, () => make(at.path)), what).toBeLessThan(GUARANTEED_MS);
      expect(at.facts, what).toEqual([{ type: 'stop.seen', by: 'file', path: at.path, now: false }]);
      at.watch.look();
      await pause(450);
      expect(at.facts, what).toHaveLength(1);
    });
    await Promise.all(each);
  });

  test(`where the system can watch, it is seen within ${TYPICAL_MS} ms`, async () => {
    const times: number[] = [];
    for (let round = 0; round < 7; round++) {
      const at = scene(true);
      await pause(30);
      times.push(await latency(at, 1, () => plain(at.path)));
      at.watch.close();
    }
    const [median = Infinity] = times.toSorted((one, other) => one - other).slice(3);
    expect(median, times.map((time) => time.toFixed(1)).join(' ')).toBeLessThan(TYPICAL_MS);
  });

  test('its first word `now` means now, in whatever case and with whatever behind it', () => {
    const { path } = scene(false);
    for (const [text, now] of [
      ['now', true],
      ['  NOW\nasked by root', true],
      ['now please', true],
      ['nowhere', false],
      ['not now', false],
      ['', false],
    ] as const) {
      writeFileSync(path, text);
      expect(stopAt(path), text).toEqual({ now });
    }
  });

  test('below a file there is nothing; a place that nobody can look at is a stop that says so', () => {
    const { path } = scene(false);
    writeFileSync(path, '');
    expect(stopAt(join(path, 'stop'))).toBeUndefined();
    symlinkSync('round', join(dirname(path), 'round'));
    expect(stopAt(join(dirname(path), 'round/stop'))).toEqual({
      now: false,
      oddity: 'something that cannot be looked at (ELOOP)',
      isBlind: true,
    });
  });

  test('a word `now` that is written later is a second fact, and there is no third', async () => {
    const at = scene(false);
    await latency(at, 1, () => plain(at.path));
    expect(await latency(at, 2, () => writeFileSync(at.path, 'now\n'))).toBeLessThan(GUARANTEED_MS);
    expect(at.facts[1]).toEqual({ type: 'stop.seen', by: 'file', path: at.path, now: true });
    plain(at.path);
    await pause(450);
    expect(at.facts).toHaveLength(2);
  });

  test('taken away again, it stays seen; put back, it is told no second time', async () => {
    const at = scene(false);
    await latency(at, 1, () => plain(at.path));
    rmSync(at.path);
    await pause(250);
    plain(at.path);
    await pause(450);
    expect(at.facts).toHaveLength(1);
  });

  test('a folder that is not there yet, or is replaced by another one, hides nothing', async () => {
    for (const isQuick of [false, true]) {
      const missing = scene(isQuick, 'state/not/yet/stop');
      const made = await latency(missing, 1, () => {
        mkdirSync(dirname(missing.path), { recursive: true });
        plain(missing.path);
      });
      expect(made).toBeLessThan(GUARANTEED_MS);
      const replaced = scene(isQuick);
      await pause(30);
      renameSync(dirname(replaced.path), `${dirname(replaced.path)}.old`);
      mkdirSync(dirname(replaced.path));
      await pause(250);
      expect(await latency(replaced, 1, () => plain(replaced.path))).toBeLessThan(GUARANTEED_MS);
    }
  });

  test('watched again in a folder that took the place of the old one, it is quick again', async () => {
    const at = scene(true);
    await pause(30);
    rmSync(dirname(at.path), { recursive: true });
    mkdirSync(dirname(at.path));
    await pause(450);
    expect(await latency(at, 1, () => plain(at.path))).toBeLessThan(TYPICAL_MS);
  });

  test('a look of its own sees it at once, and costs next to nothing while nothing is there', () => {
    const at = scene(false);
    const from = performance.now();
    for (let look = 0; look < 10_000; look++) at.watch.look();
    expect((performance.now() - from) / 10_000).toBeLessThan(0.05);
    plain(at.path);
    at.watch.look();
    expect(at.facts).toHaveLength(1);
  });
});
