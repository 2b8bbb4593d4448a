// How sure a mean of many simulations is, on every surface that shows it.

import { expect, test } from 'vitest';
import type { SimsEvidence } from '../../../src/core/judge/sims.ts';
import { statusAnswer } from '../../../src/core/summary/answers/state.ts';
import { reportAnswer } from '../../../src/core/summary/answers/report.ts';
import { statusOf } from '../../../src/core/summary/status.ts';
import { spreadText } from '../../../src/views/spread.ts';
import { historyText } from '../../../src/views/history.ts';
import { markdown } from '../../../src/views/report/markdown.ts';
import { pageOf } from '../../../src/views/report/page.ts';
import { statusText } from '../../../src/views/status.ts';
import { storyText } from '../../../src/views/story.ts';
import { reported } from '../core/summary/report-rig.ts';
import { rungOf } from '../judge/rung.ts';
import { aLoop, aStage, aTask, BEGAN, Script } from './rig.ts';

const LADDER = aTask('sims', 'prove', {
  metrics: [
    {
      name: 'edge',
      source: { reader: 'line', field: 'edge', in: { stream: 'output' } },
      better: 'higher',
      bounds: undefined,
      unit: undefined,
    },
  ],
  stages: [aStage(3), aStage(5)],
  sims: { per: 'seed', base: 0, batch: 1, timeoutMs: undefined, maxFailed: { count: 1 } },
});

/** A candidate whose simulations on both rungs are these. */
function climb(script: Script, cycle: number, low: SimsEvidence, top: SimsEvidence): Script {
  script.cycle(cycle);
  for (const sims of [low, top]) {
    const ref = { task: 'sims', rung: sims.planned, attempt: 1 };
    script.record({ type: 'attempt.started', ...ref });
    script.mono += 1000;
    script.record({ type: 'attempt.ended', ...ref, end: { code: 0 }, durationMs: 1000, bytes: 0, sims });
  }
  const edge = top.metrics['edge']?.mean ?? 0;
  return script.judge('sims', 'passed', { metrics: { edge } }).endCycle('passed');
}

function night(): Script {
  const script = new Script(aLoop({ prove: [LADDER] })).start();
  climb(script, 1, rungOf([1, 2, 3]), rungOf([1, 2, 3, 4, 5]));
  return climb(script, 2, rungOf([2, 3, 4]), rungOf([2, 3, 4, 5], { failed: 1, mayFail: 1 }));
}

const TOP = '± 0.6455, n 4, 95 % from 1.4457 to 5.5543, 1 failed';

test('the words say standard error, number, interval and failures, and nothing that is not known', () => {
  const { edge } = rungOf([2, 3, 4, 5]).metrics;
  const { edge: one } = rungOf([7]).metrics;
  if (!edge || !one) throw new Error('no statistics');
  expect(spreadText({ ...edge, failed: 1 })).toBe('± 0.6455, n 4, 95 % from 1.4457 to 5.5543, 1 failed');
  expect(spreadText({ ...one, failed: 0 })).toBe('n 1');
});

test('status, history, the report and the story of a cycle show it', () => {
  const script = night();
  const { plan, progress, mono } = script;
  const status = statusOf({
    plan,
    progress,
    isHeld: false,
    mono,
    wall: BEGAN + mono,
    cycles: '.gate-run/cycles',
  });
  expect(status.metrics.map(({ key }) => key)).toEqual(['sims.3.edge', 'sims.5.edge', 'sims.edge']);
  expect(status.metrics[2]).toMatchObject({ last: 3.5, best: 3, spread: { n: 4, failed: 1, min: 2 } });
  expect(statusText(status, { color: false, plan, wall: BEGAN + mono })).toContain(
    `sims.edge 3.5 (${TOP}) in cycle 2, best 3`,
  );
  statusAnswer.parse(JSON.parse(JSON.stringify(status)));

  const ended = script.events.filter((event) => event.type === 'cycle.ended');
  const shown = historyText(ended, { color: false, show: ['edge', 'edge.p95', 'sims.3.edge'] });
  expect(shown).toContain(`edge 3.5 (${TOP})`);
  expect(shown).toContain('edge.p95 4.85  ');
  expect(shown).toContain('sims.3.edge 2 (± 0.57735, n 3');

  const report = reported(script);
  reportAnswer.parse({ ...JSON.parse(JSON.stringify(report)), files: null });
  expect(markdown(pageOf(report, 'gate-run'))).toContain(TOP);

  const story = { schemaVersion: 1, exit: 0, cycle: 2, turns: [] } as const;
  const turns = ended.map((end) => ({ ...end, cause: null, attempts: [], waits: [], questions: [] }));
  const told = storyText({ ...story, turns }, { color: false, cycles: '.gate-run/cycles' });
  expect(told).toContain(`rung 5: edge 3.5 (${TOP})`);
});
