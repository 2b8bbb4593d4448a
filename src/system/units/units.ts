// Which layers can be had here, found out by doing, and which one a task gets.

import { LAYERS, type IsolationPlan, type Layer } from '../../core/plan/isolation.ts';
import type { Containment, OtherTasks } from '../../core/loop/containment.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { bootId } from '../proc.ts';
import type { Cgroups } from './cgroups.ts';
import { GROUP } from './process-group.ts';
import type { TaskUnit } from './unit.ts';

export interface Units {
  /** What its tasks get. */
  containment(plan: Plan): Containment;
  /** Why this cannot be had; undefined: it can. */
  whyNot(isolation: IsolationPlan): string | undefined;
  unit(isolation: IsolationPlan | undefined): TaskUnit;
}

/** Process groups only. */
export const GROUPS_ONLY: Units = unitsOf('nobody asked for another one');

/** `opened`: the groups of this run, or why there are none. */
export async function openUnits(opened: Cgroups | string): Promise<Units> {
  const why = typeof opened === 'string' ? undefined : await opened.ready;
  return unitsOf(why ?? opened);
}

function unitsOf(cgroups: Cgroups | string): Units {
  const missing: Partial<Record<Layer, string>> = typeof cgroups === 'string' ? { cgroup: cgroups } : {};
  const layerOf = ({ layer, fallback }: IsolationPlan): Layer | undefined =>
    (fallback ? LAYERS.slice(0, LAYERS.indexOf(layer) + 1) : [layer]).findLast(
      (one) => missing[one] === undefined,
    );
  const chosen = layerOf({ layer: 'cgroup', fallback: true }) ?? 'group';
  return {
    containment: (plan) => {
      const others = othersIn(plan, (isolation) => layerOf(isolation) ?? isolation.layer, chosen);
      return { ...containmentOf(chosen, cgroups), ...(Object.keys(others).length > 0 && { others }) };
    },
    whyNot: (isolation) => (layerOf(isolation) ? undefined : missing[isolation.layer]),
    unit: (isolation) => {
      const layer = isolation ? layerOf(isolation) : chosen;
      return layer === 'cgroup' && typeof cgroups !== 'string' ? cgroups.unit() : GROUP;
    },
  };
}

/** Of many tasks, so many are named. */
const NAMED = 8;

function othersIn(
  { phases }: Plan,
  layerOf: (isolation: IsolationPlan) => Layer,
  chosen: Layer,
): NonNullable<Containment['others']> {
  const others: Partial<Record<Layer, OtherTasks>> = {};
  for (const { id, isolation, leftOut } of phases.flatMap(({ tasks }) => tasks)) {
    const layer = isolation && leftOut === undefined ? layerOf(isolation) : chosen;
    if (layer === chosen) continue;
    const { named, count } = others[layer] ?? { named: [], count: 0 };
    others[layer] = { named: count < NAMED ? [...named, id] : named, count: count + 1 };
  }
  return others;
}

function containmentOf(layer: Layer, cgroups: Cgroups | string): Containment {
  if (typeof cgroups === 'string') return { layer, weak: cgroups };
  const boot = bootId();
  return { layer, unit: cgroups.folder, ...(boot !== undefined && { boot }) };
}
