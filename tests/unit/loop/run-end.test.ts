// Why a run ended, in words: a limit or a stop is not called what a cycle came to.

import { expect, test } from 'vitest';
import { EMPTY, evolve } from '../../../src/core/loop/evolve.ts';
import type { RunProgress } from '../../../src/core/loop/progress.ts';
import { runEnded } from '../../../src/core/loop/run-end.ts';
import { gate, phase, plan } from '../plan-builder.ts';
import { STARTED } from './started.ts';

test.each([
  [{}, 3, 'no cycle was finished'],
  [{ lastVerdict: 'limited' }, 3, 'the cycle met a limit'],
  [{ cycles: 1, lastVerdict: 'passed' }, 0, 'the cycle passed'],
  [{ cycles: 1, failed: 1, lastVerdict: 'failed' }, 1, 'the cycle failed'],
  [{ cycles: 1, failed: 1, lastVerdict: 'broken' }, 3, 'the cycle is broken'],
  [
    { cycles: 1, failed: 1, lastVerdict: 'broken', lastWasIdle: true },
    3,
    'nothing was judged, and that is not green',
  ],
  [{ cycles: 1, lastVerdict: 'limited' }, 3, 'the one finished cycle passed'],
  [{ cycles: 1, failed: 1, lastVerdict: 'limited' }, 3, 'the one finished cycle did not pass'],
  [{ cycles: 1, failed: 1, lastVerdict: 'integrity' }, 9, 'the cycle changed what is protected'],
  [{ cycles: 9, failed: 2, lastVerdict: 'passed' }, 0, '2 of 9 cycles failed'],
  [{ cycles: 9, lastVerdict: 'passed' }, 0, 'all 9 cycles passed'],
] as const satisfies readonly (readonly [Partial<RunProgress>, number, string])[])(
  '%o: exit %i, %s',
  (more, exit, why) => {
    const { run } = evolve(EMPTY, STARTED);
    if (!run) throw new Error('no run');
    const request = { run: 'run-1', version: '0', failOn: undefined };
    const made = plan([phase('check', [gate('work')])]);
    expect(runEnded(made, request, { ...run, ...more }, { reason: 'finished' })).toMatchObject({ exit, why });
  },
);
