import { describe, expect, test } from 'vitest';
import type { AttemptEnded } from '../../../src/core/cycle/event.ts';
import type { StopCause } from '../../../src/core/judge/evidence.ts';
import { outcomeOf } from '../../../src/core/judge/outcome.ts';
import { mayRetry, RETRY_DELAY_LIMIT_MS, retryDelayMs } from '../../../src/core/judge/retry.ts';
import type { ExitRule } from '../../../src/core/plan/plan.ts';
import { ended } from './parts.ts';

interface Cause {
  readonly end: AttemptEnded['end'];
  readonly oomKills?: number;
  readonly stopping?: StopCause;
  readonly exits?: readonly ExitRule[];
}

const CAUSES = {
  timeout: { end: { code: 0 }, stopping: 'timeout' },
  stall: { end: { code: 143 }, stopping: 'stall' },
  oom: { end: { code: 0 }, oomKills: 1 },
  signal: { end: { signal: 'SIGSEGV' } },
  exit: { end: { code: 75 } },
} as const satisfies Record<string, Cause>;

const NEVER = {
  'a stop': { end: { code: 143 }, stopping: 'stop' },
  'a cancelled attempt': { end: { code: 143 }, stopping: 'cancelled' },
  'a full disk': { end: { storage: 'ENOSPC' } },
  'an interrupted attempt': { end: { interrupted: true } },
  'a command that is not there': { end: { code: 127 } },
  'a pass': { end: { code: 0 } },
  'an exit code that means passed': { end: { code: 7 }, exits: [{ codes: [7], means: 'passed' }] },
  'an exit code that means skipped': { end: { code: 77 }, exits: [{ codes: [77], means: 'skipped' }] },
  'a limit': { end: { code: 75 }, exits: [{ codes: [75], means: 'limited' }] },
} as const satisfies Record<string, Cause>;

function retried(
  { end, oomKills = 0, stopping, exits = [] }: Cause,
  when: readonly string[],
  attempt = 1,
): boolean {
  const fact = ended(end, { oomKills });
  const retry = { limit: 2, when, delayMs: 0, factor: 1 };
  return mayRetry(retry, outcomeOf(fact, stopping, exits), fact, attempt, exits);
}

describe('[B12] one retry rule over all causes', () => {
  test.each(Object.keys(CAUSES))('%s is tried again when it is named, and only then', (named) => {
    for (const [cause, facts] of Object.entries(CAUSES))
      expect(retried(facts, [named])).toBe(cause === named);
  });

  test('an exit code can be named alone', () => {
    expect(retried({ end: { code: 75 } }, ['exit.75'])).toBe(true);
    expect(retried({ end: { code: 7 } }, ['exit.75'])).toBe(false);
    expect(retried({ end: { code: 75 } }, ['exit.7'])).toBe(false);
  });

  test('without names every cause is tried again', () => {
    for (const facts of Object.values(CAUSES)) expect(retried(facts, [])).toBe(true);
    expect(retried({ end: { notStarted: 'no-resources', detail: 'EAGAIN' } }, [])).toBe(true);
  });

  test.each(Object.entries(NEVER))('%s is never tried again', (_name, facts) => {
    expect(retried(facts, [])).toBe(false);
    expect(retried(facts, ['timeout', 'stall', 'oom', 'signal', 'exit'])).toBe(false);
  });

  test('the limit counts attempts after the first', () => {
    expect([1, 2, 3].map((attempt) => retried(CAUSES.timeout, [], attempt))).toEqual([true, true, false]);
  });

  test('the delay grows by its factor, up to an hour', () => {
    const retry = { limit: 100, when: [], delayMs: 2000, factor: 2 };
    expect([1, 2, 3].map((attempt) => retryDelayMs(retry, attempt))).toEqual([2000, 4000, 8000]);
    expect(retryDelayMs(retry, 99)).toBe(RETRY_DELAY_LIMIT_MS);
    expect(retryDelayMs({ ...retry, delayMs: 0 }, 99)).toBe(0);
  });
});
