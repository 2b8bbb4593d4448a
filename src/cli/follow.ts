// What `--follow` shares: the state again and again, until nobody carries the run on.

import { realClock } from '../system/clock.ts';
import { isHeld } from '../system/owner.ts';
import type { CommandRequest } from './request.ts';
import { readAgain, type State } from './state.ts';

const LOOK_EVERY_MS = 300;
/** A start names its holder beside its first task: one that is not named yet is not gone. */
const LOOKS_WITHOUT_HOLDER = 4;

/** `tell` is called once more after the end, so that nothing is left out; it may end the following itself, by true. */
export async function whileRunning(
  request: CommandRequest,
  first: State,
  tell: (state: State) => boolean | void,
): Promise<number> {
  const clock = realClock();
  let state = first;
  let unheld = 0;
  for (;;) {
    unheld = isHeld(state.paths.stateDir) === false ? unheld + 1 : 0;
    const isOver = state.progress.run?.ended !== undefined || unheld === LOOKS_WITHOUT_HOLDER;
    if (tell(state) === true || isOver || request.isGone?.() === true) return 0;
    await clock.wait(clock.now().mono + LOOK_EVERY_MS);
    const next = readAgain(request, state);
    if (typeof next === 'number') return next;
    state = next;
  }
}
