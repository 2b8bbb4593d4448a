// Scripted processes: they start, fall silent, ignore TERM, end, and report exactly what the real ones report.

import type { AttemptEnded, AttemptRef } from '../core/cycle/event.ts';
import type { AttemptUndone } from '../core/writes/event.ts';
import type { Evidence, ProcessEnd } from '../core/judge/evidence.ts';
import type { SeedOutcome } from '../core/judge/line.ts';
import type { SimsEvidence } from '../core/judge/sims.ts';
import type { Ask } from '../core/plan/plan.ts';
import type { SimsOrder } from '../core/plan/sims-order.ts';
import type { Disk, Inbox, Order, Processes } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import { Dice } from './random.ts';
import { Rungs } from './rungs.ts';
import { fateOf, moodOf, type Fate, type Mood } from './script.ts';

const KILL_TAKES_MS = 5;

interface Living {
  readonly order: Order;
  readonly startedMono: number;
  readonly fate: Fate;
  isOver: boolean;
}

export interface Scene {
  readonly seed: number;
  readonly clock: VirtualClock;
  readonly inbox: Inbox;
  /** Share of attempts that go wrong. */
  readonly trouble: number;
  /** Whether another cycle means another fate. */
  readonly isFickle: boolean;
  /** What may go wrong for several cycles in a row; by default nothing. */
  readonly moods?: readonly Mood[];
  /** Nothing inside a cycle ever passes. */
  readonly isHopeless?: boolean;
  /** Where rungs keep the values of their simulations. */
  readonly disk: Disk;
  /** Draws what has no influence on verdicts: order and lateness of facts. */
  readonly noise: Dice;
}

export class ScriptedProcesses implements Processes {
  readonly #scene: Scene;
  readonly #living = new Map<string, Living>();
  readonly #rungs: Rungs;
  /** By task: what its last attempt wrote. */
  readonly #undoable = new Map<string, Fate>();
  /** Processes at once, at most. */
  most = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#rungs = new Rungs(scene.disk);
  }

  get alive(): number {
    return this.#living.size;
  }

  /** `task#attempt` of all that run. */
  get running(): readonly string[] {
    return [...this.#living.values()].map(({ order: { ref } }) => `${ref.task}#${ref.attempt}`);
  }

  start(order: Order): void {
    const { seed, clock, trouble, isFickle } = this.#scene;
    const cycle = isFickle ? Number(order.env['GATE_CYCLE']) : 0;
    const mood = isFickle ? moodOf(seed, cycle, this.#scene.moods ?? []) : 'fair';
    const drawn = fateOf(seed + cycle, order.ref, trouble, mood);
    const isHopeless = this.#scene.isHopeless === true && order.ref.task.endsWith('-cycle');
    const fate = isHopeless ? { ...drawn, end: { code: 1 }, durationMs: drawn.durationMs ?? 1 } : drawn;
    const living: Living = { order, fate, startedMono: clock.now().mono, isOver: false };
    const key = keyOf(order.ref);
    if (this.#living.has(key)) throw new Error(`bug: ${key} was started twice`);
    this.#living.set(key, living);
    const processes = [...this.#living.values()].reduce((sum, one) => sum + (one.order.sims?.lanes ?? 1), 0);
    this.most = Math.max(this.most, processes);
    if ('notStarted' in fate.end) this.#end(living, fate.end, 0);
    else if (fate.durationMs !== undefined) this.#end(living, fate.end, fate.durationMs);
    if (fate.quietFromMs !== undefined) this.#fallSilent(living, fate.quietFromMs);
  }

  signal(ref: AttemptRef, signal: 'TERM' | 'KILL'): void {
    const living = this.#living.get(keyOf(ref));
    if (!living) return;
    if (signal === 'KILL') this.#end(living, { signal: 'SIGKILL' }, KILL_TAKES_MS);
    else if (living.fate.termMs !== undefined) this.#end(living, { signal: 'SIGTERM' }, living.fate.termMs);
  }

  undo(ref: AttemptRef): void {
    const { seed, clock, inbox, trouble, noise } = this.#scene;
    const { writes, unable } = this.#undoable.get(ref.task) ?? fateOf(seed, ref, trouble);
    const left = Array.from({ length: Math.min(unable, writes) }, (_, at) => ({
      path: `f${at}`,
      why: 'ENOSPC',
    }));
    clock.in(noise.whole(0, 50), () => {
      const fact: AttemptUndone = {
        type: 'attempt.undone',
        ...ref,
        files: writes - left.length,
        ...(left.length > 0 && { left }),
      };
      inbox.put(fact);
      if (noise.chance(0.1)) inbox.put(fact);
    });
  }

  forget(task: string): void {
    this.#undoable.delete(task);
  }

  /** A stop that was told to gate-run reaches its tasks too, as from a supervisor; who ignores TERM ignores it. `code`: as shells pass it on. */
  strike(signal: string, code: number): void {
    for (const living of this.#living.values()) {
      const { termMs } = living.fate;
      if (termMs === undefined) continue;
      this.#end(living, living.order.ref.attempt % 2 === 0 ? { code } : { signal }, termMs);
    }
  }

  ask(task: string, _asks: readonly Ask[]): void {
    const { seed, clock, inbox, trouble } = this.#scene;
    const { unmet, answerMs } = fateOf(seed, { task, attempt: 0 }, trouble);
    clock.in(answerMs, () => {
      inbox.put({ type: 'task.answered', task, ...(unmet && { unmet: 'exists' }) });
    });
  }

  /** What was cut off has come to some of its seeds; a bad end is that of each of its simulations. */
  #play(
    sims: SimsOrder,
    { order, fate }: Living,
    end: ProcessEnd,
  ): SimsEvidence | { readonly storage: string } {
    const isCut = !('code' in end);
    const night = this.#scene.seed;
    const most = isCut ? night % sims.planned : sims.planned;
    const outcomeOf = (seed: number): SeedOutcome => {
      const dice = new Dice(night, `simulation ${order.ref.task} ${seed}`);
      return simulationOf(sims, { dice, fate, end });
    };
    return this.#rungs.play({ sims, outcomeOf, most });
  }

  #fallSilent(living: Living, fromMs: number): void {
    for (const quietMs of living.order.quietAfterMs) {
      this.#scene.clock.in(fromMs + quietMs, () => {
        if (!living.isOver) this.#scene.inbox.put({ type: 'attempt.quiet', ...living.order.ref, quietMs });
      });
    }
  }

  #end(living: Living, end: ProcessEnd, afterMs: number): void {
    const { clock, inbox, noise } = this.#scene;
    clock.in(afterMs, () => {
      if (living.isOver) return;
      living.isOver = true;
      this.#living.delete(keyOf(living.order.ref));
      const durationMs = Math.round(clock.now().mono - living.startedMono);
      const { order, fate } = living;
      if (order.tree) this.#undoable.set(order.ref.task, fate);
      const wrote = order.tree && !('notStarted' in end) && !('storage' in end);
      const sims = order.sims && this.#play(order.sims, living, end);
      const isUnkept = sims !== undefined && 'storage' in sims;
      const fact: AttemptEnded = {
        type: 'attempt.ended',
        ...order.ref,
        end: isUnkept ? sims : order.sims && 'code' in end ? { code: 0 } : end,
        durationMs,
        command: order.shown,
        bytes: 10,
        ...(fate.oomKills > 0 && { oomKills: fate.oomKills }),
        ...(wrote && { writes: { files: fate.writes } }),
        ...(sims && !isUnkept ? { sims } : { evidence: evidenceOf(living) }),
      };
      inbox.put(fact);
      if ('storage' in fact.end) inbox.put({ type: 'stop.seen', by: 'storage', now: true });
      // The world may report a thing twice or too late; the engine has to drop it.
      if (noise.chance(0.1)) inbox.put(fact);
    });
  }
}

/** Around what the attempt is fated to measure. */
function simulationOf(
  { metrics }: SimsOrder,
  { dice, fate, end }: { readonly dice: Dice; readonly fate: Fate; readonly end: ProcessEnd },
): SeedOutcome {
  if ('code' in end && end.code !== 0) return { failed: `exit ${end.code}` };
  if (dice.chance(0.01)) return { failed: 'it said nothing' };
  const values = metrics.map(({ name }) => {
    const reading = readingOf(name, fate);
    return [name, 'value' in reading ? reading.value + dice.whole(-20, 20) : 0] as const;
  });
  return { values: Object.fromEntries(values) };
}

function evidenceOf({ order, fate }: Living): Readonly<Record<string, Evidence>> {
  const evidence: Record<string, Evidence> = {};
  for (const { task, metrics, labels } of order.read) {
    evidence[task] = {
      metrics: Object.fromEntries(metrics.map(({ name }) => [name, readingOf(name, fate)])),
      labels: Object.fromEntries(labels.map(({ name }) => [name, fate.idea])),
    };
  }
  return evidence;
}

function readingOf(name: string, fate: Fate): Evidence['metrics'][string] {
  if (name === 'retry-at') return fate.retryAt;
  return name === 'score' ? fate.metric : fate.used;
}

function keyOf({ task, rung, attempt }: AttemptRef): string {
  return `${task}/${rung ?? 0}/${attempt}`;
}
