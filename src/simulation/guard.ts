// Protected files that somebody changes now and then: between two looks, in a rest, while nobody is there, or never.

import type { Checkpoint, ProtectedChange } from '../core/protect/event.ts';
import type { Guard, Inbox, Noted } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

const LOOKS_WITHIN_MS = 20;
const SUM = 'a1b2c3';
const CHANGED: readonly ProtectedChange[] = [{ path: 'loop.config.yaml', how: 'changed' }];
const DIFF = '--- loop.config.yaml (noted)\n+++ loop.config.yaml (now)\n@@ -1 +1 @@\n-edge > 5\n+edge > 0';

export class ScriptedGuard implements Guard {
  readonly #clock: VirtualClock;
  readonly #inbox: Inbox;
  readonly #dice: Dice;
  /** How likely it is that a file has changed since the look before. */
  readonly #share: number;
  #grown = 0;

  constructor(clock: VirtualClock, inbox: Inbox, { dice, share }: { dice: Dice; share: number }) {
    this.#clock = clock;
    this.#inbox = inbox;
    this.#dice = dice;
    this.#share = share;
  }

  note(against: Noted | undefined): void {
    const failed = this.#share > 0 && this.#dice.chance(0.02);
    const isRefused = against !== undefined && !failed && this.#share > 0 && this.#dice.chance(0.5);
    this.#clock.in(this.#dice.whole(0, LOOKS_WITHIN_MS), () =>
      this.#inbox.put({
        type: 'protect.noted',
        files: 3,
        bytes: 4096,
        sum: SUM,
        ...(isRefused && { refused: { after: 'run', changed: CHANGED, diff: DIFF } }),
        ...(failed && { failed: 'what `protect` names could not be hashed: a folder cannot be read' }),
      }),
    );
  }

  compare(at: Checkpoint, { grown }: Noted): void {
    const isChanged = this.#dice.chance(this.#share);
    const isGrown = this.#dice.chance(0.2);
    const bytes = Math.max(this.#grown, grown.get('log.txt')?.bytes ?? 0) + 1;
    if (isGrown) this.#grown = bytes;
    this.#clock.in(this.#dice.whole(0, LOOKS_WITHIN_MS), () =>
      this.#inbox.put({
        type: 'protect.answered',
        ...at,
        ...(isChanged && { changed: CHANGED, diff: DIFF }),
        ...(isGrown && { grown: [{ path: 'log.txt', bytes, sum: String(bytes) }] }),
      }),
    );
  }
}
