// The carousel: a fact is accepted, else a decision is recorded and performed, else it waits. One event at a time.

import { isCurrent } from '../core/cycle/evolve.ts';
import type { PlanIndex } from '../core/cycle/plan-index.ts';
import type { Event, Recorded } from '../core/loop/event.ts';
import { evolve } from '../core/loop/evolve.ts';
import { isOfCycle } from '../core/loop/line.ts';
import { isUnderWay, next } from '../core/loop/next.ts';
import type { Now } from '../core/loop/now.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Request } from '../core/loop/request.ts';
import { checkpointKey } from '../core/protect/progress.ts';
import type { Clock, Failure, Processes, View } from '../ports.ts';
import { scrubbed } from './scrub.ts';
import type { FactInbox } from './inbox.ts';
import type { Recorder } from './ledger.ts';

/** Facts must get a hearing at least this often while much is being started. */
const YIELD_EVERY_MS = 50;
/** How long the last attempts may take to die after the storage failed. */
const ABANDON_WITHIN_MS = 10_000;

export interface Carousel {
  readonly index: PlanIndex;
  readonly request: Request;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly inbox: FactInbox;
  readonly processes: Processes;
  readonly recorder: Recorder;
  readonly views: readonly View[];
  /** Takes secrets out of a text; absent where there are none. */
  readonly redact?: ((text: string) => string) | undefined;
  /** Starts what an event decided. */
  readonly perform: (event: Recorded, progress: Progress) => void;
  /** Called before a run's end is recorded. */
  readonly ending?: (() => void) | undefined;
  /** What the start itself found out, recorded before anything else. */
  readonly found?: readonly Event[];
  /** Looks at the kill switch at once; a stop that it finds is a fact in the inbox. */
  readonly lookForStop?: (() => void) | undefined;
  /** Called when a turn has ended and is shown: what keeps the state cheap, within bounds. */
  readonly between?: ((progress: Progress, now: Now) => Failure | undefined) | undefined;
}

export interface CarouselEnd {
  readonly progress: Progress;
  readonly failure: Failure | undefined;
}

export async function runCarousel(carousel: Carousel): Promise<CarouselEnd> {
  return new Revolution(carousel).untilOver();
}

class Revolution {
  readonly #parts: Carousel;
  #progress: Progress;
  #seenViews: View[];

  constructor(parts: Carousel) {
    this.#parts = parts;
    this.#progress = parts.progress;
    this.#seenViews = [...parts.views];
  }

  async untilOver(): Promise<CarouselEnd> {
    const { clock, recorder, index, request } = this.#parts;
    let yieldedAt = clock.now().mono;
    for (const event of this.#parts.found ?? []) {
      const failure = await this.#accept(event, false);
      if (failure) return this.#abandon(failure, event);
    }
    for (;;) {
      // Facts wait until the run that they concern is there: a stop must not be spent on a run that is only closed.
      const fact = isUnderWay(this.#progress, request) ? this.#parts.inbox.take() : undefined;
      const decision = fact ? { event: fact } : next(index, request, this.#progress, clock.now());
      if (decision === 'over') return this.#end(await recorder.settle());
      if ('event' in decision) {
        if (fact === undefined && this.#isStoppedBefore(decision.event)) continue;
        const failure = await this.#accept(decision.event, fact === undefined);
        if (failure) return this.#abandon(failure, decision.event);
      } else {
        const failure = recorder.isDue ? await recorder.settle() : undefined;
        if (failure) return this.#abandon(failure);
        await clock.wait(decision.waitUntil);
      }
      if (clock.now().mono - yieldedAt < YIELD_EVERY_MS) continue;
      await clock.yield();
      yieldedAt = clock.now().mono;
    }
  }

  /** Recorded, folded, shown; a decision is then performed. */
  async #accept(event: Event, isDecision: boolean): Promise<Failure | undefined> {
    if (!isDecision && isOfCycleEvent(event) && !isCurrent(this.#progress.open, event)) return undefined;
    // Of a hook that was given up.
    if (!isDecision && event.type === 'hook.ended' && this.#progress.run?.hooks.running?.nth !== event.nth)
      return undefined;
    if (!isDecision && isStaleGuarding(event, this.#progress)) return undefined;
    const { recorder } = this.#parts;
    if (SYNCED_FIRST.has(event.type)) {
      const failure = await recorder.before(event);
      if (failure) return failure;
    }
    if (event.type === 'run.ended') this.#parts.ending?.();
    const recorded = this.#stamp(event);
    const failure = recorder.append(recorded);
    if (failure) return failure;
    this.#progress = evolve(this.#progress, recorded);
    this.#show(recorded);
    if (isDecision) this.#parts.perform(recorded, this.#progress);
    if (event.type === 'cycle.ended') return this.#parts.between?.(this.#progress, this.#parts.clock.now());
    return undefined;
  }

  /** Directly before each start, however much is being started: true when a fact has come in the meantime. */
  #isStoppedBefore({ type }: Event): boolean {
    if (type !== 'attempt.started' && type !== 'cycle.started') return false;
    this.#parts.lookForStop?.();
    return this.#parts.inbox.hasFact;
  }

  #stamp(event: Event): Recorded {
    const { clock, request, redact } = this.#parts;
    const now = clock.now();
    const run = event.type === 'run.started' ? request.run : (this.#progress.run?.id ?? request.run);
    const at = new Date(now.wall).toISOString();
    const stamp = {
      v: 1,
      seq: this.#progress.seq + 1,
      type: event.type,
      at,
      mono: Math.round(now.mono),
      run,
    } as const;
    // In this order, so that lines read alike; `type` stands in front although it is the event's own.
    return Object.assign(stamp, redact ? scrubbed(event, redact) : event);
  }

  #show(event: Recorded): void {
    for (const view of this.#seenViews) {
      try {
        view.see(event, this.#progress);
      } catch (error) {
        // A view must not end a night's run; it is heard no more, and the ledger says so.
        this.#seenViews = this.#seenViews.filter((one) => one !== view);
        this.#parts.inbox.put({ type: 'noted', what: `a view failed: ${String(error)}` });
      }
    }
  }

  /** Nothing can be recorded any more, so nothing may go on: end what runs, and leave the ledger as it is. */
  async #abandon(failure: Failure, refused?: Event): Promise<CarouselEnd> {
    const { clock, inbox, processes } = this.#parts;
    const event = this.#stamp({ type: 'storage.failed', code: failure.failed, what: failure.what });
    this.#parts.recorder.lastWords?.(event);
    this.#progress = evolve(this.#progress, event);
    this.#show(event);
    const cycle = this.#progress.open;
    const running = new Set(cycle?.running);
    // What could not be recorded has happened all the same.
    if (refused?.type === 'attempt.ended') running.delete(refused.task);
    for (const id of running) {
      const task = cycle?.tasks.get(id);
      if (task)
        processes.signal(
          { task: id, attempt: task.attempt, ...(task.rung !== undefined && { rung: task.rung }) },
          'KILL',
        );
    }
    const until = clock.now().mono + ABANDON_WITHIN_MS;
    while (running.size > 0 && clock.now().mono < until) {
      const fact = inbox.take();
      if (fact?.type === 'attempt.ended') running.delete(fact.task);
      else if (!fact) await clock.wait(until);
    }
    return this.#end(failure);
  }

  #end(failure: Failure | undefined): CarouselEnd {
    this.#parts.recorder.close();
    return { progress: this.#progress, failure };
  }
}

function isOfCycleEvent(
  event: Event,
): event is Extract<Event, { task: string; type: `${'attempt' | 'task'}.${string}` }> {
  return isOfCycle(event.type) && 'task' in event;
}

/** Of a question about protected files, or about the work tree, that nobody asks any more. */
function isStaleGuarding(event: Event, { run, open }: Progress): boolean {
  if (event.type === 'protect.noted') return run?.protect !== 'noting';
  if (event.type === 'receipts.told') return open?.receipts !== 'asked';
  return event.type === 'protect.answered' && open?.guard.asked !== checkpointKey(event);
}

/** Only these have something that must be durable before them; all others skip a promise. */
const SYNCED_FIRST: ReadonlySet<Event['type']> = new Set([
  'cycle.started',
  'cycle.ended',
  'attempt.started',
  'run.resumed',
]);
