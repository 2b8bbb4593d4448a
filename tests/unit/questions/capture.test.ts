import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskSummary } from '../../../src/core/loop/event.ts';
import { captureText, questionText, wholeSeconds } from '../../../src/core/questions/capture.ts';

const AT = '2026-02-10T06:30:00.000Z';

const SUMMARY: TaskSummary = {
  id: 'sims',
  kind: 'gate',
  mode: 'strict',
  phase: 'prove',
  at: AT,
  verdict: 'broken',
  outcome: 'exited',
  rung: 1000,
  attempts: 1,
  durationMs: 12_300,
  metrics: {},
  labels: {},
  reasons: ['metric `edge` was not found in the output'],
  checks: [],
  excerpt: 'the last line',
  log: '000041/prove.sims.1000.1.log',
  exitCode: 0,
};

const plan = {
  questions: { file: 'q.md', ask: 'ChatGPT @codex' },
  state: { dir: '.gate-run', history: 'h', latest: 'l', cycles: '.gate-run/cycles/' },
};
const task = { number: '3.2', retry: { limit: 0, when: [], delayMs: 0, factor: 1 } };

test('a question is the five lines of the capture format', () => {
  expect(questionText({ plan, task, summary: SUMMARY, cycle: 41, at: AT })).toBe(
    `Question for ChatGPT @codex 2026-02-10T06:30:00Z:
While performing [3.2:sims 1000], encountered the following error:
[metric \`edge\` was not found in the output]
Context: [cycle 41, attempt 1 of 1, exit 0 after 12.3 s, log .gate-run/cycles/000041/prove.sims.1000.1.log]
What are the possible causes, and how can this be resolved while preserving intended functionality?`,
  );
});

test('[B12] the attempt is counted, and an outcome that is no exit is named', () => {
  const { rung: _rung, exitCode: _exit, log: _log, ...rest } = SUMMARY;
  const summary: TaskSummary = {
    ...rest,
    outcome: 'timed-out',
    attempts: 2,
    reasons: ['timed out after 10m 0s'],
    durationMs: 600_000,
  };
  const retrying = { ...task, retry: { ...task.retry, limit: 2 } };
  const lines = questionText({ plan, task: retrying, summary, cycle: 1, at: AT }).split('\n');
  expect(lines.slice(1, 4)).toEqual([
    'While performing [3.2:sims], encountered the following error:',
    '[timed out after 10m 0s: the last line]',
    'Context: [cycle 1, attempt 2 of 3, timed-out after 10m 0s]',
  ]);
});

test('a task that made no attempt and is in no plan still has its lines', () => {
  const { outcome: _outcome, exitCode: _exit, ...rest } = SUMMARY;
  const text = questionText({
    plan,
    task: undefined,
    summary: { ...rest, attempts: 0, durationMs: 0 },
    cycle: 2,
    at: AT,
  });
  expect(text).toContain('[prove:sims 1000]');
  expect(text).toContain('[cycle 2, broken after 0 ms, log');
});

test('whatever the parts hold, there are five lines, and none begins like a state comment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (error, ask) => {
      const lines = captureText({
        ask,
        at: AT,
        step: error,
        error: `\n<!-- gate-run ${error}`,
        context: error,
      }).split(/\r?\n/);
      expect(lines).toHaveLength(5);
      expect(lines.some((line) => line.trimStart().startsWith('<!--'))).toBe(false);
    }),
  );
});

test('a time is shown in whole seconds', () => {
  expect(wholeSeconds('2026-02-10T09:12:41.987Z')).toBe('2026-02-10T09:12:41Z');
  expect(wholeSeconds('2026-02-10T09:12:41Z')).toBe('2026-02-10T09:12:41Z');
});
