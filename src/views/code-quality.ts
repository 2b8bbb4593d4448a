// What a run found, in the form of GitLab's code quality reports: a list that a merge request shows beside the lines it changes.
// https://docs.gitlab.com/ci/testing/code_quality/

import type { Plan } from '../core/plan/plan.ts';
import type { View } from '../ports.ts';
import { finderOf } from './found.ts';
import type { AllFound, Found, FoundOptions } from './found.ts';
import { renewedFile } from './renewed-file.ts';
import type { Replace } from './replace.ts';

export interface CodeQualityOptions extends FoundOptions {
  readonly file: string;
  readonly replace: Replace;
}

const SEVERITY: Readonly<Record<Found['verdict'], string>> = {
  'soft-failed': 'minor',
  failed: 'major',
  broken: 'critical',
  unfinished: 'blocker',
};

export function codeQualityView(plan: Plan, options: CodeQualityOptions): View {
  const { file, replace } = options;
  const find = finderOf(plan, options);
  return renewedFile(plan, { file, replace, textOf: (done, progress) => textOf(find(done, progress)) });
}

function textOf({ found }: AllFound): string {
  const entries = found.map((one) => ({
    description: `${one.task}: ${one.message}`,
    check_name: `gate-run/${one.task}`,
    fingerprint: one.fingerprint,
    severity: SEVERITY[one.verdict],
    location: { path: one.file, lines: { begin: one.line ?? 1 } },
  }));
  return `${JSON.stringify(entries, null, 1)}\n`;
}
