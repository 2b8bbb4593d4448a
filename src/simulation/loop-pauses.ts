// What must hold of the pauses between cycles: which is due, that it lasts as long as it was meant to, and what ends it.

import type { Recorded, RestStarted } from '../core/loop/event.ts';
import type { ProtectNoted } from '../core/protect/event.ts';
import { tamperingText } from '../core/protect/words.ts';
import type { LoopWitness } from './loop-invariants.ts';
import { marksAreSaid } from './loop-marks.ts';
import type { Pause, RunModel } from './loop-model.ts';
import { dueRest } from './loop-rests.ts';

/** Starts in a row without a finished cycle; then there is a pause. */
const MOST_STARTS = 20;
/** A pause by the calendar may see only so late that the wall clock was set. */
const WALL_LOOK_MS = 60_000;
/** By so much a clock that is set back may prolong a pause. */
export const LATEST_MS: number = 3 * 3_600_000;

export function restStarted(witness: LoopWitness, event: Recorded<RestStarted>): void {
  const { run } = witness;
  if (!run || witness.open || run.pause)
    return witness.say(`a pause began where none may (seq ${event.seq})`);
  const due = run.due(witness.best, event.mono - witness.slackMs);
  if (due !== undefined && due !== 'try again')
    witness.say(`a pause began, though ${due.reason} (${due.rule}) was due`);
  const expected = restDue(witness, run, Date.parse(event.at), due === 'try again');
  if (expected !== 'unknown') {
    const said = `${event.cause} ${event.forMs} by ${event.by}`;
    const wanted = expected && `${expected.cause} ${expected.forMs} by ${expected.by}`;
    if (said !== wanted)
      witness.say(`the pause behind cycle ${witness.cycle} is ${said}, by the model ${wanted ?? 'none'}`);
  }
  if (Date.parse(event.until) - Date.parse(event.at) !== event.forMs)
    witness.say(`a pause until ${event.until} is not ${event.forMs} long`);
  marksAreSaid(witness, run, event.mono);
  if (event.cause === 'half-open') [run.tries, run.isTryOpen] = [run.tries + 1, true];
  if (event.cause === 'restarts') witness.startsInARow = 0;
  run.owed = undefined;
  const { mono, forMs } = event;
  const dueMono = mono + forMs + (event.by === 'mono' ? 0 : LATEST_MS);
  run.pause = { by: event.by, until: Date.parse(event.until), fromMono: mono, leftMs: forMs, dueMono };
}

export function restDue(
  witness: LoopWitness,
  run: RunModel,
  wall: number,
  isTry: boolean,
): ReturnType<typeof dueRest> {
  const { plan, owed: last } = run;
  if (isTry) return { cause: 'half-open', by: 'mono', forMs: plan.ends.halfOpen?.afterMs ?? 0 };
  if (plan.loop.mode === 'once') return undefined;
  const { maxMs } = plan.loop.backoff;
  if (witness.startsInARow > MOST_STARTS && maxMs > 0) return { cause: 'restarts', by: 'mono', forMs: maxMs };
  if (!last) return undefined;
  const { nextFire } = witness.told;
  return dueRest({ plan, run: run.id, tally: run.tally, last, wall, nextFire });
}

export function restEnded(witness: LoopWitness, event: Recorded): void {
  const { run } = witness;
  const pause = run?.pause;
  if (!run || !pause) return witness.say(`a pause ended that had not begun (seq ${event.seq})`);
  if (pause.by === 'mono' && event.mono < pause.dueMono)
    witness.say(`a pause was cut short by ${pause.dueMono - event.mono} ms (seq ${event.seq})`);
  if (pause.by === 'wall') byTheCalendar(witness, pause, event);
  noLaterThanItsTime(witness, run, event.mono);
  run.pause = undefined;
  run.owed = undefined;
}

/** A clock that is set moves the end of such a pause, within bounds. */
function byTheCalendar(
  witness: LoopWitness,
  { until, fromMono, leftMs }: Pause,
  { at, mono }: Recorded,
): void {
  const lateByWall = Date.parse(at) - until;
  const lateByMono = mono - fromMono - leftMs;
  if (lateByWall < 0 && lateByMono < LATEST_MS)
    witness.say(`a pause ended ${-lateByWall} ms before its time`);
  const late = Math.min(lateByWall, lateByMono);
  if (lateByMono > LATEST_MS + witness.slackMs) witness.say(`a pause ended ${lateByMono} ms after its time`);
  else if (late > WALL_LOOK_MS + witness.slackMs) witness.say(`a pause ended ${late} ms after its time`);
}

/** A budget of run time ends a pause when it is spent. */
export function noLaterThanItsTime(witness: LoopWitness, run: RunModel, mono: number): void {
  // An expression is asked now and then only.
  const looksMs = run.plan.ends.when ? WALL_LOOK_MS : 0;
  const late = mono - witness.slackMs - looksMs - 1;
  if (late < Math.max(run.pause?.fromMono ?? 0, run.pause?.heldMono ?? 0)) return;
  const due = run.due(witness.best, late);
  if (run.stop === undefined && due !== undefined && due !== 'try again')
    witness.say(`run ${run.id} was over (${due.rule}) and went on resting`);
}

/** A hook inside the pause was waited for, and nothing else could come before its end. */
export function heldUntil(pause: Pause, mono: number): void {
  pause.heldMono = mono;
  pause.dueMono = Math.max(pause.dueMono, mono);
}

/** Of protected files: a pause is held until they were looked at. */
export function noted(run: RunModel, { failed, refused, mono }: Recorded<ProtectNoted>): void {
  run.isUnnoted = failed !== undefined;
  run.refused = refused && tamperingText(refused);
  if (run.pause) heldUntil(run.pause, mono);
}
