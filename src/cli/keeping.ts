// Where a state lies in all its parts, for the commands that keep it, bring it back or set it aside.

import { join, resolve } from 'node:path';
import type { Plan } from '../core/plan/plan.ts';
import type { Places } from '../engine/set-aside.ts';
import type { Place } from './state.ts';

export interface StateParts extends Places {
  readonly config: string | undefined;
}

export function partsOf({
  plan,
  file,
  folder,
  paths,
}: Pick<Place, 'plan' | 'file' | 'folder' | 'paths'>): StateParts {
  const { stateDir, history, cycles } = paths;
  return {
    stateDir,
    history,
    cycles,
    questions: plan ? resolve(folder, plan.questions.file) : join(stateDir, 'questions.md'),
    archives: archivesOf(plan, folder) ?? join(stateDir, 'archives'),
    config: file,
  };
}

/** Absolute; undefined: this plan packs no cycles. */
export function archivesOf(plan: Plan | undefined, folder: string): string | undefined {
  return plan?.archive && resolve(folder, plan.archive.to);
}

/** `20260210-063000`: sorts by time, and may stand in a name anywhere. */
export function nameOfTime(epochMs: number): string {
  const [date = '', time = ''] = new Date(epochMs).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`;
}
