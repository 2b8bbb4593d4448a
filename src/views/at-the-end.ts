// A view that says nothing until the run is over, and then says it once, on every path.

import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import { keptTurns } from '../core/summary/turns.ts';
import type { View } from '../ports.ts';

export function atTheEnd(report: (progress: Progress, turns: readonly CycleEnded[]) => void): View {
  let turns: readonly CycleEnded[] = [];
  let isWritten = false;
  return {
    see(event: Recorded) {
      turns = keptTurns(turns, event);
    },
    close(progress: Progress) {
      if (isWritten) return;
      isWritten = true;
      report(progress, turns);
    },
  };
}
