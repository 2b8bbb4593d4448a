// When an attempt counts as quiet: real processes for what a sign of life is, a clock set by hand for when it is told.

import { describe, expect, test } from 'vitest';
import type { Clock, Order } from '../../src/ports.ts';
import { realClock } from '../../src/system/clock.ts';
import { watchAttempts, type Watched } from '../../src/system/watch.ts';
import { benches, pause, until } from './attempts.ts';

const make = benches();

describe('a process', () => {
  test('that neither prints nor works is told as quiet', async () => {
    const b = make();
    const { ref } = b.start({ argv: ['sleep', '60'] }, { quietAfterMs: [200] });
    const { quietMs, task } = await b.fact('attempt.quiet');
    b.processes.signal(ref, 'KILL');
    await b.fact('attempt.ended');
    expect(quietMs).toBeGreaterThanOrEqual(200);
    expect(task).toBe(ref.task);
  });

  // A sign of life comes ten times as often as it has to, so that a busy machine proves nothing else.
  test('[A5] that prints is not quiet, and neither is one that works without a word', async () => {
    const b = make();
    await Promise.all([
      b.run('for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do echo $i; sleep 0.1; done', {
        quietAfterMs: [1_000],
      }),
      b.run('end=$(($(date +%s%N) + 1600000000)); while [ $(date +%s%N) -lt $end ]; do :; done', {
        quietAfterMs: [1_000],
      }),
    ]);
    expect(b.facts.filter(({ type }) => type === 'attempt.quiet')).toEqual([]);
  });
});

describe('a silence', () => {
  test('is told once at each limit, and no more behind the last', async () => {
    const { passTo, told } = watched([200, 400]);
    await passTo(190);
    await passTo(250);
    await passTo(390);
    await passTo(450);
    await passTo(900);
    expect(told).toEqual([250, 450]);
  });

  test('that passed both limits between two looks is told once', async () => {
    const { passTo, told } = watched([200, 400]);
    await passTo(700);
    expect(told).toEqual([700]);
  });

  test('is counted anew after a sign of life', async () => {
    const { passTo, print, told } = watched([300]);
    await passTo(350);
    print();
    await passTo(600);
    await passTo(880);
    await passTo(910);
    expect(told).toEqual([350, 310]);
  });

  test('does not count a standstill of the machine', async () => {
    const { passTo, told } = watched([6_000]);
    await passTo(9_000);
    expect(told).toEqual([]);
  });
});

/** An attempt of which nothing is real but the timer that has it looked at. */
function watched(quietAfterMs: readonly number[]): {
  readonly told: readonly number[];
  /** Sets the clock, and waits for two looks at it. */
  readonly passTo: (mono: number) => Promise<void>;
  readonly print: () => void;
} {
  const b = make();
  const order: Order = b.start({ argv: ['true'] }, { quietAfterMs });
  const told: number[] = [];
  let [mono, size, looks] = [0, 0, 0];
  const clock: Clock = { ...realClock(), now: () => ({ wall: 0, mono }) };
  const attempt: Watched = {
    order,
    // No process has it, so nothing works for this attempt.
    group: -1,
    size: () => {
      looks += 1;
      return size;
    },
    quiet: (quietMs) => told.push(quietMs),
    overflow: (code) => expect.unreachable(code),
  };
  watchAttempts(clock).add(attempt);
  return {
    told,
    passTo: async (to) => {
      mono = to;
      const before = looks;
      await until(() => looks >= before + 2);
      await pause(0);
    },
    print: () => {
      size += 1;
    },
  };
}
