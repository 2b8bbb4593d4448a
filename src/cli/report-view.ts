// The report that a run writes by itself. What makes it is loaded when it is written, beside the first task at the earliest.

import { reportPlaces, usualPlaces, USUAL_TOP } from '../core/plan/report-place.ts';
import type { ReporterPlan } from '../core/plan/plan.ts';
import type { View } from '../ports.ts';
import { reportFile } from '../views/report-file.ts';
import type { Loop } from './load.ts';
import type { Here } from './world.ts';

export function reportView({ plan, folder, paths }: Loop, wanted: ReporterPlan, { world }: Here): View {
  const { file, by = [], top = USUAL_TOP } = wanted;
  const shown = (file === undefined ? undefined : reportPlaces(file)) ?? usualPlaces(plan.state.dir);
  return reportFile(async (progress, isOver) => {
    const { makeReport, resolved, textsOf, writeReport } = await import('./report.ts');
    const { clock, disk } = world;
    const facts = { plan, progress, isHeld: !isOver, ...clock.now(), cycles: plan.state.cycles };
    // What the ledger holds was scrubbed before it was recorded, so it need not be again.
    const texts = textsOf(makeReport({ disk, paths, facts, by, top }));
    const failure = writeReport(disk, texts, resolved(shown, folder));
    if (failure) throw new Error(`${failure.what} could not be written: ${failure.failed}`);
  });
}
