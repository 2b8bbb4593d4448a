// Virtual time: waiting jumps to whatever is due next. A wait for nothing is a deadlock, and says so.

import type { Now } from '../core/loop/now.ts';
import type { Clock } from '../ports.ts';

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export class VirtualClock implements Clock {
  #mono: number;
  #wall: number;
  #due: Due[] = [];
  #order = 0;
  #isWoken = false;
  #stalledMs = 0;

  /** `mono`: what the monotonic clock shows at the start; small after a reboot of the machine. */
  constructor(wall: number = Date.UTC(2026, 1, 10, 6, 30), mono: number = 0) {
    this.#mono = mono;
    this.#wall = wall - mono;
  }

  now(): Now {
    return { wall: this.#wall + this.#mono, mono: this.#mono };
  }

  /** The wall clock is set; durations must not notice. */
  setWall(byMs: number): void {
    this.#wall += byMs;
  }

  /** Time passes in which nothing here can happen: a slow disk, a machine that sleeps. */
  stall(forMs: number): void {
    this.#mono += forMs;
    this.#stalledMs += forMs;
  }

  get stalledMs(): number {
    return this.#stalledMs;
  }

  in(delayMs: number, act: () => void): void {
    this.#order += 1;
    this.#due.push({ at: this.#mono + delayMs, order: this.#order, act });
  }

  async wait(until: number | undefined): Promise<void> {
    if (this.#isWoken) {
      this.#isWoken = false;
      return;
    }
    const next = this.#earliest();
    if (next && (until === undefined || next.at <= until)) {
      this.#due = this.#due.filter((due) => due !== next);
      this.#mono = Math.max(this.#mono, next.at);
      next.act();
      this.#isWoken = false;
      return;
    }
    if (until === undefined) throw new Error('bug: the engine waits for a fact that cannot come');
    this.#mono = Math.max(this.#mono, until);
  }

  wake(): void {
    this.#isWoken = true;
  }

  async yield(): Promise<void> {
    // Facts come only while somebody waits.
  }

  #earliest(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#due) {
      if (!first || due.at < first.at || (due.at === first.at && due.order < first.order)) first = due;
    }
    return first;
  }
}
