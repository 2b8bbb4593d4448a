// After each so many cycles a backup of the ledger, made beside the run. One that fails is noted, and no reason to stop.

import type { Progress } from '../core/loop/progress.ts';
import type { Failure } from '../ports.ts';

export interface Snapshotting {
  readonly every: number;
  /** Of the ledger as it is when this is called, between turns. */
  readonly take: (progress: Progress) => Promise<Failure | undefined>;
}

export class Snapshots {
  readonly #wishes: Snapshotting;
  readonly #note: (what: string) => void;
  #work: Promise<void> | undefined;

  constructor(wishes: Snapshotting, note: (what: string) => void) {
    this.#wishes = wishes;
    this.#note = note;
  }

  /** With no turn open. While one is being made, none is begun. */
  between(progress: Progress): void {
    const { cycle, lastTurn } = progress;
    if (this.#work !== undefined || lastTurn?.turn !== 'cycle' || cycle % this.#wishes.every !== 0) return;
    this.#work = this.#wishes.take(progress).then((failure) => {
      this.#work = undefined;
      if (failure) this.#note(`there is no snapshot of cycle ${cycle}: ${failure.what} (${failure.failed})`);
    });
  }

  async settled(): Promise<void> {
    await this.#work;
  }
}
