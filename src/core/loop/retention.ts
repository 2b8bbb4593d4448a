// Which cycles' folders go: the oldest first, until all three limits hold. The ledger is never pruned, and nothing is removed here.

import type { KeepPlan } from '../plan/plan.ts';

/** The folders of one cycle number: the cycle itself, the turns around it, and what a power cut left behind. */
export interface KeptCycle {
  readonly cycle: number;
  /** Names in the cycles' folder. */
  readonly folders: readonly string[];
  /** Epoch milliseconds of its last event; undefined: not looked at yet, or it says nothing. */
  readonly endedAt: number | undefined;
  /** Undefined: not weighed yet. */
  readonly bytes: number | undefined;
}

/** Of all that is kept, also of what is not among the oldest. */
export interface KeptWhole {
  readonly cycles: number;
  /** Of what was weighed so far. */
  readonly bytes: number;
}

/** `oldest`: as many as may go at once. The newest cycle of all stays: it is what people want to look into. */
export function toPrune(
  oldest: readonly KeptCycle[],
  whole: KeptWhole,
  keep: KeepPlan,
  wall: number,
): readonly KeptCycle[] {
  let { cycles, bytes } = whole;
  const pruned: KeptCycle[] = [];
  for (const one of oldest) {
    const isOld = keep.ageMs !== 'never' && one.endedAt !== undefined && wall - one.endedAt > keep.ageMs;
    const isMore = keep.cycles !== 'never' && cycles > keep.cycles;
    const isLarge = keep.sizeBytes !== 'never' && bytes > keep.sizeBytes;
    if (cycles <= 1 || !(isOld || isMore || isLarge)) break;
    pruned.push(one);
    cycles -= 1;
    bytes -= one.bytes ?? 0;
  }
  return pruned;
}

export const ARCHIVE = '.tar.gz';

/** The folder that an archive's name says it was; undefined: it is no archive of ours. */
export function folderOfArchive(name: string): string | undefined {
  const folder = name.endsWith(ARCHIVE) ? name.slice(0, -ARCHIVE.length) : '';
  return cycleOfFolder(folder) === undefined ? undefined : folder;
}

/** The cycle that a folder's name speaks of; undefined: it is none of ours, and is left alone. */
export function cycleOfFolder(name: string): number | undefined {
  const cycle = /^(\d{6,15})(?:-start|-confirm|-end)?(?:\.lost-\d{1,3})?$/.exec(name)?.[1];
  return cycle === undefined ? undefined : Number(cycle);
}
