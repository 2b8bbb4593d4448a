// Protected files at the start of a run. Loaded only where a plan has any.

import type { Problem } from '../core/config/problem.ts';
import type { Guard } from '../ports.ts';
import { RealGuard, unmatched, wasNoted } from '../system/guard.ts';
import type { Loop } from './load.ts';
import type { Here } from './world.ts';

/** `stateDir`: where the list of what is noted is kept; of named tasks a folder of their own. */
export function guardOf(
  { plan, folder }: Pick<Loop, 'plan' | 'folder'>,
  { world, redact }: Pick<Here, 'world' | 'redact'>,
  stateDir: string,
): { readonly guard?: Guard } {
  if (plan.protect === undefined) return {};
  const { disk, inbox } = world;
  const place = placeIn(stateDir);
  return { guard: new RealGuard({ plan: plan.protect, folder, place, disk, inbox, redact }) };
}

/** Names at which nothing is, and never was: a slip would protect nothing. What is gone is for the run to say. */
export async function protectProblems({ plan, folder, paths, file }: Loop): Promise<readonly Problem[]> {
  if (plan.protect === undefined) return [];
  try {
    const names = await unmatched(plan.protect, folder);
    const slips = names.filter((name) => !wasNoted(name, placeIn(paths.stateDir)));
    return slips.map((name) => ({
      file,
      path: ['protect'],
      message: `\`protect\` names \`${name}\`, and nothing is there`,
      mend: 'name files that are there when a run starts; one that comes later and may only grow is `{ append-only: PATH }`',
    }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [{ file, path: ['protect'], message: `\`protect\` cannot be looked up: ${why}` }];
  }
}

function placeIn(stateDir: string): string {
  return `${stateDir}/protected`;
}
