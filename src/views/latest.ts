// Keeps `latest.json` true: written when the state changes, never per task, so that it costs a cycle nothing.

import type { Recorded } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Plan } from '../core/plan/plan.ts';
import { latestOf } from '../core/summary/latest.ts';
import type { View } from '../ports.ts';
import { replaceOrThrow } from './replace.ts';
import type { Replace } from './replace.ts';

const MOMENTS: ReadonlySet<Recorded['type']> = new Set([
  'run.started',
  'cycle.started',
  'cycle.ended',
  'stop.seen',
  'storage.failed',
  'run.ended',
]);

export function latestView(plan: Plan, replace: Replace): View {
  let at = '';
  let written = '';
  const write = (progress: Progress) => {
    const text = `${JSON.stringify(latestOf(plan, progress, at), null, 2)}\n`;
    if (text === written) return;
    replaceOrThrow(replace, plan.state.latest, text);
    written = text;
  };
  return {
    see(event: Recorded, progress: Progress) {
      at = event.at;
      if (MOMENTS.has(event.type)) write(progress);
    },
    close(progress: Progress) {
      if (at !== '') write(progress);
    },
  };
}
