// Keeps `latest.json` true: written when the state changes, never per task, and a few times a second at most, so that it costs a
// cycle nothing.

import type { Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { latestOf } from '../core/summary/latest.ts';
import type { View } from '../ports.ts';
import { replaceOrThrow } from './replace.ts';
import type { Replace } from './replace.ts';

const MOMENTS: ReadonlySet<Recorded['type']> = new Set([
  'run.started',
  'run.resumed',
  'cycle.started',
  'cycle.ended',
  'rest.started',
  'rest.ended',
  'stop.seen',
  'storage.failed',
  'run.ended',
]);
/** What a monitor must not learn late, and what does not come often. */
const URGENT: ReadonlySet<Recorded['type']> = new Set(['stop.seen', 'storage.failed', 'run.ended']);
/** Cycles of some milliseconds would else write as often as they end. */
const WRITE_EVERY_MS = 250;

/** Does it after so many milliseconds, and lets the process end before. */
export type Later = (deed: () => void, afterMs: number) => void;

/** `later` puts every write off a little, so that events which follow one another at once cost one write. */
export function latestView(plan: Plan, replace: Replace, later: Later = (deed) => deed()): View {
  let at = '';
  let written = '';
  let writtenMono = Number.NEGATIVE_INFINITY;
  let due: Progress | undefined;
  let isUrgent = false;
  let failure: unknown;
  const write = (progress: Progress) => {
    due = undefined;
    isUrgent = false;
    const text = `${JSON.stringify(latestOf(plan, progress, at), null, 2)}\n`;
    if (text === written) return;
    replaceOrThrow(replace, plan.state.latest, text);
    written = text;
    writtenMono = progress.mono;
  };
  const writeDue = () => {
    try {
      if (due) write(due);
    } catch (error) {
      failure = error;
    }
  };
  return {
    see(event: Recorded, progress: Progress) {
      // Thrown here, where the engine takes it from a view, and not where nobody does.
      if (failure !== undefined) throw failure;
      at = event.at;
      if (!MOMENTS.has(event.type)) return;
      const isHurried = URGENT.has(event.type) && !isUrgent;
      const isAsked = due !== undefined && !isHurried;
      due = progress;
      isUrgent ||= isHurried;
      const afterMs = isHurried ? 0 : Math.max(0, writtenMono + WRITE_EVERY_MS - event.mono);
      if (!isAsked) later(writeDue, afterMs);
      if (failure !== undefined) throw failure;
    },
    close(progress: Progress) {
      if (at !== '') write(progress);
    },
  };
}
