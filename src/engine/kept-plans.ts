// The plans that runs have followed, each once by its id, so that a later one can be compared with them. Nothing else leans on them.

import type { FlatPlan } from '../core/plan/diff.ts';
import { isMap } from '../core/is-map.ts';
import type { Disk } from '../ports.ts';

/** Older ones go: nobody carries their runs on any more. */
const MOST_KEPT = 10;
const NAME = /^([0-9a-f]{8})\.json$/;

function planFile(stateDir: string, id: string): string {
  return `${stateDir}/plans/${id}.json`;
}

/** Whole or not at all; a disk that does not take it leaves the plan absent, which its reader tells. */
export function keepPlan(disk: Disk, stateDir: string, { id, text }: { id: string; text: string }): void {
  const folder = `${stateDir}/plans`;
  if (disk.makeFolder(folder)) return;
  if (disk.replace(planFile(stateDir, id), new TextEncoder().encode(text), false)) return;
  const others = disk.list(folder).filter((name) => NAME.test(name) && name !== `${id}.json`);
  // Names say nothing about age; of more than anybody compares, any may go.
  for (const name of others.slice(MOST_KEPT - 1)) disk.remove(`${folder}/${name}`);
}

/** By key, as `flat` made it; undefined: it was not kept, or is no plan. */
export function keptPlan(disk: Disk, stateDir: string, id: string): FlatPlan | undefined {
  const bytes = disk.read(planFile(stateDir, id));
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const plan: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isMap(plan)) return undefined;
    const texts = Object.entries(plan).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    );
    return Object.fromEntries(texts);
  } catch {
    return undefined;
  }
}
