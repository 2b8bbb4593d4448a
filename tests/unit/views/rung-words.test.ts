// What is said of a rung while it runs: how far it is, what failed, and the value so far.

import { expect, test } from 'vitest';
import type { RungGlance } from '../../../src/core/judge/rung.ts';
import type { RunningTask } from '../../../src/core/summary/summary.ts';
import { plainView } from '../../../src/views/plain.ts';
import { runningText } from '../../../src/views/words.ts';
import { aPlan, aStage, aTask, Screen, Script } from './rig.ts';

const SIMS: RunningTask = {
  id: 'sims',
  phase: 'tests',
  rung: 1000,
  attempt: 1,
  startedMono: 1000,
  limitMs: 'never',
  quietMs: 0,
  isStopping: false,
};
const GLANCE: RungGlance = { planned: 1000, done: 310, failed: 2, metric: 'edge', mean: 381.2 };

const said = (glance: Partial<RungGlance>, task: Partial<RunningTask> = {}): string =>
  runningText({ ...SIMS, ...task }, 13_000, { ...GLANCE, ...glance });

test.each([
  ['all of it', {}, {}, 'sims 1000 12 s: 312 of 1000, 2 failed, edge 381.2 so far'],
  ['none failed', { done: 312, failed: 0 }, {}, 'sims 1000 12 s: 312 of 1000, edge 381.2 so far'],
  ['no value yet', { done: 0, mean: undefined }, {}, 'sims 1000 12 s: 2 of 1000, 2 failed'],
  ['nothing is measured', { metric: undefined }, {}, 'sims 1000 12 s: 312 of 1000, 2 failed'],
  [
    'a retry within its limit',
    { failed: 0 },
    { attempt: 2, limitMs: 900_000 },
    'sims 1000 12 s of 15m (attempt 2): 310 of 1000, edge 381.2 so far',
  ],
])('%s', (_, glance, task, words) => {
  expect(said(glance, task)).toBe(words);
});

test('the heartbeat of a run without a terminal says it too', () => {
  const plan = aPlan({ tests: [aTask('sims', 'tests', { stages: [aStage(10), aStage(1000)] })] });
  const screen = new Screen();
  const script = new Script(plan);
  const view = script.watch(
    plainView(plan, screen, { mono: () => script.mono, readTail: () => '', glance: () => GLANCE }),
  );
  script.start().cycle().record({ type: 'attempt.started', task: 'sims', rung: 1000, attempt: 1 });
  script.mono = 60_000;
  view.tick(script.mono);
  expect(screen.lines.at(-1)).toBe(
    '… 1m 0s: sims 1000 1m 0s of 1m: 312 of 1000, 2 failed, edge 381.2 so far',
  );
});
