// The run for programs: one object at the end, or each event as a line while it happens.

import type { Recorded } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import { resultOf } from '../core/summary/result.ts';
import type { Sink, View } from '../ports.ts';
import { atTheEnd } from './at-the-end.ts';

/** Owns stdout: one object, written once, on every path. */
export function jsonView(plan: Plan, sink: Pick<Sink, 'write'>): View {
  return atTheEnd((progress, turns) =>
    sink.write(`${JSON.stringify(resultOf(plan, progress, turns), null, 2)}\n`),
  );
}

export function jsonLinesView(sink: Pick<Sink, 'write'>): View {
  return {
    see(event: Recorded) {
      sink.write(`${JSON.stringify(event)}\n`);
    },
    close() {},
  };
}
