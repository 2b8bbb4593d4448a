// Which layers can be had here, found out by doing, and which one a task gets.

import { LAYERS, type IsolationPlan, type Layer } from '../../core/plan/isolation.ts';
import type { Containment, OtherTasks } from '../../core/loop/containment.ts';
import type { Plan, TaskPlan } from '../../core/plan/plan.ts';
import type { Order } from '../../ports.ts';
import { bootId } from '../proc.ts';
import type { Bwrap } from './bwrap.ts';
import type { Cgroups } from './cgroups.ts';
import type { Containers } from './container/containers.ts';
import { GROUP } from './process-group.ts';
import type { TaskUnit } from './unit.ts';

export interface Units {
  /** What its tasks get. */
  containment(plan: Plan): Containment;
  /** Why this cannot be had; undefined: it can. */
  whyNot(isolation: IsolationPlan): string | undefined;
  unit(order: Order): TaskUnit;
}

/** What was opened for a run, or why it is not there. */
export interface Found {
  readonly cgroups: Cgroups | string;
  readonly bwrap: Bwrap | string;
  /** Where a task asks for one. */
  readonly containers?: Containers;
  /** Nobody watches: the strongest layer is worth what it costs. */
  readonly isUnattended: boolean;
}

/** Which one a task has that asks for none: the first that can be had. */
const STRONGEST: readonly Layer[] = ['bwrap', 'cgroup', 'group'];
const FASTEST: readonly Layer[] = ['cgroup', 'bwrap', 'group'];
/** Of commands that are over within milliseconds, thousands of them. */
const OF_CROWDS: readonly Layer[] = ['cgroup', 'group'];

/** Process groups only. */
export const GROUPS_ONLY: Units = unitsOf({
  cgroups: 'nobody asked for another one',
  bwrap: 'nobody asked for another one',
  isUnattended: false,
});

/** Of groups that were opened for a run, or the reason why there are none; and of what else was looked for. */
export function openUnits(
  cgroups: Cgroups | string,
  { bwrap = 'it was not tried', isUnattended = false, containers }: Partial<Omit<Found, 'cgroups'>> = {},
): Units {
  return unitsOf({ cgroups, bwrap, isUnattended, ...(containers && { containers }) });
}

function unitsOf({ cgroups, bwrap, isUnattended, containers }: Found): Units {
  const missing = {
    group: undefined,
    cgroup: typeof cgroups === 'string' ? cgroups : undefined,
    bwrap: typeof bwrap === 'string' ? bwrap : undefined,
  };
  const whyNot = (layer: Layer, { container }: Partial<IsolationPlan> = {}): string | undefined => {
    if (layer !== 'container') return missing[layer];
    return container && containers ? containers.whyNot(container) : 'nobody asked for one';
  };
  const layerOf = (isolation: IsolationPlan): Layer | undefined => {
    const { layer, fallback } = isolation;
    return (fallback ? LAYERS.slice(0, LAYERS.indexOf(layer) + 1) : [layer]).findLast(
      (one) => whyNot(one, isolation) === undefined,
    );
  };
  const firstOf = (layers: readonly Layer[]): Layer =>
    layers.find((one) => whyNot(one) === undefined) ?? 'group';
  const chosen = firstOf(isUnattended ? STRONGEST : FASTEST);
  const layerFor = ({ isolation, sims }: Pick<TaskPlan | Order, 'isolation' | 'sims'>): Layer => {
    const isCrowd = sims !== undefined && sims.per !== 'worker';
    if (isolation) return layerOf(isolation) ?? isolation.layer;
    return isCrowd ? firstOf(OF_CROWDS) : chosen;
  };
  const group = (): TaskUnit | undefined => (typeof cgroups === 'string' ? undefined : cgroups.unit());
  return {
    containment: (plan) => {
      const others = othersIn(plan, (task) => (task.leftOut === undefined ? layerFor(task) : chosen), chosen);
      return {
        ...containmentOf(chosen, cgroups, missing),
        ...(Object.keys(others).length > 0 && { others }),
        ...(containers && { engines: containers.versions() }),
      };
    },
    whyNot: (isolation) => (layerOf(isolation) ? undefined : whyNot(isolation.layer, isolation)),
    unit: (order) => {
      const layer = layerFor(order);
      const container = order.isolation?.container;
      if (layer === 'container' && container && containers) return containers.unit(order, container);
      if (layer === 'bwrap' && typeof bwrap !== 'string') return bwrap.unit(order, group());
      return (layer === 'cgroup' ? group() : undefined) ?? GROUP;
    },
  };
}

/** Of many tasks, so many are named. */
const NAMED = 8;

function othersIn(
  { phases }: Plan,
  layerFor: (task: TaskPlan) => Layer,
  chosen: Layer,
): NonNullable<Containment['others']> {
  const others: Partial<Record<Layer, OtherTasks>> = {};
  for (const task of phases.flatMap(({ tasks }) => tasks)) {
    const layer = layerFor(task);
    if (layer === chosen) continue;
    const { named, count } = others[layer] ?? { named: [], count: 0 };
    others[layer] = { named: count < NAMED ? [...named, task.id] : named, count: count + 1 };
  }
  return others;
}

interface Why {
  readonly cgroup: string | undefined;
  readonly bwrap: string | undefined;
}

function containmentOf(layer: Layer, cgroups: Cgroups | string, { cgroup, bwrap }: Why): Containment {
  const boot = bootId();
  return {
    layer,
    ...(typeof cgroups !== 'string' && { unit: cgroups.folder, ...(boot !== undefined && { boot }) }),
    ...(layer === 'group' && { weak: `no cgroup: ${cgroup ?? ''}; no bwrap: ${bwrap ?? ''}` }),
  };
}
