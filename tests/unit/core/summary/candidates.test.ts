import { expect, test } from 'vitest';
import type { PairedStatistics } from '../../../../src/core/judge/statistics.ts';
import type { SimsEvidence } from '../../../../src/core/judge/sims.ts';
import type { TaskSummary } from '../../../../src/core/loop/event.ts';
import { pageOf } from '../../../../src/views/report/page.ts';
import { markdown } from '../../../../src/views/report/markdown.ts';
import { aLoop, Script } from '../../views/rig.ts';
import { reported } from './report-rig.ts';

const OBJECTIVE = {
  metric: 'edge',
  task: 'sims',
  name: 'edge',
  key: 'sims.edge',
  better: 'higher',
  minDelta: 0,
  count: 4,
  pairing: { base: 0, confidence: 0.99 },
  measuredBy: '00000000',
} as const;

function rung(paired?: Pick<PairedStatistics, 'mean' | 'wins'>): Readonly<Record<string, SimsEvidence>> {
  const found = paired && { n: 4, confidence: 0.99, minDelta: 0, ...paired };
  const whole = { planned: 4, done: 4, failed: 0, reused: 0, mayFail: 0, base: 0, metrics: {} };
  return { 4: { ...whole, ...(found && { paired: found }) } };
}

function chosen(script: Script, cycle: number, value: number, failed?: string): Script {
  const { task: _task, name: _name, minDelta: _delta, pairing: _pairing, ...facts } = OBJECTIVE;
  const crown = {
    type: 'champion.chosen',
    ...facts,
    cycle,
    value,
    plan: 'p',
    metrics: {},
    labels: {},
    why: '',
  } as const;
  script.record(crown);
  return script.record({
    type: 'champion.kept',
    cycle,
    files: 0,
    bytes: 0,
    ...(failed !== undefined && { failed }),
  });
}

const SUMMARY: TaskSummary = {
  id: 'sims',
  kind: 'gate',
  mode: 'strict',
  phase: 'check',
  at: '2026-02-10T06:30:00.000Z',
  verdict: 'passed',
  rung: 4,
  attempts: 1,
  durationMs: 1,
  metrics: {},
  labels: {},
  reasons: [],
  checks: [],
};

function night(): Script {
  const script = new Script({ ...aLoop({ check: ['sims'] }), objective: OBJECTIVE }).start();
  const cycle = (number: number, more: Partial<TaskSummary>) => {
    const tasks = [{ ...SUMMARY, ...more }];
    script.cycle(number).pass('sims');
    script.record({
      type: 'cycle.ended',
      cycle: number,
      turn: 'cycle',
      verdict: 'passed',
      durationMs: 1,
      tasks,
    });
  };
  cycle(1, { sims: rung() });
  chosen(script, 1, 10);
  cycle(2, { sims: rung({ mean: -1, wins: false }) });
  cycle(3, { sims: rung({ mean: 1, wins: false }) });
  cycle(4, { prunedAt: 2 });
  cycle(5, { sims: rung({ mean: 3, wins: true }) });
  chosen(script, 5, 13, 'strategy.json is not there');
  cycle(6, { sims: rung({ mean: 4, wins: true }) });
  return chosen(script, 6, 14);
}

test('a report tells what became of every candidate', () => {
  const report = reported(night());
  expect(report.candidates).toEqual({ measured: 5, crowned: 2, notKept: 1, close: 1, pruned: 1 });
  const text = markdown(pageOf(report, 'gate-run 1.2.3'));
  expect(text).toContain(
    '5 measured to the end: 2 crowned, 1 better and not kept, 1 ahead but not beyond doubt, 1 not better; 1 pruned before',
  );
  expect(text).toContain('cycle 6: edge 14 at count 4');
});

test('a loop that looks for nothing has no candidates, and one that found nobody says so', () => {
  expect(reported(new Script(aLoop({ check: ['sims'] })).start()).candidates).toBeNull();
  const script = new Script({ ...aLoop({ check: ['sims'] }), objective: OBJECTIVE }).start();
  const text = markdown(pageOf(reported(script), 'gate-run 1.2.3'));
  expect(text).toContain('none yet');
  expect(text).toContain('0 measured to the end; 0 pruned before');
});
