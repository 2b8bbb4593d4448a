// A want of memory over cycles: what is kept of it, and what may be said of it without guessing.

import { describe, expect, test } from 'vitest';
import type { CycleEnded, TaskSummary } from '../../../src/core/loop/event.ts';
import { memoryAfter, MEMORY_RUNS_KEPT } from '../../../src/core/loop/memory-fold.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import { memoryOf, memoryText } from '../../../src/core/summary/memory.ts';

const GIB = 1024 ** 3;

type Run = Partial<TaskSummary>;

function ran(peakGib?: number): Run {
  return { outcome: 'exited', ...(peakGib !== undefined && { peakBytes: peakGib * GIB }) };
}

function ranOut(limitGib?: number, peakGib?: number): Run {
  return {
    outcome: 'oom',
    verdict: 'broken',
    ...(peakGib !== undefined && { peakBytes: peakGib * GIB }),
    ...(limitGib !== undefined && { memoryLimitBytes: limitGib * GIB }),
  };
}

function ended(run: Run, cycle: number): CycleEnded {
  const task: TaskSummary = {
    id: 'sims',
    kind: 'gate',
    mode: 'strict',
    phase: 'check',
    at: '2026-11-29T12:00:00.000Z',
    verdict: 'passed',
    attempts: 1,
    durationMs: 1,
    metrics: {},
    labels: {},
    reasons: [],
    checks: [],
    ...run,
  };
  return { type: 'cycle.ended', cycle, turn: 'cycle', verdict: 'passed', durationMs: 1, tasks: [task] };
}

function folded(...runs: readonly Run[]): Pick<Progress, 'memory'> {
  let memory: Progress['memory'] = new Map();
  runs.forEach((run, at) => {
    memory = memoryAfter(memory, ended(run, at + 1));
  });
  return { memory };
}

function said(...runs: readonly Run[]): readonly string[] {
  return memoryOf(folded(...runs)).map(memoryText);
}

describe('what is kept', () => {
  test('nothing of a task that never ran out, and all runs since one did, as many as are told', () => {
    expect(folded(ran(1), ran(2)).memory.size).toBe(0);
    expect(folded(ran(1), ranOut(8, 7.9), ran(3)).memory.get('sims')).toEqual([
      { cycle: 2, isOom: true, peakBytes: 7.9 * GIB, limitBytes: 8 * GIB },
      { cycle: 3, isOom: false, peakBytes: 3 * GIB },
    ]);
    const long = Array.from({ length: 100 }, (_, at) => (at % 3 === 0 ? ranOut(8) : ran(1)));
    expect(folded(...long).memory.get('sims')).toHaveLength(MEMORY_RUNS_KEPT);
  });

  test('a task that had enough for so many runs is forgotten', () => {
    const enough = Array.from({ length: MEMORY_RUNS_KEPT }, () => ran(1));
    expect(folded(ranOut(8), ...enough.slice(1)).memory.size).toBe(1);
    expect(folded(ranOut(8), ...enough).memory.size).toBe(0);
  });

  test('what was skipped, stopped, met a limit or was answered by the cache says nothing of memory', () => {
    const cached = { at: '2026-11-29T12:00:00.000Z', savedMs: 1 };
    const none: readonly Run[] = [
      { verdict: 'skipped' },
      { outcome: 'cancelled' },
      { outcome: 'limited' },
      { ...ran(1), cached },
    ];
    expect(folded(ranOut(8), ...none).memory.get('sims')).toHaveLength(1);
  });
});

describe('what is said', () => {
  test('once is no pattern', () => {
    expect(said(ranOut(8, 7.9), ran(1), ran(2))).toEqual([]);
  });

  test('a limit that would have held is named only where a run held more than was too little, and got through', () => {
    expect(said(ranOut(8, 7.9), ranOut(8, 8), ran(9.2), ran(6))).toEqual([
      'ran out of memory in 2 of its last 4 cycles, at 8.0 GiB; a limit of 10.1 GiB would have held: cycle 3 got through with 9.2 GiB',
    ]);
  });

  test('else what got through is told, and that nobody knows about the rest', () => {
    expect(said(ranOut(8, 7.9), ran(6.2), ranOut(8, 7.8))).toEqual([
      'ran out of memory in 2 of its last 3 cycles, at 8.0 GiB; cycle 2 got through with 6.2 GiB, and how much the others need is not known',
    ]);
    expect(said(ranOut(8, 7.9), ranOut(8, 7.9))).toEqual([
      'ran out of memory in 2 of its last 2 cycles, at 8.0 GiB; how much it needs is not known, since it was ended at the limit each time',
    ]);
    // Nobody looked in time, or nobody knows the limit.
    expect(said(ranOut(), ranOut(), ran())).toEqual([
      'ran out of memory in 2 of its last 3 cycles; how much it needs is not known, since nobody looked in time',
    ]);
    expect(said(ranOut(), ranOut(), ran(9))).toEqual([
      'ran out of memory in 2 of its last 3 cycles; cycle 3 got through with 9.0 GiB, and how much the others need is not known',
    ]);
  });

  test('of a limit that was raised in between, the larger one counts', () => {
    expect(said(ranOut(4, 4), ranOut(8, 8), ran(7))).toEqual([
      'ran out of memory in 2 of its last 3 cycles, at 8.0 GiB; cycle 3 got through with 7.0 GiB, and how much the others need is not known',
    ]);
  });

  test('who held little itself is not to blame', () => {
    expect(said(ranOut(8, 1.2), ranOut(8, 0.9))).toEqual([
      'ran out of memory in 2 of its last 2 cycles, at 8.0 GiB; it held 1.2 GiB of that at most, so what ran beside it had the rest',
    ]);
  });
});
