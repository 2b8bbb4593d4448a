// What the fold keeps stays bounded over any number of cycles.

import { describe, expect, test } from 'vitest';
import type { CycleEnded, Event, Recorded, TaskSummary } from '../../../src/core/loop/event.ts';
import { EMPTY, evolve, MOST_CLOSED } from '../../../src/core/loop/evolve.ts';
import type { Progress } from '../../../src/core/loop/progress.ts';
import { MOST_OPEN, nextQuestion } from '../../../src/core/loop/questions.ts';
import { indexPlan } from '../../../src/core/cycle/plan-index.ts';
import { gate, phase, plan } from '../plan-builder.ts';

const STARTED: Event = {
  type: 'run.started',
  plan: 'plan-1',
  name: 'test',
  version: '0',
  mode: 'continuous',
  limits: {},
  watch: { cycles: 11, metrics: { 'work.score': 10 }, labels: ['idea'] },
};

function folded(before: Progress, event: Event): Progress {
  const stamp = {
    v: 1,
    seq: before.seq + 1,
    at: '2026-02-10T06:30:00.000Z',
    mono: before.seq,
    run: 'run-1',
  } as const;
  const recorded: Recorded = { ...stamp, ...event };
  return evolve(before, recorded);
}

function cycle(number: number, more: Partial<TaskSummary>): CycleEnded {
  const task: TaskSummary = {
    id: 'work',
    kind: 'gate',
    mode: 'strict',
    phase: 'check',
    at: '2026-02-10T06:30:00.000Z',
    verdict: 'passed',
    attempts: 1,
    durationMs: 1,
    metrics: {},
    labels: {},
    reasons: [],
    checks: [],
    ...more,
  };
  const verdict = task.verdict === 'passed' ? 'passed' : 'failed';
  return { type: 'cycle.ended', cycle: number, turn: 'cycle', verdict, durationMs: 1, tasks: [task] };
}

describe('the fold', () => {
  test('keeps of a series and of the last cycles what the run asked for', () => {
    let progress = folded(EMPTY, STARTED);
    for (let number = 1; number <= 100; number += 1)
      progress = folded(
        progress,
        cycle(number, { metrics: { score: number, other: 1 }, labels: { idea: `${number % 7}` } }),
      );
    expect(progress.run?.series.get('work.score')).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100]);
    expect(progress.run?.series.has('work.other')).toBe(false);
    expect(progress.run?.recent).toHaveLength(11);
    expect(progress.run?.distinct.get('idea')?.size).toBe(7);
    expect(progress.run?.cycles).toBe(100);
  });

  test('forgets the oldest closed questions, and opens no more than people can answer', () => {
    const index = indexPlan(plan([phase('check', [gate('work')])]));
    let progress = folded(EMPTY, STARTED);
    const opened = (fingerprint: string): Event => ({
      type: 'question.opened',
      fingerprint,
      task: 'work',
      cycle: 1,
      text: '',
    });
    for (let number = 1; number <= MOST_CLOSED + 5; number += 1) {
      progress = folded(progress, opened(`closed-${number}`));
      progress = folded(progress, {
        type: 'question.closed',
        fingerprint: `closed-${number}`,
        task: 'work',
        cycle: 1,
      });
    }
    expect(progress.questions.size).toBe(MOST_CLOSED);
    expect(progress.questions.has('closed-5')).toBe(false);
    expect(progress.questions.has('closed-6')).toBe(true);
    const failing = cycle(1, { verdict: 'failed', fingerprint: 'one-more' });
    expect(nextQuestion(index, folded(progress, failing))?.type).toBe('question.opened');
    for (let number = 1; number <= MOST_OPEN; number += 1)
      progress = folded(progress, opened(`open-${number}`));
    expect(nextQuestion(index, folded(progress, failing))).toBeUndefined();
  });
});

test('a run of a version that knew single cycles only is folded like any other', () => {
  const { mode: _mode, watch: _watch, ...old } = STARTED;
  const progress = folded(folded(EMPTY, old), cycle(1, { metrics: { score: 1 } }));
  expect(progress.run).toMatchObject({ mode: 'once', cycles: 1 });
});
