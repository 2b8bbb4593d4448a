// Scripted hooks: they end after a while, say too much, hang until they are told to end, or never end at all.

import type { HookEnded } from '../core/loop/hook-event.ts';
import type { HookOrder, Hooks, Inbox } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

const ENDS_WITHIN_MS = 50;

export class ScriptedHooks implements Hooks {
  readonly #clock: VirtualClock;
  readonly #inbox: Inbox;
  readonly #dice: Dice;
  #end: ((how: HookEnded['how'], code?: number) => void) | undefined;
  #isDeaf = false;

  constructor(clock: VirtualClock, inbox: Inbox, dice: Dice) {
    this.#clock = clock;
    this.#inbox = inbox;
    this.#dice = dice;
  }

  start({ nth, hook }: HookOrder): void {
    const from = this.#clock.now().mono;
    let isOver = false;
    const end = (how: HookEnded['how'], code?: number) => {
      if (isOver) return;
      isOver = true;
      const durationMs = this.#clock.now().mono - from;
      this.#inbox.put({
        type: 'hook.ended',
        nth,
        hook,
        how,
        durationMs,
        ...(code !== undefined && { code }),
      });
    };
    this.#end = end;
    this.#isDeaf = this.#dice.chance(0.1);
    const how = this.#dice.pick(['exited', 'exited', 'exited', 'hangs', 'not-started', 'too-long'] as const);
    if (how === 'hangs') return;
    const code = how === 'exited' ? this.#dice.pick([0, 0, 1]) : undefined;
    this.#clock.in(this.#dice.whole(0, 2000), () => end(how, code));
  }

  stop(): void {
    const end = this.#end;
    if (!this.#isDeaf) this.#clock.in(this.#dice.whole(1, ENDS_WITHIN_MS), () => end?.('killed'));
  }
}
