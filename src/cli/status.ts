// `gate-run status`: what is going on here, or how it ended. `--running` answers by exit code alone; `--watch N` repeats.

import { statusOf } from '../core/summary/status.ts';
import type { Status } from '../core/summary/status.ts';
import { realClock } from '../system/clock.ts';
import { isHeld } from '../system/owner.ts';
import { statusText } from '../views/status.ts';
import type { CommandRequest } from './request.ts';
import { diskOf, signsOfLife } from './signs.ts';
import { countOf, openState, refuse, takeFlags } from './state.ts';

const RUNNING = 0;
const NOT_RUNNING = 1;
const MILLISECONDS = 1000;
/** Cursor to the first corner, and the screen behind it cleared (ECMA-48: CUP, ED). */
const FROM_THE_TOP = '\u001B[H\u001B[J';

export async function status(request: CommandRequest): Promise<number> {
  const { flags, rest, problem } = takeFlags(request.args, { running: 'none', watch: 'value' });
  const every = flags.watch === undefined ? undefined : countOf(flags.watch);
  if (problem !== undefined) return refuse(request, 'status', problem);
  if (rest.length > 0) return refuse(request, 'status', `takes no words, not \`${rest.join(' ')}\``);
  if (flags.watch !== undefined && every === undefined) {
    return refuse(request, 'status', `--watch takes whole seconds from 1, not \`${flags.watch}\``);
  }
  const once = () => show(request, flags.running !== undefined);
  if (every === undefined) return once();
  const clock = realClock();
  // Until a person ends it: nothing is held open, so that an interrupt loses nothing.
  for (;;) {
    if (request.isScreen === true) request.write(FROM_THE_TOP);
    const exit = await once();
    if (exit !== RUNNING || request.isGone?.() === true) return exit;
    if (request.isScreen !== true) request.write('\n');
    await clock.wait(clock.now().mono + every * MILLISECONDS);
  }
}

async function show(request: CommandRequest, exitOnly: boolean): Promise<number> {
  const state = await openState(request);
  if (typeof state === 'number') return state;
  const { plan, progress, paths, shown } = state;
  const now = realClock().now();
  const facts = { plan, progress, isHeld: isHeld(paths.stateDir), ...now, cycles: shown.cycles };
  if (exitOnly) return isRunning(statusOf(facts)) ? RUNNING : NOT_RUNNING;
  const found = statusOf({ ...facts, signs: signsOfLife(state, now.wall), disk: diskOf(state) });
  if (request.json) request.write(`${JSON.stringify(found, null, 2)}\n`);
  else request.write(statusText(found, { plan, color: request.color, wall: now.wall }));
  return 0;
}

/** A run that rests is under way too: somebody holds the lock. */
function isRunning({ state }: Status): boolean {
  return state !== 'none' && state !== 'crashed' && state !== 'ended';
}
