// Whether the lines of a history follow one another: which numbers may be missing, and where.

import type { CycleEnded, CycleStarted, Recorded } from '../core/loop/event.ts';
import type { DamageKind } from './lines.ts';

export class Sequence {
  #seq: number;
  #open: Recorded<CycleStarted> | undefined;

  /** `seq`: of the line before the first one that is seen; 0 at the beginning of a ledger. */
  constructor(seq = 0) {
    this.#seq = seq;
  }

  /** Undefined: it may stand here. `opensSegment`: it is the first line of a file that is not the first. */
  see(event: Recorded, opensSegment: boolean): DamageKind | undefined {
    const { seq } = event;
    // The start of the history is never lost to a crash, so something else took it.
    if (this.#seq === 0 && seq !== 1) return 'start';
    // A line that stands twice, or behind a later one, is whole and yet was not written there.
    if (seq <= this.#seq) return 'order';
    const open = opensSegment ? undefined : this.#open;
    // Only inside a turn may numbers be missing: those lines stand in the file of that turn.
    if (!open && seq !== this.#seq + 1) return 'gap';
    // Every start closes the turn that it finds open, so the end of this one was taken.
    if (open && event.type === 'cycle.started') return 'gap';
    if (open && event.type === 'cycle.ended' && !isEndOf(open, event)) return 'gap';
    this.#seq = seq;
    if (event.type === 'cycle.started') this.#open = event;
    else if (event.type === 'cycle.ended') this.#open = undefined;
    return undefined;
  }
}

function isEndOf(started: CycleStarted, { cycle, turn }: CycleEnded): boolean {
  return started.cycle === cycle && started.turn === turn;
}
