// The run for programs: one object at the end, or each event as a line while it happens.

import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { resultOf } from '../core/summary/result.ts';
import { keptTurns } from '../core/summary/turns.ts';
import type { Sink, View } from '../ports.ts';

/** Owns stdout: one object, written once, on every path. */
export function jsonView(plan: Plan, sink: Pick<Sink, 'write'>): View {
  let turns: readonly CycleEnded[] = [];
  let isWritten = false;
  return {
    see(event: Recorded) {
      turns = keptTurns(turns, event);
    },
    close(progress: Progress) {
      if (isWritten) return;
      isWritten = true;
      sink.write(`${JSON.stringify(resultOf(plan, progress, turns), null, 2)}\n`);
    },
  };
}

export function jsonLinesView(sink: Pick<Sink, 'write'>): View {
  return {
    see(event: Recorded) {
      sink.write(`${JSON.stringify(event)}\n`);
    },
    close() {},
  };
}
