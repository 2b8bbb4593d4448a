// Keeps the report on disk at what the fold says: from a run's beginning on, so that a report of an earlier run never stands
// for this one, between two cycles now and then, and at the end on every path.

import type { Event, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { View } from '../ports.ts';

/**
 * `closed`: of a run that was killed, which this start closes and does not carry on; it gets a place of its own, because the
 * report of the run that follows takes the usual one.
 */
export type ReportMoment = 'under-way' | 'over' | 'closed';

/** Resolves when both files are there. */
export type WriteReport = (progress: Progress, moment: ReportMoment) => Promise<void>;

/** While a run goes on it is renewed at most so often, */
const RENEW_MS = 600_000;
/** and only while that is a matter of well under a second. */
const RENEWED_CYCLES = 5_000;

/** Behind one of these something runs, or nothing will for a while: nobody waits for the report. */
const QUIET: ReadonlySet<Event['type']> = new Set(['attempt.started', 'cycle.ended', 'rest.started']);

export function reportFile(write: WriteReport): View {
  let writtenMono = Number.NEGATIVE_INFINITY;
  let isBehind = false;
  let writing = Promise.resolve();
  // Beside what runs; a failure here is told at the end, by the last one, which meets it too.
  const begin = (progress: Progress, moment: ReportMoment): void => {
    writing = writing.then(() => write(progress, moment)).catch(() => undefined);
  };
  return {
    see(event: Recorded, progress: Progress): void {
      if (event.type === 'run.ended' && event.reason === 'interrupted') begin(progress, 'closed');
      isBehind ||= event.type === 'run.started' || (event.type === 'run.resumed' && event.goesOn);
      const isDue = event.type === 'rest.started' && event.mono - writtenMono >= RENEW_MS;
      const isQuick = (progress.run?.cycles ?? 0) <= RENEWED_CYCLES;
      if (!(isBehind && QUIET.has(event.type)) && !(isDue && isQuick)) return;
      isBehind = false;
      writtenMono = event.mono;
      begin(progress, 'under-way');
    },
    async close(progress: Progress): Promise<void> {
      await writing;
      await write(progress, 'over');
    },
  };
}
