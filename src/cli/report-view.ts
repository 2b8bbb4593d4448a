// The report that a run writes by itself. What makes it is loaded when it is written, beside the first task at the earliest.

import { reportPlaces, usualPlaces, USUAL_TOP, type ReportPlaces } from '../core/plan/report-place.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { ReporterPlan } from '../core/plan/plan.ts';
import { toldAs } from '../core/plan/secrets.ts';
import type { View } from '../ports.ts';
import { reportFile } from '../views/report-file.ts';
import type { Loop } from './load.ts';
import type { Here } from './world.ts';

export function reportView(loop: Loop, wanted: ReporterPlan, here: Here): View {
  const { file } = wanted;
  const usual = (file === undefined ? undefined : reportPlaces(file)) ?? usualPlaces(loop.plan.state.dir);
  return reportFile((progress, moment) => {
    const places = moment === 'closed' ? aside(usual) : usual;
    return write({ loop, wanted, here, progress, places, isHeld: moment === 'under-way' });
  });
}

/** Of a loop that was killed, by a start that writes no report of its own. */
export function writeClosed(loop: Loop, here: Here, progress: Progress): Promise<void> {
  const wanted: ReporterPlan = { name: 'report' };
  return write({ loop, wanted, here, progress, places: usualPlaces(loop.plan.state.dir), isHeld: false });
}

function aside({ markdown, html }: ReportPlaces): ReportPlaces {
  return { markdown: markdown.replace(/\.md$/, '.closed.md'), html: html.replace(/\.html$/, '.closed.html') };
}

interface Writing {
  readonly loop: Loop;
  readonly wanted: ReporterPlan;
  readonly here: Here;
  readonly progress: Progress;
  readonly places: ReportPlaces;
  readonly isHeld: boolean;
}

async function write({ loop, wanted, here, progress, places, isHeld }: Writing): Promise<void> {
  const { makeReport, resolved, textsOf, writeReport } = await import('./report.ts');
  const { clock, disk } = here.world;
  const { plan, paths, folder } = loop;
  const { by = [], top = USUAL_TOP } = wanted;
  const facts = {
    plan: toldAs(plan, here.redact),
    progress,
    isHeld,
    ...clock.now(),
    cycles: plan.state.cycles,
  };
  // What the ledger holds was scrubbed before it was recorded, so it need not be again.
  const texts = textsOf(makeReport({ disk, paths, facts, by, top }));
  const failure = writeReport(disk, texts, resolved(places, folder));
  if (failure) throw new Error(`${failure.what} could not be written: ${failure.failed}`);
}
