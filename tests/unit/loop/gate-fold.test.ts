import { expect, test } from 'vitest';
import type { CycleEnded, Recorded, TaskSummary } from '../../../src/core/loop/event.ts';
import { flakinessOf, gatesAfter } from '../../../src/core/loop/gate-fold.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';

type Run = readonly [verdict: TaskSummary['verdict'], tree?: string, more?: Partial<TaskSummary>];

function ended([verdict, tree, more]: Run, cycle: number): Recorded<CycleEnded> {
  const at = '2026-11-29T12:00:00.000Z';
  const task: TaskSummary = {
    id: 'e2e',
    kind: 'gate',
    mode: 'strict',
    phase: 'check',
    at,
    verdict,
    attempts: 1,
    durationMs: 1,
    metrics: {},
    labels: {},
    reasons: [],
    checks: [],
    ...more,
  };
  return {
    v: 1,
    seq: cycle,
    at,
    mono: cycle,
    run: 'run',
    type: 'cycle.ended',
    cycle,
    turn: 'cycle',
    verdict: 'passed',
    durationMs: 1,
    tasks: [task],
    ...(tree !== undefined && { receipts: { tree, moved: [] } }),
  };
}

function fold(...runs: readonly Run[]) {
  let gates: Progress['gates'] = new Map();
  runs.forEach((run, at) => {
    gates = gatesAfter(gates, ended(run, at + 1));
  });
  const gate = gates.get('e2e');
  if (!gate) throw new Error('no gate');
  return { runs: gate.runs, flips: flakinessOf(gate).flips };
}

test('[A20] judged otherwise than the run before over the same work tree is a flip', () => {
  expect(fold(['passed', 'a'], ['failed', 'a'], ['failed', 'a'], ['passed', 'a'])).toEqual({
    runs: 'pFfP',
    flips: 2,
  });
  expect(
    fold(['passed', 'a', { flaky: true }], ['soft-failed', 'a'], ['passed', 'a', { flaky: true }]),
  ).toEqual({
    runs: 'rSR',
    flips: 2,
  });
});

test('another tree, one that nobody looked at, and a pass that came late are none', () => {
  expect(fold(['passed', 'a'], ['failed', 'b'], ['passed', 'a']).flips).toBe(0);
  expect(fold(['passed'], ['failed'], ['passed']).flips).toBe(0);
  expect(fold(['passed', 'a'], ['failed'], ['passed', 'a']).flips).toBe(0);
  expect(fold(['passed', 'a'], ['passed', 'a', { flaky: true }]).flips).toBe(0);
  expect(fold(['failed', 'a'], ['broken', 'a'], ['soft-failed', 'a']).flips).toBe(0);
});

test('an answer of the cache is no run, and takes no run before it away', () => {
  const cached = { cached: { at: '2026-11-29T12:00:00.000Z', savedMs: 1 } };
  expect(fold(['passed', 'a'], ['failed', 'a', cached], ['failed', 'a'])).toEqual({ runs: 'pF', flips: 1 });
});
