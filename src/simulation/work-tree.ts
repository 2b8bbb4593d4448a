// A work tree that moves in most cycles, stands still for some, and cannot be looked at now and then.

import type { Inbox, WorkTree } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

const LOOKS_WITHIN_MS = 50;

export class ScriptedWorkTree implements WorkTree {
  readonly #clock: VirtualClock;
  readonly #inbox: Inbox;
  readonly #dice: Dice;

  constructor(clock: VirtualClock, inbox: Inbox, dice: Dice) {
    this.#clock = clock;
    this.#inbox = inbox;
    this.#dice = dice;
  }

  look(since: string | undefined): void {
    const tree = `tree ${this.#dice.whole(1, 2)}`;
    const head = since === undefined || this.#dice.chance(0.1) ? `commit ${this.#dice.whole(1, 9)}` : since;
    const told = this.#dice.chance(0.1) ? { failed: 'git did not answer' } : { tree, head };
    this.#clock.in(this.#dice.whole(0, LOOKS_WITHIN_MS), () =>
      this.#inbox.put({ type: 'receipts.told', ...told }),
    );
  }
}
