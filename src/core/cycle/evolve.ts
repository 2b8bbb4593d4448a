// The fold of a cycle's events. It owns the maps of the turn under way and changes them in place: copying a map of
// a thousand tasks at each of four thousand events would cost more than the events.

import type { TaskRestored } from '../cache/event.ts';
import { signalOf } from '../judge/outcome.ts';
import { statisticsIn } from '../judge/sim-metrics.ts';
import { metricKey } from '../loop/names.ts';
import { unreachable } from '../unreachable.ts';
import type { CycleStarted, Recorded, Spent } from '../loop/event.ts';
import { NOTHING_SPENT, resetTime, spentWith } from '../loop/meanings.ts';
import type { ProtectAnswered, ProtectAsked } from '../protect/event.ts';
import { answered, checkpointKey, UNGUARDED } from '../protect/progress.ts';
import type { ReceiptsEvent } from '../receipts/event.ts';
import type { AttemptEnded, CycleEvent, TaskLocked } from './event.ts';
import { evidenceIn } from './evidence.ts';
import type { CycleProgress, LockingProgress, Stopping, TaskProgress } from './progress.ts';

interface OpenCycle extends CycleProgress {
  readonly tasks: Map<string, TaskProgress>;
  readonly running: Set<string>;
  readonly pending: Set<string>;
  readonly failures: string[];
  readonly metrics: Map<string, number>;
  done: number;
  tokens: Spent;
  cost: Spent;
  retryAt: string | undefined;
  guard: CycleProgress['guard'];
  receipts: CycleProgress['receipts'];
}

const NO_SIMS: TaskProgress['sims'] = {};

/** Only the fold may write to a turn, and only to those it opened itself. */
const owned = new WeakMap<CycleProgress, OpenCycle>();

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function openCycle(started: Recorded<CycleStarted>): CycleProgress {
  const open: OpenCycle = {
    cycle: started.cycle,
    turn: started.turn,
    confirm: started.confirm,
    startedAt: started.at,
    startedMono: started.mono,
    tasks: new Map(),
    running: new Set(),
    pending: new Set(),
    metrics: new Map(),
    done: 0,
    tokens: NOTHING_SPENT,
    cost: NOTHING_SPENT,
    retryAt: undefined,
    failures: [],
    guard: UNGUARDED,
    receipts: undefined,
  };
  owned.set(open, open);
  return open;
}

/** Folds one event of the cycle into `cycle`, which must have come from `openCycle`. `stopSignals`: of the stop under way. */
export function evolveCycle(
  cycle: CycleProgress,
  event: Recorded<CycleEvent>,
  stopSignals: readonly string[] = [],
): void {
  const open = owned.get(cycle);
  if (!open) throw new Error('bug: this turn was not opened by the fold');
  const task = heardOf(open, event.task);
  switch (event.type) {
    case 'task.asked':
      task.state = 'asked';
      open.pending.add(task.id);
      return;
    case 'task.answered':
      task.state = 'answered';
      task.unmet = event.unmet;
      task.inputs = event.inputs;
      return;
    case 'task.sought':
      task.state = 'sought';
      open.pending.add(task.id);
      return;
    case 'task.missed':
      task.state = 'answered';
      task.missed = event;
      return;
    case 'task.restored':
      restore(task, event);
      return;
    case 'task.locking':
      task.state = 'locking';
      // An answer that today's thresholds do not let pass is none.
      task.ended = undefined;
      task.cached = undefined;
      task.locking = {
        state: 'waiting',
        sinceMono: event.mono,
        lock: undefined,
        holder: undefined,
        failed: undefined,
      };
      open.pending.add(task.id);
      return;
    case 'task.waiting':
      if (task.locking) task.locking = { ...task.locking, lock: event.lock, holder: event.holder };
      return;
    case 'task.locked':
      task.state = 'locked';
      if (task.locking) task.locking = locked(task.locking, event);
      return;
    case 'attempt.started':
      task.state = 'running';
      task.cached = undefined;
      task.rung = event.rung;
      task.attempt = event.attempt;
      task.attempts += 1;
      task.startedMono = event.mono;
      task.firstStartedMono ??= event.mono;
      task.quietMs = 0;
      task.stopping = undefined;
      task.undone = undefined;
      open.pending.delete(task.id);
      open.running.add(task.id);
      return;
    case 'attempt.quiet':
      task.quietMs = event.quietMs;
      return;
    case 'attempt.stopping':
      task.stopping = { cause: event.cause, signal: event.signal, mono: event.mono, because: event.because };
      return;
    case 'attempt.ended':
      task.state = 'ended';
      task.ended = event;
      if (stopSignals.includes(signalOf(event) ?? '')) task.stopping ??= struck(event);
      if (event.rung !== undefined) task.rungs = { ...task.rungs, [event.rung]: valuesIn(event) };
      if (event.rung !== undefined && event.sims) task.sims = { ...task.sims, [event.rung]: event.sims };
      task.simsFile = event.sims?.values?.crc ?? task.simsFile;
      task.endedMono = event.mono;
      task.durationMs += event.durationMs;
      if (event.peakBytes !== undefined) task.peakBytes = Math.max(task.peakBytes ?? 0, event.peakBytes);
      open.running.delete(task.id);
      open.pending.add(task.id);
      takeMeanings(open, event);
      return;
    case 'attempt.undoing':
      task.state = 'undoing';
      return;
    case 'attempt.undone':
      task.state = 'ended';
      task.undone = event;
      return;
    case 'task.judged':
      task.judged = event;
      // Of the rung that was judged, what its judgement let count: the raw reading may lie outside its bounds.
      if (task.rung !== undefined) task.rungs = { ...task.rungs, [task.rung]: event.metrics };
      for (const [rung, metrics] of Object.entries(task.rungs)) {
        for (const [name, value] of Object.entries(metrics))
          open.metrics.set(metricKey(task.id, name, rung), value);
      }
      for (const [name, value] of Object.entries(event.metrics)) {
        open.metrics.set(name, value).set(metricKey(task.id, name), value);
      }
      takeStatistics(open, task);
      if (event.verdict === 'failed' || event.verdict === 'broken') open.failures.push(task.id);
      finish(open, task, event.at);
      return;
    case 'task.skipped':
      task.skipped = event;
      finish(open, task, event.at);
      return;
    default:
      unreachable(event);
  }
}

/** Folds how the work tree stands. */
export function receiptsCycle(cycle: CycleProgress, event: Recorded<ReceiptsEvent>): void {
  const open = owned.get(cycle);
  if (!open) throw new Error('bug: this turn was not opened by the fold');
  if (event.type === 'receipts.asked') open.receipts = 'asked';
  else {
    const { tree, head, commits, failed } = event;
    open.receipts = {
      type: event.type,
      ...(tree !== undefined && { tree }),
      ...(head !== undefined && { head }),
      ...(commits !== undefined && { commits }),
      ...(failed !== undefined && { failed }),
    };
  }
}

/** Folds what concerns protected files, and no task. */
export function guardCycle(cycle: CycleProgress, event: ProtectAsked | ProtectAnswered): void {
  const open = owned.get(cycle);
  if (!open) throw new Error('bug: this turn was not opened by the fold');
  open.guard =
    event.type === 'protect.asked'
      ? { ...open.guard, asked: checkpointKey(event) }
      : answered(open.guard, event);
}

/**
 * Whether a fact still concerns this turn: late facts of an attempt that is over, or of a question that was
 * answered, are dropped here and nowhere else.
 */
export function isCurrent(cycle: CycleProgress | undefined, fact: CycleEvent): boolean {
  const task = cycle?.tasks.get(fact.task);
  if (!task) return false;
  if (fact.type === 'task.answered') return task.state === 'asked';
  if (fact.type === 'task.waiting' || fact.type === 'task.locked') return task.state === 'locking';
  if (fact.type === 'task.restored' || fact.type === 'task.missed') return task.state === 'sought';
  if (!('attempt' in fact)) return false;
  if (fact.type === 'attempt.undone') return task.state === 'undoing' && task.attempt === fact.attempt;
  return task.state === 'running' && task.attempt === fact.attempt && task.rung === fact.rung;
}

function finish(open: OpenCycle, task: Writable<TaskProgress>, at: string): void {
  task.judgedAt = at;
  task.state = 'done';
  task.locking = undefined;
  open.pending.delete(task.id);
  open.running.delete(task.id);
  open.done += 1;
}

function locked(locking: LockingProgress, { failed }: TaskLocked): LockingProgress {
  const free = { ...locking, lock: undefined, holder: undefined };
  return failed === undefined ? { ...free, state: 'held' } : { ...free, state: 'refused', failed };
}

/** The bare name is that of the rung that was judged, as with any metric of a ladder. */
function takeStatistics(open: OpenCycle, { id, rung, sims }: TaskProgress): void {
  for (const [count, one] of Object.entries(sims)) {
    for (const [name, value] of statisticsIn(one)) {
      open.metrics.set(metricKey(id, name, count), value);
      if (Number(count) === rung) open.metrics.set(metricKey(id, name), value);
    }
  }
}

/** As if its one attempt had ended now; but nothing was spent, and no attempt is counted. */
function restore(task: Writable<TaskProgress>, event: Recorded<TaskRestored>): void {
  const { key, keptAt, from, ended, mono } = event;
  task.state = 'ended';
  task.attempt = 1;
  task.ended = { type: 'attempt.ended', task: task.id, attempt: 1, ...ended };
  task.cached = { key, at: keptAt, from, savedMs: ended.durationMs };
  task.endedMono = mono;
}

/** Some metrics have a meaning of their own. */
function takeMeanings(open: OpenCycle, { evidence, at }: Recorded<AttemptEnded>): void {
  for (const { metrics } of Object.values(evidence ?? {})) {
    open.tokens = spentWith(open.tokens, metrics['tokens']);
    open.cost = spentWith(open.cost, metrics['cost']);
    const reset = resetTime(metrics['retry-at'], at);
    if (reset !== undefined && reset > (open.retryAt ?? '')) open.retryAt = reset;
  }
}

/** The numbers among an attempt's own readings. */
function valuesIn(ended: AttemptEnded): Readonly<Record<string, number>> {
  const readings = Object.entries(evidenceIn(ended, ended.task).metrics);
  return Object.fromEntries(
    readings.flatMap(([name, reading]) => ('value' in reading ? [[name, reading.value]] : [])),
  );
}

/** The stop's own signal reached the task as well, from a terminal or a supervisor: it was stopped as if gate-run had done it. */
function struck({ mono }: Recorded<AttemptEnded>): Stopping {
  return { cause: 'stop', signal: 'TERM', mono, because: undefined };
}

function heardOf(open: OpenCycle, id: string): Writable<TaskProgress> {
  const known = open.tasks.get(id);
  if (known) return known;
  const fresh: TaskProgress = {
    id,
    state: 'answered',
    rung: undefined,
    rungs: {},
    sims: NO_SIMS,
    simsFile: undefined,
    attempt: 0,
    attempts: 0,
    startedMono: 0,
    firstStartedMono: undefined,
    endedMono: 0,
    durationMs: 0,
    peakBytes: undefined,
    unmet: undefined,
    inputs: undefined,
    missed: undefined,
    cached: undefined,
    locking: undefined,
    quietMs: 0,
    stopping: undefined,
    ended: undefined,
    undone: undefined,
    judgedAt: '',
    judged: undefined,
    skipped: undefined,
  };
  open.tasks.set(id, fresh);
  return fresh;
}
