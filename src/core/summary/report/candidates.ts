// What became of the candidates of a search, cycle by cycle: pruned, compared with the champion, crowned.

import type { CycleEnded, Recorded } from '../../loop/event.ts';
import type { ObjectivePlan } from '../../plan/champion-plan.ts';

export interface CandidateFigures {
  /** Measured to the end: on the top rung, where there is a ladder. */
  readonly measured: number;
  readonly crowned: number;
  /** Better, and their files could not be kept. */
  readonly notKept: number;
  /** Seed by seed ahead of the champion on average, and not beyond doubt. */
  readonly close: number;
  /** Ended on a lower rung, and compared with nobody. */
  readonly pruned: number;
}

/** Sees a ledger from its end. */
export class CandidateFold {
  readonly #objective: Pick<ObjectivePlan, 'task' | 'count'> | undefined;
  #measured = 0;
  #pruned = 0;
  #close = 0;
  readonly #crowned = new Set<number>();
  readonly #notKept = new Set<number>();

  constructor(objective: Pick<ObjectivePlan, 'task' | 'count'> | undefined) {
    this.#objective = objective;
  }

  /** Null: nothing is looked for. */
  get figures(): CandidateFigures | null {
    if (!this.#objective) return null;
    return {
      measured: this.#measured,
      crowned: this.#crowned.size,
      notKept: this.#notKept.size,
      close: this.#close,
      pruned: this.#pruned,
    };
  }

  see(event: Recorded): void {
    if (event.type === 'champion.kept')
      (event.failed === undefined ? this.#crowned : this.#notKept).add(event.cycle);
    if (event.type === 'cycle.ended' && event.turn === 'cycle' && event.verdict === 'passed')
      this.#turn(event);
  }

  #turn({ cycle, tasks }: CycleEnded): void {
    const { task: id, count } = this.#objective ?? {};
    const task = tasks.find((one) => one.id === id);
    if (task?.verdict !== 'passed') return;
    if (task.prunedAt !== undefined) {
      this.#pruned += 1;
      return;
    }
    this.#measured += 1;
    const paired = count === undefined ? undefined : task.sims?.[count]?.paired;
    const isAhead = (paired?.mean ?? 0) > 0 && !this.#crowned.has(cycle) && !this.#notKept.has(cycle);
    if (isAhead) this.#close += 1;
  }
}
