import { expect, test } from 'vitest';
import { expressions } from '../../../src/core/expression.ts';
import type { CycleEnded, Event, Recorded } from '../../../src/core/loop/event.ts';
import { Replay, type ReplayedRun } from '../../../src/core/loop/replay.ts';
import { replayStatus } from '../../../src/core/summary/replay.ts';
import { planOf } from '../plan/planning.ts';

const MINUTE = 60_000;
const TASKS = `
phases:
  prove:
    gates:
      sims: { run: [sims], metrics: { edge: { regex: "(?<value>1)", better: higher }, tokens: { count: t } } }
`;

/** A ledger of one continuous run: a cycle each ten minutes, five of them a rest. */
function ledger(verdicts: string, edges: readonly number[] = []): readonly Recorded[] {
  const events: Recorded[] = [];
  let mono = 1000;
  const put = (event: Event) => {
    const at = new Date(Date.UTC(2026, 1, 10) + mono).toISOString();
    events.push({ v: 1, seq: events.length + 1, at, mono, run: 'run-1', ...event });
  };
  const watch = { cycles: 1, metrics: {}, labels: [] };
  put({ type: 'run.started', plan: 'p', name: 'n', version: '1', mode: 'continuous', limits: {}, watch });
  verdicts.split('').forEach((letter, at) => {
    const cycle = at + 1;
    put({ type: 'cycle.started', cycle, turn: 'cycle' });
    mono += 5 * MINUTE;
    put(cycleEnded(cycle, letter, edges[at] ?? 0));
    const until = new Date(Date.UTC(2026, 1, 10) + mono + 5 * MINUTE).toISOString();
    put({ type: 'rest.started', cause: 'sleep', forMs: 5 * MINUTE, until, by: 'mono', why: 'it passed' });
    mono += 5 * MINUTE;
    put({ type: 'rest.ended' });
  });
  put({ type: 'run.ended', reason: 'gave-up', rule: 'x', verdict: 'failed', exit: 4, why: 'gave up: x' });
  return events;
}

function cycleEnded(cycle: number, letter: string, edge: number): CycleEnded {
  const verdict = letter === 'p' ? 'passed' : letter === 'f' ? 'failed' : 'broken';
  const task: CycleEnded['tasks'][number] = {
    id: 'sims',
    kind: 'gate',
    mode: 'strict',
    phase: 'prove',
    at: '2026-02-10T00:00:00.000Z',
    verdict,
    outcome: 'exited',
    attempts: 1,
    durationMs: 1,
    metrics: { edge },
    labels: {},
    reasons: [],
    checks: [],
  };
  const tokens = { sum: 100, told: 1, silent: 0 };
  return {
    type: 'cycle.ended',
    cycle,
    turn: 'cycle',
    verdict,
    durationMs: 1,
    tasks: [task],
    cause: 'sims',
    tokens,
  };
}

function replayed(exit: string, events: readonly Recorded[], marks = ''): ReplayedRun {
  const plan = planOf(`${TASKS}exit: ${exit}\n${marks}`, { flags: { continuous: true } });
  const replay = new Replay(plan, { evaluate: expressions.holds });
  for (const event of events) replay.see(event);
  if (!replay.run) throw new Error('no run');
  return replay.run;
}

test('the settings decide where the run stops, and what lay behind it was saved or lost', () => {
  const run = replayed('{ give-up: { failures-in-a-row: 2 } }', ledger('pffpp', [1, 0, 0, 5, 3]));
  expect(run.stop).toMatchObject({
    reason: 'gave-up',
    rule: 'failures-in-a-row >= 2',
    cycle: 3,
    tokens: 300,
  });
  expect(replayStatus(run)).toMatchObject({
    verdict: 'earlier',
    saved: { cycles: 2, tokens: 200, runtimeMs: 25 * MINUTE },
    lost: { passedCycles: 2, bests: [{ metric: 'sims.edge', before: 1, later: 5, cycle: 4 }], marks: [] },
  });
});

test('what the old settings did not look back over is kept for the new ones', () => {
  const events = ledger('pppppp', [1, 9, 1, 5, 5, 5]);
  expect(replayed('{ budget: { edge.sd: "< 1 over 3" } }', events).stop).toMatchObject({ cycle: 6 });
  expect(replayed('{ when: "edge_mean_over_2 > 4 && cycles > 2" }', events).stop).toMatchObject({
    rule: 'when edge_mean_over_2 > 4 && cycles > 2',
    cycle: 3,
  });
});

test('a budget of run time ends a rest in its middle, at its very time', () => {
  const { stop } = replayed('{ budget: { runtime: 17m } }', ledger('ppp'));
  expect(stop).toMatchObject({ cycle: 2, runtimeMs: 17 * MINUTE, at: '2026-02-10T00:17:01.000Z' });
});

test('an expression over run time is asked each minute of a rest, as a run asks it', () => {
  const { stop } = replayed('{ when: \'runtime > duration("16m30s")\' }', ledger('ppp'));
  // The cycle before ended after 15 minutes.
  expect(stop).toMatchObject({ cycle: 2, runtimeMs: 17 * MINUTE });
});

test('a target that is met later is no end earlier, and settings that never end the run say so', () => {
  const events = ledger('fff', [1, 2, 3]);
  const run = replayed(
    '{ target: { edge: "> 2" }, give-up: { failures-in-a-row: never }, budget: { cycles: 99 } }',
    events,
  );
  expect(run.stop).toBeNull();
  expect(replayStatus(run)).toMatchObject({ verdict: 'later', saved: null, lost: null });
});

test('a breaker that is half-open is given its tries before the run is given up', () => {
  const give = '{ give-up: { failures-in-a-row: 2, half-open: { after: 1m, times: 2 } } }';
  expect(replayed(give, ledger('ffff'))).toMatchObject({ tries: 2, stop: { cycle: 4 } });
  expect(replayed(give, ledger('ffpf'))).toMatchObject({ tries: 1, stop: null });
});

test('marks are told by the new settings and as they were recorded', () => {
  const events = ledger('ppp', [1, 2, 3]);
  const marked = { type: 'mark.reached', mark: 'old', level: 'info', cycle: 2, because: [] } as const;
  const with2: readonly Recorded[] = events.flatMap((event) =>
    event.type === 'cycle.ended' && event.cycle === 2 ? [event, { ...event, ...marked }] : [event],
  );
  const run = replayed('{ budget: { cycles: 99 } }', with2, 'marks: { good: { all: { edge: "> 2" } } }\n');
  expect(run.marks).toEqual([
    { mark: 'old', level: 'info', cycle: null, recordedIn: 2 },
    { mark: 'good', level: 'info', cycle: 3, recordedIn: null },
  ]);
});
