// Keeps `latest.json` true: written when the state changes, never per task, so that it costs a cycle nothing. How often that is at
// most, its caller decides.

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
/** `later` may put a write off for a moment, so that events which follow one another at once cost one write. */
export function latestView(
  plan: Plan,
  replace: Replace,
  later: (deed: () => void) => void = (deed) => deed(),
): View {
  let at = '';
  let written = '';
  let due: Progress | undefined;
  let failure: unknown;
  const write = (progress: Progress) => {
    due = undefined;
    const text = `${JSON.stringify(latestOf(plan, progress, at), null, 2)}\n`;
    if (text === written) return;
    replaceOrThrow(replace, plan.state.latest, text);
    written = text;
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
      const isAsked = due !== undefined;
      due = progress;
      if (!isAsked) later(writeDue);
      if (failure !== undefined) throw failure;
    },
    close(progress: Progress) {
      if (at !== '') write(progress);
    },
  };
}
