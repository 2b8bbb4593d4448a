// Scenes of hooks and expressions: what is waited for, what is given up, and what a crash or a stop leaves of it.

import { expect, test } from 'vitest';
import { NO_EXIT } from '../../src/core/plan/loop.ts';
import { HOOK_LOST_MS } from '../../src/core/loop/hooks.ts';
import type { HookName, HookPlan, Plan } from '../../src/core/plan/plan.ts';
import type { Condition } from '../../src/core/plan/ends-plan.ts';
import { NO_FAULTS } from '../../src/simulation/disk.ts';
import type { Event, Recorded } from '../../src/core/loop/event.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play } from './scene.ts';

const MINUTE = 60_000;

function aLoop(hooks: readonly HookName[], more: Partial<Plan['ends']> = {}): Plan {
  const command = { kind: 'argv', argv: ['x'] } as const;
  const made = hooks.map((on): HookPlan => ({
    on,
    command,
    timeoutMs: 1000,
    env: { pass: undefined, set: {} },
  }));
  const base = plan([phase('check', [gate('work')])]);
  const two: Condition = {
    name: 'cycles',
    measure: { kind: 'cycles' },
    operator: '>=',
    value: 2,
    over: undefined,
    text: '>= 2',
  };
  return {
    ...base,
    loop: { ...base.loop, mode: 'continuous', sleepMs: 10 * MINUTE },
    ends: { ...NO_EXIT, budget: [two], ...more },
    ...(made.length > 0 && { hooks: made }),
  };
}

function told(events: readonly Recorded[]): readonly string[] {
  return events.flatMap((event) => {
    if (event.type === 'hook.started') return [`${event.hook} ${event.cycle}`];
    if (event.type === 'hook.ended') return [event.how];
    return event.type === 'cycle.started' || event.type === 'run.ended' ? [event.type] : [];
  });
}

test('each hook is waited for where it stands', async () => {
  const { events, exit } = await play(aLoop(['before-cycle', 'after-cycle', 'on-exit']));
  const cycle = (number: number) => [
    `before-cycle ${number}`,
    'exited',
    'cycle.started',
    `after-cycle ${number}`,
    'exited',
  ];
  expect(told(events)).toEqual([...cycle(1), ...cycle(2), 'on-exit 2', 'exited', 'run.ended']);
  expect(exit).toBe(0);
});

test('[B18] a hook that hears nothing is given up, and what it says later is not believed', async () => {
  const { events } = await play(aLoop(['after-cycle']), { hookMs: 1000 + HOOK_LOST_MS + 5 });
  expect(told(events).slice(0, 3)).toEqual(['cycle.started', 'after-cycle 1', 'lost']);
  const [started, stopping, ended] = events.filter(({ type }) => type.startsWith('hook.'));
  expect((stopping?.mono ?? 0) - (started?.mono ?? 0)).toBe(1000);
  expect((ended?.mono ?? 0) - (stopping?.mono ?? 0)).toBe(HOOK_LOST_MS);
  expect(events.filter(({ type }) => type === 'hook.ended')).toHaveLength(2);
});

test('what `on-exit` was told is how the run ends, also when a stop comes meanwhile', async () => {
  const stop: Event = { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false };
  const whole = await play(aLoop(['on-exit']), { hookMs: 500 });
  const at = whole.events.find(({ type }) => type === 'hook.started')?.mono ?? 0;
  const { events, progress } = await play(aLoop(['on-exit']), { hookMs: 500, facts: [[at + 100, stop]] });
  expect(events.some(({ type }) => type === 'stop.seen')).toBe(true);
  expect(progress?.run?.ended).toMatchObject({ reason: 'budget', rule: 'cycles >= 2', exit: 0 });
});

test('[A14] a crash inside a hook does not start it again, and loses none that was owed behind it', async () => {
  const loop = aLoop(['after-cycle', 'on-failure']);
  const acts = { work: { end: { code: 1 } } };
  const first = await play(loop, { acts, faults: { ...NO_FAULTS, crashOn: 'hook.ended' } });
  expect(first.failure).toBe('crash');
  const second = await play(loop, { acts, disk: first.disk, run: 'run-2' });
  expect(told(second.events).slice(0, 2)).toEqual(['on-failure 1', 'exited']);
  expect(told(second.events).filter((one) => one === 'after-cycle 1')).toEqual([]);
});

test('an expression over the run time is looked at each minute of a rest', async () => {
  const runtime = {
    name: 'runtime',
    of: 'runtime',
    measure: { kind: 'runtime' },
    over: undefined,
    type: 'duration',
  } as const;
  const when = { text: 'runtime > duration("4m30s")', reads: [runtime] };
  const { events, progress } = await play(aLoop([], { when }));
  expect(progress?.run?.ended).toMatchObject({ reason: 'budget', rule: `when ${when.text}` });
  const at = events.at(-1)?.mono ?? 0;
  expect(at).toBeGreaterThan(4.5 * MINUTE);
  expect(at).toBeLessThan(5.6 * MINUTE);
});
