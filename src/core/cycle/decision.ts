// What a decision is: one event, or until when there is nothing to decide.

import type { Event } from '../loop/event.ts';

export type Decision = { readonly event: Event } | Wait;

/** Monotonic milliseconds; undefined: until a fact arrives. */
export interface Wait {
  readonly waitUntil: number | undefined;
}

/** Gathers the earliest time at which something will have to be decided. */
export class Alarm {
  #at: number | undefined;

  /** Whether `mono` has come; if not, it is remembered. */
  isDue(mono: number | undefined, now: number): boolean {
    if (mono === undefined) return false;
    if (now >= mono) return true;
    this.#at = this.#at === undefined ? mono : Math.min(this.#at, mono);
    return false;
  }

  get wait(): Wait {
    return { waitUntil: this.#at };
  }
}
