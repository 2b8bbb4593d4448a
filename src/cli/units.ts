// The layers that hold what tasks start: opened before a run, and refused where a task names one that cannot be had.

import type { RunProgress } from '../core/loop/progress.ts';
import type { Layer } from '../core/plan/isolation.ts';
import type { Plan } from '../core/plan/plan.ts';
import { bootId } from '../system/proc.ts';
import { endLeftBehind } from '../system/strays.ts';
import type { Bwrap } from '../system/units/bwrap.ts';
import { Cgroups, endLeftUnit } from '../system/units/cgroups.ts';
import { openUnits, type Units } from '../system/units/units.ts';

export interface BegunUnits {
  /** Resolves at once where no task names a layer. */
  lacking(plan: Plan): Promise<Lacking | undefined>;
  units(): Promise<Units>;
  /** The run is about to end. */
  leave(): void;
  close(): Promise<void>;
}

/** A layer that a task names, and why it cannot be had. */
export interface Lacking {
  readonly task: string;
  readonly layer: string;
  readonly lacks: string;
}

/** The kernel takes some milliseconds for it, and they pass beside what a start does meanwhile. */
export function beginUnits(plan: Plan): BegunUnits {
  const cgroups = Cgroups.open();
  const isUnattended = plan.loop.mode !== 'once';
  // To try it costs a start that needs no other layer too much.
  const mayNeed = isUnattended || typeof cgroups === 'string' || namesLayer(plan, 'bwrap');
  let bwrap = mayNeed ? openBwrap() : undefined;
  let opened: Promise<Units> | undefined;
  const open = async (): Promise<Units> => {
    if (typeof cgroups !== 'string' && (await cgroups.ready) !== undefined) bwrap ??= openBwrap();
    const tried = await bwrap;
    return openUnits(cgroups, { ...(tried !== undefined && { bwrap: tried }), isUnattended });
  };
  const units = (): Promise<Units> => (opened ??= open());
  return {
    units,
    lacking: async (wanted) => (namesLayer(wanted) ? lackingIn(wanted, await units()) : undefined),
    leave: () => {
      if (typeof cgroups !== 'string') cgroups.leave();
    },
    close: async () => {
      const made = await bwrap;
      if (made !== undefined && typeof made !== 'string') made.close();
      if (typeof cgroups !== 'string') await cgroups.close();
    },
  };
}

async function openBwrap(): Promise<Bwrap | string> {
  const { Bwrap } = await import('../system/units/bwrap.ts');
  return Bwrap.open(process.env);
}

/** For plans that are carried out without a lock; closed by whoever asked. */
export async function openUnitsFor(
  plan: Plan,
): Promise<{ readonly units: Units; close(): Promise<void> } | Lacking> {
  const begun = beginUnits(plan);
  const units = await begun.units();
  const lacking = lackingIn(plan, units);
  if (!lacking) return { units, close: () => begun.close() };
  await begun.close();
  return lacking;
}

/** One of them, or `layer`. */
function namesLayer({ phases }: Plan, layer?: Layer): boolean {
  return phases.some(({ tasks }) =>
    tasks.some(({ isolation }) => isolation && (layer === undefined || isolation.layer === layer)),
  );
}

export function lackingIn(plan: Plan, units: Units): Lacking | undefined {
  for (const { tasks } of plan.phases) {
    for (const { id, isolation, leftOut } of tasks) {
      const lacks = isolation && leftOut === undefined ? units.whyNot(isolation) : undefined;
      if (isolation && lacks !== undefined) return { task: id, layer: isolation.layer, lacks };
    }
  }
  return undefined;
}

export function lackingText({ task, layer, lacks }: Lacking): {
  readonly says: string;
  readonly mend: string;
} {
  return {
    says: `task \`${task}\` asks for isolation \`${layer}\`, which cannot be had here: ${lacks}`,
    mend: `let it make do with less: \`isolation: { layer: ${layer}, fallback: true }\``,
  };
}

/** Ends what a run without an end left running: what is in its unit, of this boot, and whatever else has its marks. */
export function endLeftOf({ id, containment }: RunProgress, stateDir: string): void {
  const { unit, boot } = containment ?? {};
  if (unit !== undefined && boot !== undefined && boot === bootId()) endLeftUnit(unit);
  endLeftBehind(id, stateDir);
}
