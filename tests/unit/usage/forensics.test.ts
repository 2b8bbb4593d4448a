import { describe, expect, test } from 'vitest';
import { forensics as schema } from '../../../src/core/summary/answers/forensics.ts';
import { forensicsOf, type ForensicsFacts, type SeenUsage } from '../../../src/core/usage/forensics.ts';
import { forensicsLines } from '../../../src/views/forensics.ts';

const MIB = 1_048_576;

/** As Linux 6.18 wrote it. */
const KILLED =
  'Memory cgroup out of memory: Killed process 26053 (tail) total-vm:68148kB, anon-rss:65280kB, file-rss:1580kB, shmem-rss:0kB, UID:0 pgtables:172kB oom_score_adj:0';
const KILLED_BYTES = (65_280 + 1_580) * 1024;

function usage(seconds: number): SeenUsage {
  const looks = Array.from({ length: seconds }, (_, at) => ({
    atMs: (at + 1) * 1000,
    memoryBytes: (at === 3 ? 900 : at + 1) * MIB,
    processes: 2,
    cpuMs: at * 900,
    peakBytes: (at >= 3 ? 900 : at + 1) * MIB,
    largest: [{ pid: 11, parent: 10, name: 'node sims.mjs', memoryBytes: (at + 1) * MIB }],
  }));
  const list = [
    { pid: 11, parent: 10, name: 'node sims.mjs', memoryBytes: seconds * MIB, cpuMs: 4200 },
    { pid: 10, parent: 1, name: 'sh', memoryBytes: MIB, cpuMs: 0 },
  ];
  const last = { atMs: seconds * 1000, count: 2, list };
  return { looks, last, most: { atMs: 4000, count: 1, list: list.slice(0, 1) } };
}

function facts(more: Partial<ForensicsFacts> = {}): ForensicsFacts {
  return {
    ref: { task: 'sims', rung: 1000, attempt: 2 },
    at: '2026-11-29T12:00:00.000Z',
    command: 'node sims.mjs',
    end: { code: 137 },
    stopped: undefined,
    durationMs: 100_400,
    oomKills: 0,
    limitBytes: 1024 * MIB,
    usage: undefined,
    bytes: 12,
    tail: '',
    kernel: undefined,
    ...more,
  };
}

describe('what is told', () => {
  test('nothing but what was seen: unknown stays unknown', () => {
    const told = forensicsOf(facts({ limitBytes: undefined }));
    expect(told).toMatchObject({
      memory: { peakBytes: null, limitBytes: null, killed: [] },
      cpuMs: null,
      processes: null,
      looks: [],
      kernel: null,
      end: 'exit 137',
    });
    expect(schema.parse(told)).toEqual(told);
    expect(forensicsLines(told)).toEqual([
      'memory: nobody looked in time',
      'the log of the kernel may not be read here',
    ]);
  });

  test('of many looks some, evenly, with the largest and the last', () => {
    const told = forensicsOf(facts({ usage: usage(100) }));
    expect(told.looks.length).toBeLessThanOrEqual(30);
    expect(told.looks.map(({ memoryBytes }) => memoryBytes)).toContain(900 * MIB);
    expect(told.looks[0]?.atMs).toBe(1000);
    expect(told.looks.at(-1)?.atMs).toBe(100_000);
    expect(schema.parse(told)).toEqual(told);
    const lines = forensicsLines(told);
    expect(lines[0]).toBe('memory 900.0 MiB at most of 1.0 GiB that may be had');
    expect(lines.slice(2, 5)).toEqual([
      '2 processes at 1m 40s:',
      '  10 sh  1.0 MiB',
      '    11 node sims.mjs  1.0 MiB → 100.0 MiB, 4.2 s of CPU time',
    ]);
  });

  test('what ran out of memory shows its processes as they were when it had most', () => {
    expect(forensicsOf(facts({ usage: usage(9), oomKills: 1 })).processes?.atMs).toBe(4000);
    expect(forensicsOf(facts({ usage: usage(9) })).processes?.atMs).toBe(9000);
  });

  test('the last lines of the output, without what a terminal would act on, and cut', () => {
    const tail = `${'x\n'.repeat(100)}\u001b[31mred\u001b[0m\u0007\n${'y'.repeat(9000)}\n\n\n`;
    const { lines } = forensicsOf(facts({ tail })).output;
    expect(lines).toHaveLength(40);
    expect(lines.slice(-2)).toEqual(['red', `${'y'.repeat(500)}…`]);
  });
});

describe('what the kernel says', () => {
  test('of who it killed: name and memory, which a look may have missed', () => {
    const { memory } = forensicsOf(facts({ oomKills: 1, kernel: [KILLED] }));
    expect(memory.killed).toEqual([{ pid: 26_053, name: 'tail', memoryBytes: KILLED_BYTES }]);
    expect(memory.peakBytes).toBe(KILLED_BYTES);
  });

  test('of more than its own kills nothing is taken for its own peak', () => {
    const other = KILLED.replace('26053', '26054');
    expect(forensicsOf(facts({ oomKills: 1, kernel: [KILLED, other] })).memory.peakBytes).toBeNull();
    expect(forensicsOf(facts({ oomKills: 0, kernel: [KILLED] })).memory.peakBytes).toBeNull();
  });

  test('a line of the whole machine is read like one of a cgroup', () => {
    const kernel = [KILLED.replace('Memory cgroup out of memory', 'Out of memory')];
    expect(forensicsOf(facts({ oomKills: 1, kernel })).memory.killed).toHaveLength(1);
  });
});

test('a file that somebody wrote over with processes that are their own parents is shown, once each', () => {
  const list = [
    { pid: 1, parent: 0, name: 'a', memoryBytes: 1, cpuMs: 0 },
    { pid: 1, parent: 1, name: 'b', memoryBytes: 1, cpuMs: 0 },
    { pid: 1, parent: 1, name: 'c\u001b[31m', memoryBytes: 1, cpuMs: 0 },
  ];
  const told = forensicsOf(
    facts({ usage: { looks: [], last: { atMs: 1000, count: 3, list }, most: undefined } }),
  );
  expect(forensicsLines(told).slice(1, 5)).toEqual([
    '3 processes at 1 s:',
    '  1 a  1 B',
    '    1 b  1 B',
    '    1 c  1 B',
  ]);
});
