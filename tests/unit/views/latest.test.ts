// What a monitoring script reads in `latest.json`, and how often it is written.

import { expect, test } from 'vitest';
import type { RunEnded } from '../../../src/core/loop/event.ts';
import { latestView } from '../../../src/views/latest.ts';
import { aLoop, aPlan, Script } from './rig.ts';

test('latest.json says state, verdict, streak and where the logs are, and is written when one of them changes', () => {
  const plan = aPlan({ tests: ['unit'] });
  const written: unknown[] = [];
  const script = new Script(plan);
  script.watch(
    latestView(plan, (path, text) => {
      expect(path).toBe('.gate-run/latest.json');
      written.push(JSON.parse(text));
      return undefined;
    }),
  );
  script.start().cycle(3).fail('unit', 'exit 1').endCycle('failed').end(1, 'the cycle failed');
  expect(written).toHaveLength(4);
  expect(written[1]).toMatchObject({
    state: 'running',
    verdict: 'none',
    cycle: 3,
    why: 'cycle 3 is under way',
  });
  expect(written.at(-1)).toEqual({
    v: 1,
    state: 'ended',
    verdict: 'failed',
    cycle: 3,
    consecutiveFailures: 1,
    nextAt: null,
    why: 'the cycle failed: unit exit 1',
    logs: '.gate-run/cycles/000003',
    run: 'run-1',
    exit: 1,
    at: script.events.at(-1)?.at,
  });
});

test('latest.json says that a run is stopping, and by whose wish', () => {
  const plan = aPlan({ tests: ['unit'] });
  const written: string[] = [];
  const script = new Script(plan);
  script.watch(latestView(plan, (_path, text) => void written.push(text)));
  script.start().cycle().record({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false });
  expect(JSON.parse(written.at(-1) ?? '')).toMatchObject({
    state: 'stopping',
    why: 'stopping, asked by SIGTERM',
  });
});

interface Written {
  readonly state: string;
  readonly nextAt: string | null;
  readonly why: string;
}

/** A view whose writes are put off by the script's own clock. */
function watched() {
  const plan = aLoop({ tests: ['unit'] });
  const script = new Script(plan);
  const written: Written[] = [];
  const put: (() => void)[] = [];
  const look = () => {
    for (const deed of put.splice(0)) deed();
  };
  const replace = (_path: string, text: string) => {
    written.push(JSON.parse(text));
    return undefined;
  };
  script.watch(latestView(plan, replace, (deed) => put.push(deed)));
  return { script, written, put, look };
}

test('[A1] a wait for a limit is a state of its own, with the instant at which it is over', () => {
  const { script, written, look } = watched();
  script
    .start()
    .cycle(12)
    .attempt('unit')
    .judge('unit', 'broken', { outcome: 'limited' })
    .endCycle('limited');
  script.rest('limit', 12_600_000 - script.mono, 'cycle 12 met a limit');
  look();
  expect(written.at(-1)).toMatchObject({
    state: 'waiting',
    nextAt: '2026-02-10T10:00:00.000Z',
    why: 'waiting for a limit until 10:00 UTC: cycle 12 met a limit',
  });
});

test('any other rest says why and until when, to the second when that is soon and with the date when it is another day', () => {
  const { script, written, look } = watched();
  const told = (forMs: number) => {
    script.rest('sleep', forMs);
    script.mono += 1000;
    look();
    return written.at(-1);
  };
  script.start();
  expect(told(90_000)).toMatchObject({ state: 'resting', why: 'resting until 06:31:30 UTC: cycle 1 passed' });
  expect(told(86_400_000)?.why).toBe('resting until 2026-02-11 06:30 UTC: cycle 1 passed');
});

test('a stop during a rest is a stop: nothing is due any more', () => {
  const { script, written, look } = watched();
  script.start().rest('sleep', 600_000);
  script.record({ type: 'stop.seen', by: 'file', path: '/work/stop', now: false });
  look();
  expect(written.at(-1)).toMatchObject({
    state: 'stopping',
    nextAt: null,
    why: 'stopping, asked by the file /work/stop',
  });
});

test('however many cycles end before the next write, one write is waiting, and it tells the newest', () => {
  const { script, written, put, look } = watched();
  script.start();
  for (let cycle = 1; cycle <= 5000; cycle += 1) {
    script.cycle(cycle).attempt('unit', { durationMs: 1 }).judge('unit', 'passed').endCycle('passed');
    expect(put).toHaveLength(1);
  }
  look();
  expect(written).toMatchObject([{ state: 'running', cycle: 5000 }]);
});

test('latest.json blames no cycle for the end of a run that had none of its own, or that somebody stopped', () => {
  const plan = aPlan({ ready: ['tools'], tests: ['unit'] });
  const script = new Script(plan);
  const whyOf = (run: string, reason: RunEnded['reason'], begin: () => void) => {
    let why = '';
    script.run = run;
    script.watch(latestView(plan, (_path, text) => void ({ why } = JSON.parse(text))));
    script.start();
    begin();
    script.record({ type: 'run.ended', reason, verdict: 'none', exit: 3, why: reason }).close();
    return why;
  };
  const fails = () => script.cycle(3).fail('unit', 'exit 1').endCycle('failed');
  const startFails = () => script.cycle(4, 'start').fail('tools', 'exit 7').endCycle('failed');
  expect(whyOf('run-1', 'gave-up', fails)).toBe('gave-up: unit exit 1');
  expect(whyOf('run-2', 'stopped', () => undefined)).toBe('stopped');
  expect(whyOf('run-3', 'start-failed', startFails)).toBe('start-failed: tools exit 7');
  expect(whyOf('run-4', 'stopped', fails)).toBe('stopped');
});
