// After each so many cycles a backup of the ledger, made beside the run. One that fails is noted, and no reason to stop.

import type { Progress } from '../core/loop/progress.ts';
import type { Failure } from '../ports.ts';

export interface Snapshotting {
  readonly every: number;
  /** Of the ledger as it is when this is called, between turns. */
  readonly take: (progress: Progress, over: AbortSignal) => Promise<Failure | undefined>;
}

export class Snapshots {
  readonly #wishes: Snapshotting;
  readonly #note: (what: string) => void;
  readonly #over: AbortSignal;
  #work: Promise<void> | undefined;

  /** `over`: nobody waits for one any more. */
  constructor(wishes: Snapshotting, { note, over }: { note: (what: string) => void; over: AbortSignal }) {
    this.#wishes = wishes;
    this.#note = note;
    this.#over = over;
  }

  /** With no turn open. While one is being made, none is begun. */
  between(progress: Progress): void {
    const { cycle, lastTurn } = progress;
    if (this.#work !== undefined || lastTurn?.turn !== 'cycle' || cycle % this.#wishes.every !== 0) return;
    this.#work = this.#wishes.take(progress, this.#over).then((failure) => {
      this.#work = undefined;
      if (failure && !this.#over.aborted)
        this.#note(`there is no snapshot of cycle ${cycle}: ${failure.what} (${failure.failed})`);
    });
  }

  /** The one under way, if there is one. */
  get work(): Promise<void> | undefined {
    return this.#work;
  }
}
