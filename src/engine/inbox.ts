// One inbox for all facts, in the order they came.

import type { Event } from '../core/loop/event.ts';
import type { Inbox } from '../ports.ts';

export class FactInbox implements Inbox {
  #facts: Event[] = [];
  #taken = 0;
  readonly #wake: () => void;

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  put(fact: Event): void {
    this.#facts.push(fact);
    this.#wake();
  }

  take(): Event | undefined {
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
