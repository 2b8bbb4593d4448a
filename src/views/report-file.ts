// Keeps the report on disk at what the fold says: from a run's beginning on, so that a report of an earlier run never stands
// for this one, between two cycles now and then, and at the end on every path.

import type { Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { View } from '../ports.ts';

/** Resolves when both files are there; `isOver`: nothing will come any more. */
export type WriteReport = (progress: Progress, isOver: boolean) => Promise<void>;

/** While a run goes on it is renewed at most so often, */
const RENEW_MS = 600_000;
/** and only while that is a matter of well under a second. */
const RENEWED_CYCLES = 5_000;

export function reportFile(write: WriteReport): View {
  let writtenMono = Number.NEGATIVE_INFINITY;
  let writing: Promise<void> | undefined;
  const renew = (progress: Progress): void => {
    writtenMono = progress.mono;
    // Beside what runs; a failure here is told by the last one, which meets it too.
    writing = (writing ?? Promise.resolve()).then(() => write(progress, false)).catch(() => undefined);
  };
  return {
    see(event: Recorded, progress: Progress): void {
      if (isNews(event)) renew(progress);
      else if (event.type === 'rest.started' && event.mono - writtenMono >= RENEW_MS) {
        if ((progress.run?.cycles ?? 0) <= RENEWED_CYCLES) renew(progress);
      }
    },
    async close(progress: Progress): Promise<void> {
      await writing;
      await write(progress, true);
    },
  };
}

/** A run begins, is carried on, or is closed by a later start. */
function isNews(event: Recorded): boolean {
  return (
    event.type === 'run.started' ||
    event.type === 'run.resumed' ||
    (event.type === 'run.ended' && event.reason === 'interrupted')
  );
}
