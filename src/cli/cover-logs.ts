// Has long logs looked through for tokens while a run has nothing better to do, and what a dead run left before it goes on.

import type { Plan } from '../core/plan/plan.ts';
import type { View } from '../ports.ts';
import { coverNoted, hasUncovered } from '../system/uncovered.ts';

/** A single cycle is not held up by its own log: the next start looks at it. */
export function coveringView({ loop }: Plan, cycles: string): View {
  let work: Promise<void> | undefined;
  const cover = (): void => {
    if (work !== undefined || !hasUncovered(cycles)) return;
    const done = (): void => {
      work = undefined;
    };
    // Where the disk takes nothing the list stays for the next start.
    work = coverNoted(cycles).then(done, done);
  };
  return {
    see: ({ type }) => {
      const isStart = type === 'run.started' || type === 'run.resumed';
      if (isStart || (type === 'cycle.ended' && loop.mode !== 'once')) cover();
    },
    close: async () => {
      await work;
      if (loop.mode !== 'once') cover();
      await work;
    },
  };
}
