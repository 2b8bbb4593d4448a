import { expect, test } from 'vitest';
import { lookLine, MOST_LOOKS, UsageSeries, type UsageLook } from '../../../src/core/usage/series.ts';

const SECOND = 1_000;

function lookAt(atMs: number, memoryBytes: number, peakBytes: number): UsageLook {
  const largest = [{ pid: memoryBytes, parent: 1, name: 'node', memoryBytes }];
  return { atMs, memoryBytes, processes: 1 + (memoryBytes % 3), cpuMs: atMs / 2, peakBytes, largest };
}

/** Memory rises and falls; once, somewhere, it is far above the rest. */
function night(seconds: number, spikeAt: number): UsageSeries {
  const series = new UsageSeries();
  let peak = 0;
  for (let at = 1; at <= seconds; at += 1) {
    const bytes = at === spikeAt ? 1_000_000 : 1_000 + (at % 97);
    peak = Math.max(peak, bytes);
    series.add(lookAt(at * SECOND, bytes, peak));
  }
  return series;
}

test.each([600, 3_600, 36_000, 1_000_000])(
  '%d seconds of looks stay within their bound, the last ones second by second',
  (seconds) => {
    const { looks } = night(seconds, 5);
    expect(looks.length).toBeLessThanOrEqual(MOST_LOOKS);
    expect(looks.length).toBeGreaterThan(100);
    expect(looks.at(-1)?.atMs).toBe(seconds * SECOND);
    const gaps = looks.slice(1).map(({ atMs }, index) => atMs - (looks[index]?.atMs ?? 0));
    expect(Math.max(...gaps.slice(-25))).toBeLessThanOrEqual(2 * SECOND);
    // What is older is coarser, and never by more than its age allows.
    for (const [index, gap] of gaps.entries()) {
      const ageMs = seconds * SECOND - (looks[index]?.atMs ?? 0);
      expect(gap).toBeLessThanOrEqual(Math.max(2 * SECOND, ageMs / 15));
    }
  },
);

test.each([1, 299, 300, 17_000, 36_000])('a peak at second %d is never lost, with who held it', (spikeAt) => {
  const { looks } = night(36_000, spikeAt);
  const most = looks.reduce((one, other) => (other.memoryBytes > one.memoryBytes ? other : one));
  expect(most).toMatchObject({ memoryBytes: 1_000_000, largest: [{ memoryBytes: 1_000_000 }] });
  expect(looks.at(-1)?.peakBytes).toBe(1_000_000);
});

test('only a look that finds the series full changes older ones, and it says so', () => {
  const series = new UsageSeries();
  const changed = Array.from({ length: MOST_LOOKS + 2 }, (_, at) => series.add(lookAt(at * SECOND, at, at)));
  expect(changed.flatMap((was, at) => (was ? [at] : []))).toEqual([MOST_LOOKS]);
  expect(series.looks.length).toBeLessThan(MOST_LOOKS);
});

test('a look is one line', () => {
  expect(JSON.parse(lookLine(lookAt(1, 2, 3)))).toEqual(lookAt(1, 2, 3));
  expect(lookLine(lookAt(1, 2, 3)).indexOf('\n')).toBe(lookLine(lookAt(1, 2, 3)).length - 1);
});
