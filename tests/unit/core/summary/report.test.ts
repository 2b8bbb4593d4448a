// What a report says of a run: counted backwards from the ledger, and next to it what the fold knows.

import { expect, test } from 'vitest';
import type { MarkReached } from '../../../../src/core/loop/event.ts';
import { aLoop, aPlan, aTask, Script } from '../../views/rig.ts';
import { reported } from './report-rig.ts';

function aMark(mark: string, cycle: number): MarkReached {
  return { type: 'mark.reached', mark, cycle, level: 'info', because: ['runtime 1 h'] };
}

test('cycles are counted by verdict; what was cut short is neither failure nor duration of one', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed');
  script.cycle(2).fail('unit', 'exit 1', { fingerprint: 'aaaaaaaa' }).endCycle('failed');
  script.cycle(3).pass('unit').endCycle('limited');
  script.cycle(4).endCycle('interrupted');
  const report = reported(script);
  expect(report.verdicts).toMatchObject({ passed: 1, failed: 1, limited: 1, interrupted: 1, broken: 0 });
  expect(report.scope).toMatchObject({ kind: 'run', cycles: 4, firstCycle: 1, lastCycle: 4, isCut: false });
  expect(report.durations.map(({ to }) => to)).toEqual([1, 2, 3]);
  expect(report.failureRate).toEqual([
    { from: 1, cycle: 1, rate: 0, over: 1 },
    { from: 2, cycle: 2, rate: 0.5, over: 2 },
  ]);
});

test('a failure rate looks back over twenty cycles, so that one failure is no spike', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  for (let cycle = 1; cycle <= 60; cycle += 1) {
    if (cycle === 30) script.cycle(cycle).fail('unit', 'exit 1').endCycle('failed');
    else script.cycle(cycle).pass('unit').endCycle('passed');
  }
  const rates = new Map(reported(script).failureRate.map(({ cycle, rate }) => [cycle, rate]));
  expect([29, 30, 49, 50].map((cycle) => rates.get(cycle))).toEqual([0, 0.05, 0.05, 0]);
});

test('a pause counts as long as it was, and belongs to the cycle before it', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed').rest('sleep', 60_000);
  script.mono += 20_000;
  script.record({ type: 'rest.ended' });
  script.cycle(2).fail('unit', 'exit 1').endCycle('failed').rest('backoff', 30_000);
  script.mono += 5_000;
  script.record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  const { time, waits } = reported(script);
  expect(time).toMatchObject({
    waitMs: 25_000,
    waits: [
      { cause: 'sleep', rests: 1, ms: 20_000 },
      { cause: 'backoff', rests: 1, ms: 5_000 },
    ],
  });
  expect(waits.map(({ to, newest }) => [to, newest])).toEqual([
    [1, 20_000],
    [2, 5_000],
  ]);
});

test('the pause under way is none yet, and one that a start died in is as long as it was meant to be', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed').rest('sleep', 60_000);
  expect(reported(script).time.waits).toEqual([]);
  script.mono = 5;
  const { id: plan } = script.plan;
  const watch = { cycles: 1, metrics: {}, labels: [] };
  script.record({ type: 'run.resumed', by: 'run-2', goesOn: true, interrupted: [], plan, limits: {}, watch });
  expect(reported(script).time).toMatchObject({ waits: [{ ms: 60_000 }], resumed: 1 });
});

test('a mark that is reached in a pause does not end it', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed').rest('sleep', 3_600_000);
  script.mono += 4_000;
  script.record(aMark('slow', 1));
  expect(reported(script).time.waits).toEqual([]);
  script.mono += 2_500;
  script.record({ type: 'rest.ended' });
  expect(reported(script).time.waits).toEqual([{ cause: 'sleep', rests: 1, ms: 6_500 }]);
});

test('of a mark that several runs reached, the newest time is told', () => {
  const script = new Script(aPlan({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed').record(aMark('slow', 1)).end(0, 'passed');
  script.run = 'run-2';
  script.start().cycle(2).pass('unit').endCycle('passed').record(aMark('slow', 2)).end(0, 'passed');
  const { marks } = reported(script, { scope: { kind: 'range', since: '', most: 100 } });
  expect(marks.map(({ mark, cycle }) => [mark, cycle])).toEqual([['slow', 2]]);
});

test('the best so far rises by what passed alone, and the way that is better comes from the config', () => {
  const edge = aTask('sims', 'prove', {
    metrics: [
      {
        name: 'edge',
        source: { reader: 'count', pattern: 'x', in: { stream: 'output' } },
        better: 'higher',
        bounds: undefined,
        unit: undefined,
      },
    ],
  });
  const script = new Script(aLoop({ prove: [edge] })).start();
  for (const [at, value] of [10, 14, 12, 20].entries()) {
    script.cycle(at + 1).attempt('sims');
    const isRed = value === 20;
    script.judge('sims', isRed ? 'failed' : 'passed', { metrics: { edge: value }, reasons: [] });
    script.endCycle(isRed ? 'failed' : 'passed');
  }
  const [metric] = reported(script).metrics;
  expect(metric?.key).toBe('sims.edge');
  expect(metric?.points.map(({ newest }) => newest)).toEqual([10, 14, 12, 20]);
  expect(metric?.steps).toEqual([
    { cycle: 1, value: 10 },
    { cycle: 2, value: 14 },
  ]);
  expect(reported(script, { plan: aPlan({}) }).metrics[0]).toMatchObject({ better: null, steps: [] });
});

test('causes are kept apart by their fingerprint, with the cycles that they decided', () => {
  const script = new Script(aLoop({ check: ['unit', 'lint'] })).start();
  for (const [at, fingerprint] of ['aaaaaaaa', 'bbbbbbbb', 'aaaaaaaa'].entries())
    script
      .cycle(at + 1)
      .fail('unit', `exit ${at + 1}`, { fingerprint })
      .endCycle('failed');
  expect(reported(script).causes).toMatchObject({
    of: 2,
    rows: [
      { task: 'unit', fingerprint: 'aaaaaaaa', cycles: 2, firstCycle: 1, lastCycle: 3, reason: 'exit 3' },
      { task: 'unit', fingerprint: 'bbbbbbbb', cycles: 1, firstCycle: 2, lastCycle: 2 },
    ],
  });
  expect(reported(script, { top: 1 }).causes).toMatchObject({ of: 2, rows: [{ fingerprint: 'aaaaaaaa' }] });
});

test('a soft failure is as old as its row, and one that passes again has no age', () => {
  const soft = (id: string) => aTask(id, 'check', { mode: 'soft' });
  const script = new Script(aLoop({ check: [soft('dead'), soft('mended')] })).start();
  const verdicts = [
    ['passed', 'soft-failed'],
    ['soft-failed', 'soft-failed'],
    ['soft-failed', 'passed'],
  ] as const;
  for (const [at, [dead, mended]] of verdicts.entries()) {
    script
      .cycle(at + 1)
      .attempt('dead')
      .judge('dead', dead, { reasons: ['7 unused'] });
    script.attempt('mended').judge('mended', mended, { reasons: [] });
    script.mono += 60_000;
    script.endCycle('passed');
  }
  const { rows } = reported(script).soft;
  expect(rows).toMatchObject([
    {
      task: 'dead',
      inARow: 2,
      sinceCycle: 2,
      cycles: 2,
      isAtLeast: false,
      reason: '7 unused',
      forMs: 62_400,
    },
    { task: 'mended', inARow: 0, cycles: 2, forMs: 0 },
  ]);
});

test('what passed late is flaky, with how often', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).attempt('unit', { code: 1 }).attempt('unit', { attempt: 2 }).judge('unit', 'passed');
  script.endCycle('passed');
  script.cycle(2).pass('unit').endCycle('passed');
  expect(reported(script).flaky).toEqual({
    of: 1,
    rows: [{ task: 'unit', runs: 2, late: 1, mostAttempts: 2, lastCycle: 1 }],
  });
});

test('labels make groups, the best of the watched metric first', () => {
  const target = {
    name: 'edge',
    measure: { kind: 'metric', key: 'unit.edge', statistic: 'value', better: undefined },
    operator: '>',
    value: 50,
    over: undefined,
    text: '> 50',
  } as const;
  const script = new Script(aLoop({ check: ['unit'] }, { target: [target] })).start();
  for (const [at, [hypothesis, edge]] of (
    [
      ['a', 5],
      ['b', 9],
      ['a', 7],
      ['a', 8],
    ] as const
  ).entries())
    script
      .cycle(at + 1)
      .pass('unit', { labels: { hypothesis }, metrics: { edge } })
      .endCycle('passed');
  const report = reported(script, { labels: ['hypothesis', 'nobody'] });
  expect(report.labels).toEqual([
    {
      label: 'hypothesis',
      rows: {
        of: 2,
        rows: [
          { value: 'b', cycles: 1, passed: 1, lastCycle: 2, best: { cycle: 2, value: 9 } },
          { value: 'a', cycles: 3, passed: 3, lastCycle: 4, best: { cycle: 4, value: 8 } },
        ],
      },
    },
    { label: 'nobody', rows: { of: 0, rows: [] } },
  ]);
  expect(report.metrics[0]).toMatchObject({ better: 'higher', targets: [{ text: 'edge > 50', value: 50 }] });
});

test('it ends at the beginning of its run, or as far back as was asked, and says when there is more', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed');
  script.record({ type: 'run.ended', reason: 'stopped', verdict: 'passed', exit: 6, why: 'stopped' });
  script.run = 'run-2';
  script.start().cycle(2).pass('unit').endCycle('passed').cycle(3).pass('unit').endCycle('passed');
  expect(reported(script).scope).toMatchObject({ runs: 1, cycles: 2, firstCycle: 2, isCut: false });
  const range = (most: number) => reported(script, { scope: { kind: 'range', since: '', most } }).scope;
  expect(range(9)).toMatchObject({ runs: 2, cycles: 3, firstCycle: 1, isCut: false });
  expect(range(2)).toMatchObject({ runs: 1, cycles: 2, firstCycle: 2, isCut: true });
  const since = new Date(Date.parse(script.events[0]?.at ?? '') + 1200).toISOString();
  expect(reported(script, { scope: { kind: 'range', since, most: 9 } }).scope).toMatchObject({ cycles: 3 });
});

test('nothing that happened after the moment of the report is in it', () => {
  const script = new Script(aLoop({ check: ['unit'] })).start();
  script.cycle(1).pass('unit').endCycle('passed');
  const { progress } = script;
  script.cycle(2).pass('unit').endCycle('passed');
  script.progress = progress;
  expect(reported(script).scope.cycles).toBe(1);
});

test('more different tasks, causes and metrics than anybody reads are counted and not kept', () => {
  const tasks = Array.from({ length: 60 }, (_, at) => `t${at}`);
  const script = new Script(aLoop({ check: tasks })).start().cycle(1);
  for (const id of tasks) script.pass(id, { metrics: { m: 1 } });
  script.endCycle('passed');
  const report = reported(script);
  expect([report.metrics.length, report.moreMetrics]).toEqual([40, 20]);
  expect([report.tasks.rows.length, report.tasks.of]).toEqual([10, 60]);
});
