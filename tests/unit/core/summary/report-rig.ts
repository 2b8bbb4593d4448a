// A report of a scripted run, by the product's own fold: live for what conditions need, backwards for the rest.

import type { Plan } from '../../../../src/core/plan/plan.ts';
import { ReportFold, type Scope } from '../../../../src/core/summary/report/fold.ts';
import { reportOf, reportWishes, type Report } from '../../../../src/core/summary/report/report.ts';
import { BEGAN, type Script } from '../../views/rig.ts';

export interface Asked {
  readonly plan?: Plan | undefined;
  readonly labels?: readonly string[];
  readonly scope?: Scope;
  readonly top?: number;
  readonly isHeld?: boolean;
}

export function reported(script: Script, asked: Asked = {}): Report {
  const { plan = script.plan, labels = [], top = 10, isHeld = false } = asked;
  const { progress, mono } = script;
  const scope = asked.scope ?? { kind: 'run', run: progress.run?.id ?? '', most: 1000 };
  const facts = { plan, progress, isHeld, mono, wall: BEGAN + mono, cycles: '.gate-run/cycles', top, scope };
  const fold = new ReportFold(reportWishes(facts, { labels, scope }));
  for (const event of script.events.toReversed()) if (!fold.see(event)) break;
  return reportOf(facts, fold);
}
