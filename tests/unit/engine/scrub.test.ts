import { expect, test } from 'vitest';
import type { AttemptEnded } from '../../../src/core/cycle/event.ts';
import { scrubbed } from '../../../src/engine/scrub.ts';

const redact = (text: string) => text.replaceAll('passed', '***TOKEN***');

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
