import { linkSync, chmodSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../src/system/clock.ts';
import { lookBefore, staleness } from '../../src/system/freshness.ts';

const HOUR_MS = 3_600_000;
const now = (): { wall: number; mono: number } => realClock().now();

let folder = '';
let file = '';
let other = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-fresh-'));
  file = join(folder, 'metrics.json');
  other = join(folder, 'other.json');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is said of the file when the attempt has done this. */
function after(attempt: () => void, { setMs = 0 } = {}): ReturnType<typeof staleness> {
  const before = lookBefore([file], now);
  attempt();
  const { wall, mono } = now();
  return staleness(file, before, { wall: wall + setMs, mono });
}

function written(path: string, shiftMs = 0): void {
  writeFileSync(path, '{"score":1}');
  const time = new Date(Date.now() + shiftMs);
  utimesSync(path, time, time);
}

test.each([
  ['the past', -HOUR_MS],
  ['the present', 0],
  ['the time to come', HOUR_MS],
])('[B20] a file from %s whose rights alone are changed is stale', (_name, shiftMs) => {
  written(file, shiftMs);
  expect(after(() => chmodSync(file, 0o600))).toBe('stale');
});

test.each([
  ['the past', -HOUR_MS],
  ['the time to come', HOUR_MS],
])('[B20] a file from %s that is linked or moved into place is stale', (_name, shiftMs) => {
  written(other, shiftMs);
  expect(after(() => linkSync(other, file))).toBe('stale');
  rmSync(file);
  expect(after(() => renameSync(other, file))).toBe('stale');
});

test('[B20] a file that is given a time to come is stale, whether it was there before or not', () => {
  expect(after(() => written(file, HOUR_MS))).toBe('stale');
  expect(after(() => written(file, 2 * HOUR_MS))).toBe('stale');
});

test('[B20] a file that bore a time to come is fresh as soon as it is written', () => {
  written(file, HOUR_MS);
  expect(after(() => writeFileSync(file, '{"score":1}'))).toBeUndefined();
});

test('[B20] a file with its old time is stale, though another of another length took its place', () => {
  written(file, HOUR_MS);
  const time = new Date(Date.now() + HOUR_MS);
  utimesSync(file, time, time);
  expect(
    after(() => {
      writeFileSync(other, '{}');
      utimesSync(other, time, time);
      renameSync(other, file);
    }),
  ).toBe('stale');
});

test.each([-HOUR_MS, HOUR_MS])(
  '[B20] a file that was written before the wall clock was set by %d ms is fresh',
  (setMs) => {
    expect(after(() => writeFileSync(file, '{"score":1}'), { setMs })).toBeUndefined();
  },
);

test('[B20] a file that was written after the wall clock was set back is fresh', () => {
  expect(after(() => written(file, -HOUR_MS), { setMs: -HOUR_MS })).toBeUndefined();
});
