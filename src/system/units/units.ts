// Which layers can be had here, found out by doing, and which one a task gets.

import { LAYERS, type IsolationPlan, type Layer } from '../../core/plan/isolation.ts';
import type { Containment } from '../../core/loop/containment.ts';
import { bootId } from '../proc.ts';
import type { Cgroups } from './cgroups.ts';
import { GROUP, type TaskUnit } from './unit.ts';

export interface Units {
  readonly containment: Containment;
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
    containment: containmentOf(chosen, cgroups),
    whyNot: (isolation) => (layerOf(isolation) ? undefined : missing[isolation.layer]),
    unit: (isolation) => {
      const layer = isolation ? layerOf(isolation) : chosen;
      return layer === 'cgroup' && typeof cgroups !== 'string' ? cgroups.unit() : GROUP;
    },
  };
}

function containmentOf(layer: Layer, cgroups: Cgroups | string): Containment {
  if (typeof cgroups === 'string') return { layer, weak: cgroups };
  const boot = bootId();
  return { layer, unit: cgroups.folder, ...(boot !== undefined && { boot }) };
}
