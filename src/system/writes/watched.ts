// An attempt whose task has `writes`, between two looks at the tree: one before its command starts, one behind its end.

import type { AttemptEnded } from '../../core/cycle/event.ts';
import type { ProcessEnd, StopCause } from '../../core/judge/evidence.ts';
import type { Inbox, Order, TreeOrder } from '../../ports.ts';
import type { Workshop } from '../attempt.ts';
import type { TreeKeeper } from './keeper.ts';

/** What runs in between. */
interface Inner {
  start(): unknown;
  signal(signal: 'SIGTERM' | 'SIGKILL', cause: StopCause | undefined): void;
}

export interface Watching {
  readonly shop: Workshop;
  readonly order: Order;
  readonly tree: TreeOrder;
  readonly keeper: TreeKeeper;
  readonly over: () => void;
  /** `inbox`: where its end goes, before others hear of it. */
  readonly make: (inbox: Inbox, over: () => void) => Inner;
}

export class WatchedAttempt {
  readonly #parts: Watching;
  readonly #startedMono: number;
  #inner: Inner | undefined;
  #signal: 'SIGTERM' | 'SIGKILL' | undefined;

  constructor(parts: Watching) {
    this.#parts = parts;
    this.#startedMono = parts.shop.clock.now().mono;
  }

  async start(): Promise<void> {
    const { keeper, order, tree, make } = this.#parts;
    const refused = await keeper.before(order, tree);
    if (refused) return this.#endUnbegun(refused);
    // While the tree was noted, nothing was there yet that could be signalled.
    if (this.#signal !== undefined) return this.#endUnbegun({ signal: this.#signal });
    this.#inner = make({ put: (fact) => this.#heard(fact) }, () => undefined);
    await this.#inner.start();
  }

  signal(signal: 'SIGTERM' | 'SIGKILL', cause: StopCause | undefined): void {
    this.#signal = signal;
    this.#inner?.signal(signal, cause);
  }

  #heard(fact: Parameters<Inbox['put']>[0]): void {
    const { inbox } = this.#parts.shop;
    if (fact.type !== 'attempt.ended') inbox.put(fact);
    else void this.#ended(fact);
  }

  async #ended(ended: AttemptEnded): Promise<void> {
    const { shop, keeper, over } = this.#parts;
    const { end } = ended;
    const hasRun = 'code' in end || 'signal' in end;
    shop.inbox.put(hasRun ? await keeper.after(ended) : ended);
    over();
  }

  #endUnbegun(end: ProcessEnd): void {
    const { shop, order, over } = this.#parts;
    const { task, rung, attempt } = order.ref;
    const durationMs = Math.round(shop.clock.now().mono - this.#startedMono);
    shop.inbox.put({
      type: 'attempt.ended',
      task,
      ...(rung !== undefined && { rung }),
      attempt,
      end,
      command: order.shown,
      durationMs,
      bytes: 0,
      log: 'none',
      ...('signal' in end && { writes: { files: 0 } }),
    });
    if ('storage' in end) shop.inbox.put({ type: 'stop.seen', by: 'storage', now: true });
    over();
  }
}
