// One inbox for all facts, in the order they came; and for a bug found where nobody could catch it.

import type { Event } from '../core/loop/event.ts';
import type { Inbox } from '../ports.ts';

export class FactInbox implements Inbox {
  #facts: Event[] = [];
  #taken = 0;
  #bug: { readonly error: unknown } | undefined;
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  put(fact: Event): void {
    this.#facts.push(fact);
    this.#wake();
  }

  /** The next `take` throws it, so that it goes the way of every bug: all that runs is ended first. */
  fail(error: unknown): void {
    this.#bug ??= { error };
    this.#wake();
  }

  get hasFact(): boolean {
    return this.#bug !== undefined || this.#taken < this.#facts.length;
  }

  /** What nobody will take any more. */
  left(): readonly Event[] {
    return this.#facts.slice(this.#taken);
  }

  take(): Event | undefined {
    if (this.#bug) throw this.#bug.error;
    const fact = this.#facts[this.#taken];
    if (!fact) {
      this.#facts = [];
      this.#taken = 0;
      return undefined;
    }
    this.#taken += 1;
    return fact;
  }
}
