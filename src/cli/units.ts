// The layers that hold what tasks start: opened before a run, and refused where a task names one that cannot be had.

import type { Containment } from '../core/loop/containment.ts';
import type { RunProgress } from '../core/loop/progress.ts';
import type { Layer } from '../core/plan/isolation.ts';
import { isCutOff } from '../core/plan/network.ts';
import type { Plan, TaskPlan } from '../core/plan/plan.ts';
import type { View } from '../ports.ts';
import { bootId } from '../system/proc.ts';
import { endLeftBehind } from '../system/strays.ts';
import type { Bwrap } from '../system/units/bwrap.ts';
import { Cgroups } from '../system/units/cgroups.ts';
import { endLeftUnit } from '../system/units/group-folders.ts';
import type { Containers } from '../system/units/container/containers.ts';
import { openUnits, type Units } from '../system/units/units.ts';

type Engines = NonNullable<Containment['engines']>;

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
  /** It is needed to take the network away. */
  readonly isForNetwork: boolean;
}

/** `cgroups` are opened first of all: the kernel takes some milliseconds for it, and they pass beside what a start does meanwhile. */
export function beginUnits(plan: Plan, cgroups: Cgroups | string = Cgroups.open()): BegunUnits {
  const isUnattended = plan.loop.mode !== 'once';
  // To try it costs a start that needs no other layer too much.
  const mayNeed = isUnattended || typeof cgroups === 'string' || namesLayer(plan, 'bwrap');
  let bwrap = mayNeed ? openBwrap() : undefined;
  let opened: Promise<Units> | undefined;
  let containers: Containers | undefined;
  const open = async (): Promise<Units> => {
    // Nobody waits for the kernel here who will make do without another layer: then the first task waits, if it must.
    const why = typeof cgroups !== 'string' && mayNeed ? await cgroups.ready : undefined;
    if (why !== undefined) bwrap ??= openBwrap();
    containers = await containersFor(plan);
    const tried = await bwrap;
    return openUnits(why ?? cgroups, {
      ...(tried !== undefined && { bwrap: tried }),
      ...(containers && { containers }),
      isUnattended,
    });
  };
  const units = (): Promise<Units> => (opened ??= open());
  return {
    units,
    lacking: async (wanted) => (namesLayer(wanted) ? lackingIn(wanted, await units()) : undefined),
    leave: () => {
      if (typeof cgroups !== 'string') cgroups.leave();
    },
    close: async () => {
      await containers?.close();
      const made = await bwrap;
      if (made !== undefined && typeof made !== 'string') made.close();
      if (typeof cgroups !== 'string') await cgroups.close();
    },
  };
}

/** The kernel takes its time for the way out as well: of a single cycle that passes beside its last task. */
export function leavingView({ loop, phases }: Plan, layers: BegunUnits): View {
  const tasks = phases.flatMap((phase) => phase.tasks.filter(({ leftOut }) => leftOut === undefined));
  const unstarted = new Set(tasks.map(({ id }) => id));
  // A rung starts many, one after another.
  const isPlain = loop.mode === 'once' && tasks.every(({ sims }) => sims === undefined);
  return {
    see: (event) => {
      if (!isPlain || event.type !== 'attempt.started') return;
      unstarted.delete(event.task);
      // Behind the start that was just recorded. One that comes later all the same steps in for itself.
      if (unstarted.size === 0) setImmediate(() => layers.leave());
    },
    close: () => undefined,
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

/** Loaded on call: few plans have containers. */
async function containersFor(plan: Plan): Promise<Containers | undefined> {
  if (!plan.phases.some(({ tasks }) => tasks.some(asksForContainer))) return undefined;
  const { Containers } = await import('../system/units/container/containers.ts');
  return Containers.open(plan);
}

function asksForContainer({ isolation, leftOut }: TaskPlan): boolean {
  return isolation?.layer === 'container' && leftOut === undefined;
}

/** One of them, or `layer`. */
function namesLayer({ phases }: Plan, layer?: Layer): boolean {
  return phases.some(({ tasks }) =>
    tasks.some(({ isolation }) => isolation && (layer === undefined || isolation.layer === layer)),
  );
}

export function lackingIn(plan: Plan, units: Units): Lacking | undefined {
  for (const { tasks } of plan.phases) {
    for (const { id, isolation, network, leftOut } of tasks) {
      const lacks = isolation && leftOut === undefined ? units.whyNot(isolation) : undefined;
      const isForNetwork = isolation?.layer === 'bwrap' && isCutOff(network);
      if (isolation && lacks !== undefined) return { task: id, layer: isolation.layer, lacks, isForNetwork };
    }
  }
  return undefined;
}

export function lackingText({ task, layer, lacks, isForNetwork }: Lacking): {
  readonly says: string;
  readonly mend: string;
} {
  if (isForNetwork)
    return {
      says: `the \`network\` of task \`${task}\` takes the layer \`${layer}\`, which cannot be had here: ${lacks}`,
      mend: 'mend what is missing, or let the task reach everybody: `network: full`',
    };
  return {
    says: `task \`${task}\` asks for isolation \`${layer}\`, which cannot be had here: ${lacks}`,
    mend: `let it make do with less: \`isolation: { layer: ${layer}, fallback: true }\``,
  };
}

/**
 * Ends what a run without an end left running: what is in its unit, of this boot, whatever else has its marks, and its containers. Told is
 * why something may be left.
 */
export async function endLeftOf(
  { id, containment }: RunProgress,
  stateDir: string,
  ours: Engines = {},
): Promise<string | undefined> {
  const { unit, boot, engines } = containment ?? {};
  if (unit !== undefined && boot !== undefined && boot === bootId()) endLeftUnit(unit);
  // A run that was carried on by another config may have had the engines of that one.
  const names = Object.keys({ ...engines, ...ours });
  const found = names.length === 0 ? undefined : await import('../system/units/container/containers.ts');
  const ids = (await found?.endClients({ run: id, stateDir })) ?? [];
  endLeftBehind(id, stateDir);
  const why = await found?.removeLeft(names, { run: id, stateDir, ids });
  return why && `containers of run ${id} may still be there: ${why}`;
}
