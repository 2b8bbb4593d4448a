// Scripted processes: they start, fall silent, ignore TERM, end, and report exactly what the real ones report.

import type { AttemptEnded, AttemptRef } from '../core/cycle/event.ts';
import type { Evidence, ProcessEnd } from '../core/judge/evidence.ts';
import type { Ask } from '../core/plan/plan.ts';
import type { Inbox, Order, Processes } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';
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
  /** Draws what has no influence on verdicts: order and lateness of facts. */
  readonly noise: Dice;
}

export class ScriptedProcesses implements Processes {
  readonly #scene: Scene;
  readonly #living = new Map<string, Living>();

  constructor(scene: Scene) {
    this.#scene = scene;
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
      const fact: AttemptEnded = {
        type: 'attempt.ended',
        ...living.order.ref,
        end,
        durationMs,
        command: living.order.shown,
        bytes: 10,
        ...(living.fate.oomKills > 0 && { oomKills: living.fate.oomKills }),
        evidence: evidenceOf(living),
      };
      inbox.put(fact);
      if ('storage' in end) inbox.put({ type: 'stop.seen', by: 'storage', now: true });
      // The world may report a thing twice or too late; the engine has to drop it.
      if (noise.chance(0.1)) inbox.put(fact);
    });
  }
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
