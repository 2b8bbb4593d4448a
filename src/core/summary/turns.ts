// The turns that a report of a run is about: the phases at its start, its last cycle, the phases at its end.

import type { PlanIndex } from '../cycle/plan-index.ts';
import type { CycleEnded, Recorded } from '../loop/event.ts';
import type { Progress } from '../loop/progress.ts';
import { summaryOfEnded, summaryOfOpen } from './summary.ts';
import type { Summary } from './summary.ts';

/** An earlier cycle gives way to the next one, so that a run of ten thousand cycles keeps three turns. */
export function keptTurns(before: readonly CycleEnded[], event: Recorded): readonly CycleEnded[] {
  // What came before is the end of a run that a crash had left without one.
  if (event.type === 'run.started') return [];
  // A confirmation is about a cycle of old, and judges nothing of this run.
  if (event.type !== 'cycle.ended' || event.turn === 'confirm') return before;
  return [...before.filter((turn) => turn.turn !== event.turn), event];
}

/** With the turn under way, if there is one: a report may be written in the middle. */
export function summaries(kept: readonly CycleEnded[], progress: Progress, index: PlanIndex): Summary[] {
  const open = progress.open?.turn === 'confirm' ? undefined : progress.open;
  const finished = kept.filter((turn) => turn.turn !== open?.turn).map(summaryOfEnded);
  return open ? [...finished, summaryOfOpen(open, index)] : finished;
}
