import { expect, test } from 'vitest';
import type { Recorded } from '../../src/core/loop/event.ts';
import type { TaskPlan } from '../../src/core/plan/plan.ts';
import type { ResourcesPlan } from '../../src/core/plan/resources.ts';
import type { Locks, LockWish } from '../../src/ports.ts';
import type { VirtualClock } from '../../src/simulation/clock.ts';
import type { FactInbox } from '../../src/engine/inbox.ts';
import { gate, phase, plan } from '../unit/plan-builder.ts';
import { play } from './scene.ts';

const MACHINE = { memoryBytes: 8 };

function needing(id: string, resources: Partial<ResourcesPlan>, more: Partial<TaskPlan> = {}): TaskPlan {
  return gate(id, { ...more, resources: { locks: [], weight: 1, ...resources } });
}

/** By task, when it began. */
function begun(events: readonly Recorded[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    events.flatMap((event) => (event.type === 'attempt.started' ? [[event.task, event.mono]] : [])),
  );
}

/** Another run has `lock` until `untilMs`; what was taken and given back is kept. */
class Elsewhere implements Locks {
  readonly taken: LockWish[] = [];
  readonly released: string[] = [];
  readonly #inbox: FactInbox;
  readonly #clock: VirtualClock;
  readonly #until: Readonly<Record<string, number>>;

  constructor(inbox: FactInbox, clock: VirtualClock, until: Readonly<Record<string, number>>) {
    this.#inbox = inbox;
    this.#clock = clock;
    this.#until = until;
  }

  take(wish: LockWish): void {
    this.taken.push(wish);
    const { task, names } = wish;
    const lock = names.find((name) => this.#until[name] !== undefined);
    if (lock === undefined) {
      this.#inbox.put({ type: 'task.locked', task });
      return;
    }
    this.#inbox.put({ type: 'task.waiting', task, lock, holder: { run: 'another', task: 'long', pid: 7 } });
    this.#clock.in(this.#until[lock] ?? 0, () => this.#inbox.put({ type: 'task.locked', task }));
  }

  release(task: string): void {
    this.released.push(task);
  }
}

function heldElsewhere(until: Readonly<Record<string, number>> = {}) {
  const kept: { locks?: Elsewhere } = {};
  const locks = (inbox: FactInbox, clock: VirtualClock) => (kept.locks = new Elsewhere(inbox, clock, until));
  return { kept, locks };
}

test('a task takes as many places as it weighs', async () => {
  const gates = [needing('heavy', { weight: 2 }), gate('light'), gate('other')];
  const { events } = await play(plan([phase('one', gates, { jobs: 3 })]));
  expect(begun(events)).toEqual({ heavy: 0, light: 0, other: 100 });
});

test('what is heavier than `jobs` runs alone, and nobody slips in before it', async () => {
  const gates = [gate('first'), needing('heavy', { weight: 9 }), gate('last')];
  const { events, exit } = await play(plan([phase('one', gates, { jobs: 2 })]));
  expect(begun(events)).toEqual({ first: 0, heavy: 100, last: 200 });
  expect(exit).toBe(0);
});

test('tasks that together need more memory than there is do not run side by side', async () => {
  const gates = [
    needing('a', { memoryBytes: 5 }),
    needing('b', { memoryBytes: 3 }),
    needing('c', { memoryBytes: 1 }),
  ];
  const { events } = await play(plan([phase('one', gates, { jobs: 4 })]), { machine: MACHINE });
  expect(begun(events)).toEqual({ a: 0, b: 0, c: 100 });
});

test('a task that needs more memory than there is runs alone', async () => {
  const gates = [gate('a'), needing('vast', { memoryBytes: 99 }), needing('b', { memoryBytes: 1 })];
  const { events, exit } = await play(plan([phase('one', gates, { jobs: 4 })]), { machine: MACHINE });
  expect(begun(events)).toEqual({ a: 0, vast: 100, b: 200 });
  expect(exit).toBe(0);
});

test('where nobody knows how much memory there is, none is counted', async () => {
  const gates = [needing('a', { memoryBytes: 99 }), needing('b', { memoryBytes: 99 })];
  const { events } = await play(plan([phase('one', gates, { jobs: 4 })]));
  expect(begun(events)).toEqual({ a: 0, b: 0 });
});

test('tasks that name one lock never run side by side, and keep nobody else from running', async () => {
  const gates = [
    needing('a', { locks: ['db'] }),
    needing('b', { locks: ['db', 'net'] }),
    gate('free'),
    needing('c', { locks: ['net'] }),
  ];
  const { events, exit } = await play(plan([phase('one', gates, { jobs: 4 })]));
  expect(begun(events)).toEqual({ a: 0, b: 100, free: 0, c: 0 });
  expect(exit).toBe(0);
});

test('a task that waits for a lock takes no place', async () => {
  const { locks } = heldElsewhere({ db: 500 });
  const gates = [needing('a', { locks: ['db'] }), gate('b'), gate('c')];
  const { events } = await play(plan([phase('one', gates, { jobs: 1 })]), { locks });
  expect(begun(events)).toEqual({ a: 500, b: 0, c: 100 });
});

test('a task that has its lock is the next to be started', async () => {
  const { locks } = heldElsewhere({ db: 50 });
  const gates = [needing('a', { locks: ['db'] }), gate('b'), gate('c')];
  const { events } = await play(plan([phase('one', gates, { jobs: 1 })]), { locks });
  expect(begun(events)).toEqual({ a: 100, b: 0, c: 200 });
});

test('a task that does not get its lock in time is broken, and says who had it', async () => {
  const { kept, locks } = heldElsewhere({ db: 5000 });
  const gates = [needing('a', { locks: ['db'] }, { timeoutMs: 400 }), gate('b', { needs: ['a'] })];
  const { cycle, started, exit } = await play(plan([phase('one', gates)]), { locks });
  expect(cycle?.tasks[0]).toMatchObject({
    verdict: 'broken',
    outcome: 'not-started',
    attempts: 0,
    reasons: ['the lock `db` could not be had within 400ms', 'task long of run another (process 7) had it'],
  });
  expect(cycle?.tasks[0]).not.toHaveProperty('log');
  expect(cycle).toMatchObject({ verdict: 'broken', cause: 'a' });
  expect(started).toEqual([]);
  expect(exit).toBe(3);
  expect(kept.locks?.released).toEqual(['a', 'b']);
});

test('whoever had the lock makes no other question of it', async () => {
  const prints: (string | undefined)[] = [];
  for (const pid of [1, 2]) {
    const other = (inbox: FactInbox): Locks => ({
      take: ({ task }) => inbox.put({ type: 'task.waiting', task, lock: 'db', holder: { pid } }),
      release: () => undefined,
    });
    const gates = [needing('a', { locks: ['db'] }, { timeoutMs: 400 })];
    const { cycle } = await play(plan([phase('one', gates)]), { locks: other });
    prints.push(cycle?.tasks[0]?.fingerprint);
  }
  expect(prints[0]).toMatch(/^[0-9a-f]{8}$/);
  expect(prints[1]).toBe(prints[0]);
});

test('a lock that cannot be had at all makes its task broken at once', async () => {
  const refusing = (inbox: FactInbox): Locks => ({
    take: ({ task }) => inbox.put({ type: 'task.locked', task, failed: 'others may write there' }),
    release: () => undefined,
  });
  const gates = [needing('a', { locks: ['db'] }, { mode: 'soft', onBroken: 'soft' })];
  const { cycle } = await play(plan([phase('one', gates)]), { locks: refusing });
  expect(cycle?.tasks[0]).toMatchObject({
    verdict: 'soft-failed',
    wasBroken: true,
    reasons: ['others may write there'],
  });
});

test('a stop ends a wait for a lock', async () => {
  const { kept, locks } = heldElsewhere({ db: 5000 });
  const { cycle, clock, exit } = await play(plan([phase('one', [needing('a', { locks: ['db'] })])]), {
    locks,
    facts: [[50, { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false }]],
  });
  expect(cycle?.tasks[0]?.reasons).toEqual(['stopped']);
  expect(clock.now().mono).toBeLessThan(100);
  expect(exit).toBe(6);
  expect(kept.locks?.released).toEqual(['a']);
});

test('the time limit of the cycle ends a wait for a lock that has no other', async () => {
  const { locks } = heldElsewhere({ db: 5000 });
  const whole = plan([phase('one', [needing('a', { locks: ['db'] }, { timeoutMs: 'never' })])]);
  const { cycle, clock } = await play({ ...whole, cycleTimeoutMs: 300 }, { locks });
  expect(cycle?.tasks[0]?.reasons).toEqual(['cycle timeout']);
  expect(clock.now().mono).toBe(300);
});

test('a lock is given back when its task is settled, and not between its attempts', async () => {
  const { kept, locks } = heldElsewhere();
  const retry = { limit: 1, when: [], delayMs: 0, factor: 1 };
  const gates = [needing('a', { locks: ['db'] }, { retry }), needing('b', { locks: ['db'] })];
  const { events, started } = await play(plan([phase('one', gates)]), {
    locks,
    acts: { 'a.1': { end: { code: 1 } } },
  });
  expect(started).toEqual(['a', 'a#2', 'b']);
  expect(kept.locks?.taken.map(({ task }) => task)).toEqual(['a', 'b']);
  expect(kept.locks?.released).toEqual(['a', 'b']);
  const order = events.flatMap(({ type }) => (type.startsWith('task.') ? [type] : []));
  expect(order).toEqual([
    'task.locking',
    'task.locked',
    'task.judged',
    'task.locking',
    'task.locked',
    'task.judged',
  ]);
});

test('a condition is asked before the lock, and only who meets it asks for one', async () => {
  const { kept, locks } = heldElsewhere();
  const asks = [{ key: 'exists', paths: ['file'] }] as const;
  const when = { every: undefined, passed: [], failed: [], asks };
  const gates = [needing('a', { locks: ['db'] }, { when }), needing('b', { locks: ['db'] }, { when })];
  const { started, exit } = await play(plan([phase('one', gates)]), { locks, unmet: { a: 'exists' } });
  expect(started).toEqual(['b']);
  expect(kept.locks?.taken.map(({ task }) => task)).toEqual(['b']);
  expect(exit).toBe(0);
});
