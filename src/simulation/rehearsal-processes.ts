// Processes that are none: each attempt does in virtual time what its act says, and its end is reported as a real one would be.

import { crc32 } from '../core/crc32.ts';
import type { AttemptEnded, AttemptRef } from '../core/cycle/event.ts';
import { excerptOf, heapMessage } from '../core/judge/excerpt.ts';
import type { ProcessEnd } from '../core/judge/evidence.ts';
import type { SimsEvidence } from '../core/judge/sims.ts';
import type { Ask } from '../core/plan/plan.ts';
import type { Inbox, Order, Processes } from '../ports.ts';
import type { Act, Outcomes } from './act.ts';
import { rehearsedRung } from './rehearsal-rung.ts';
import type { VirtualClock } from './clock.ts';

const KILL_TAKES_MS = 5;
const ANSWER_TAKES_MS = 2;

interface Living {
  readonly order: Order;
  readonly act: Act;
  readonly startedMono: number;
}

export interface RehearsalStage {
  readonly clock: VirtualClock;
  readonly inbox: Inbox;
  readonly outcomes: Outcomes;
  /** Number of the cycle under way. */
  readonly cycle: () => number;
}

const encoder = new TextEncoder();

export class RehearsedProcesses implements Processes {
  readonly #stage: RehearsalStage;
  readonly #living = new Map<string, Living>();
  /** By task: the simulations that are done in a cycle. */
  readonly #done = new Map<string, { readonly cycle: number; readonly done: number }>();

  constructor(stage: RehearsalStage) {
    this.#stage = stage;
  }

  get alive(): number {
    return this.#living.size;
  }

  start(order: Order): void {
    const { clock, outcomes, cycle } = this.#stage;
    const act = outcomes.actOf(order, cycle());
    const living = { order, act, startedMono: clock.now().mono };
    this.#living.set(keyOf(order.ref), living);
    if (act.durationMs !== 'never') this.#end(living, act.end, act.durationMs);
    else if (act.isSilent) this.#fallSilent(living);
  }

  signal(ref: AttemptRef, signal: 'TERM' | 'KILL'): void {
    const living = this.#living.get(keyOf(ref));
    if (!living) return;
    const { termMs } = living.act;
    if (signal === 'KILL') this.#end(living, { signal: 'SIGKILL' }, KILL_TAKES_MS);
    else if (termMs !== 'ignored') this.#end(living, { signal: 'SIGTERM' }, termMs);
  }

  undo(ref: AttemptRef): void {
    const { clock, inbox } = this.#stage;
    clock.in(ANSWER_TAKES_MS, () => inbox.put({ type: 'attempt.undone', ...ref, files: 0 }));
  }

  forget(): void {
    // Nothing is kept here.
  }

  ask(task: string, asks: readonly Ask[]): void {
    const { clock, inbox, outcomes, cycle } = this.#stage;
    const unmet = outcomes.unmetIn(task, asks, cycle());
    clock.in(ANSWER_TAKES_MS, () => {
      inbox.put({ type: 'task.answered', task, ...(unmet !== undefined && { unmet }) });
    });
  }

  #fallSilent(living: Living): void {
    const { clock, inbox } = this.#stage;
    for (const quietMs of living.order.quietAfterMs) {
      clock.in(quietMs, () => {
        if (this.#lives(living)) inbox.put({ type: 'attempt.quiet', ...living.order.ref, quietMs });
      });
    }
  }

  #end(living: Living, end: ProcessEnd, afterMs: number): void {
    const { clock, inbox } = this.#stage;
    clock.in(afterMs, () => {
      if (!this.#lives(living)) return;
      this.#living.delete(keyOf(living.order.ref));
      const sims = this.#simulated(living, end);
      inbox.put(ended(living, { end, sims, durationMs: Math.round(clock.now().mono - living.startedMono) }));
    });
  }

  /** A rung above runs only what is missing. */
  #simulated({ order, act }: Living, end: ProcessEnd): SimsEvidence | undefined {
    if (!order.sims) return undefined;
    const { task } = order.ref;
    const cycle = this.#stage.cycle();
    const before = this.#done.get(task);
    const sims = rehearsedRung(order.sims, act, end, before?.cycle === cycle ? before.done : 0);
    this.#done.set(task, { cycle, done: sims.done });
    return sims;
  }

  #lives(living: Living): boolean {
    return this.#living.get(keyOf(living.order.ref)) === living;
  }
}

interface Ending {
  readonly end: ProcessEnd;
  readonly sims: SimsEvidence | undefined;
  readonly durationMs: number;
}

function ended({ order, act }: Living, { end: how, sims, durationMs }: Ending): AttemptEnded {
  // A simulation that fails does not fail its rung.
  const end = sims && 'code' in how ? { code: 0 } : how;
  const isClean = 'code' in end && end.code === 0;
  const bytes = encoder.encode(act.output);
  const excerpt = isClean ? undefined : excerptOf(act.output);
  return {
    type: 'attempt.ended',
    ...order.ref,
    command: order.shown,
    end,
    durationMs,
    bytes: bytes.length,
    ...(bytes.length > 0 && { sum: crc32(bytes).toString(16).padStart(8, '0') }),
    ...(excerpt !== undefined && { excerpt }),
    ...(!isClean && heapMessage(act.output) && { heapMessage: true }),
    ...(isClean && bytes.length === 0 && { log: 'none' }),
    ...(act.oomKills > 0 && { oomKills: act.oomKills }),
    ...(sims && { sims }),
    // It writes nowhere.
    ...(order.tree && !('notStarted' in end) && { writes: { files: 0 } }),
    ...(order.read.length > 0 && !('notStarted' in end) && { evidence: act.evidence }),
  };
}

function keyOf({ task, rung, attempt }: AttemptRef): string {
  return `${task}/${rung ?? 0}/${attempt}`;
}
