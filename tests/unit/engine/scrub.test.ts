import { expect, test } from 'vitest';
import type { AttemptEnded } from '../../../src/core/cycle/event.ts';
import { scrubbed } from '../../../src/engine/scrub.ts';

const redact = (text: string) => text.replaceAll('passed', '***TOKEN***');

test('[B19] names of files, of locks, and of who asks, come from outside as well', () => {
  const answered = {
    type: 'protect.answered',
    changed: [{ path: 'a-passed', how: 'changed', before: 'a link to passed', after: 'sha256:1' }],
  } as const;
  expect(scrubbed(answered, redact)).toEqual({
    ...answered,
    changed: [{ path: 'a-***TOKEN***', how: 'changed', before: 'a link to ***TOKEN***', after: 'sha256:1' }],
  });
  expect(scrubbed({ type: 'task.locking', task: 'passed', locks: ['db-passed'] }, redact)).toEqual({
    type: 'task.locking',
    task: 'passed',
    locks: ['db-***TOKEN***'],
  });
  const grown = {
    type: 'protect.answered',
    grown: [{ path: 'a-passed', bytes: 1, sum: 'sha256:1' }],
  } as const;
  expect(scrubbed(grown, redact)).toBe(grown);
  const skipped = {
    type: 'task.skipped',
    task: 'a',
    rule: 'when files exist passed',
    excused: true,
  } as const;
  expect(scrubbed(skipped, redact)).toEqual({ ...skipped, rule: 'when files exist ***TOKEN***' });
});

test('[B19] a secret leaves every text that came from outside, and no word of our own', () => {
  const ended: AttemptEnded = {
    type: 'attempt.ended',
    task: 'passed',
    attempt: 1,
    end: { notStarted: 'not-found', detail: 'no passed here' },
    command: 'tool --key passed',
    durationMs: 1,
    bytes: 2,
    excerpt: 'passed is wrong',
    refused: ['passed.example.org:80'],
    evidence: {
      passed: { metrics: { m: { unread: 'missing', detail: 'passed' } }, labels: { passed: 'passed' } },
    },
  };
  expect(scrubbed(ended, redact)).toEqual({
    ...ended,
    end: { notStarted: 'not-found', detail: 'no ***TOKEN*** here' },
    command: 'tool --key ***TOKEN***',
    excerpt: '***TOKEN*** is wrong',
    refused: ['***TOKEN***.example.org:80'],
    evidence: {
      passed: {
        metrics: { m: { unread: 'missing', detail: '***TOKEN***' } },
        labels: { passed: '***TOKEN***' },
      },
    },
  });
});
