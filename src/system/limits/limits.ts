// Which limits tasks can be held to on this machine, found out by doing.

import type { Plan } from '../../core/plan/plan.ts';
import { unifiedFolder } from '../cgroup-tree.ts';
import { currentGroups } from '../units/cgroups.ts';
import { ceilingOf, mayRaise } from './ceilings.ts';
import type { Controller } from './controllers.ts';
import { held, type Trees } from './holding.ts';
import { limitKeys, limitsIn, type Limits } from './no-limits.ts';
import { OldGroups } from './old-groups.ts';
import { UnifiedGroups } from './unified-groups.ts';

const CONTROLLERS = { memory: 'memory', cpus: 'cpu', pids: 'pids' } as const;
const CEILINGS = {
  'open-files': 'openFiles',
  'file-size': 'fileSizeBytes',
  'cpu-time': 'cpuTimeMs',
} as const;

/** Behind the units of the run, and closed before them: its groups in the unified tree are below those. */
export function openLimits(plan: Plan): Limits {
  const keys = limitKeys(plan);
  const asked = Object.entries(CONTROLLERS).filter(([key]) => keys.includes(key));
  const { trees, missing } = openTrees(asked.map(([, controller]) => controller));
  const unheld: Record<string, string> = {};
  for (const [key, controller] of asked) {
    const why = missing[controller];
    if (why !== undefined) unheld[key] = why;
  }
  for (const [key, limit] of Object.entries(CEILINGS)) {
    const most = keys.includes(key) && !mayRaise() ? ceilingOf(limit) : undefined;
    if (most !== undefined && limitsIn(plan).some((limits) => (limits[limit] ?? 0) > most))
      unheld[key] = `the system allows ${most} at most here, and that is what holds`;
  }
  return {
    unheld,
    // A container has them from its engine.
    hold: (unit, limits) => (limits && unit.layer !== 'container' ? held(unit, limits, trees) : unit),
    close: () => {
      for (const one of trees.old.values()) one.close();
      trees.unified?.close();
    },
  };
}

interface Opened {
  readonly trees: Trees;
  readonly missing: Readonly<Partial<Record<Controller, string>>>;
}

/** A controller has a tree of its own, or is one of the unified tree, never both. */
function openTrees(controllers: readonly Controller[]): Opened {
  const old = new Map<Controller, OldGroups>();
  const missing: Partial<Record<Controller, string>> = {};
  const others: Controller[] = [];
  for (const controller of controllers) {
    const opened = OldGroups.open(controller);
    if (opened === undefined) others.push(controller);
    else if (typeof opened === 'string') missing[controller] = opened;
    else old.set(controller, opened);
  }
  const [own, base] = [currentGroups(), unifiedFolder()];
  if (others.length === 0) return { trees: { old, unified: undefined, inUnified: [] }, missing };
  if (!own || base === undefined) {
    for (const one of others) missing[one] = `this system has no controller \`${one}\` that gate-run can use`;
    return { trees: { old, unified: undefined, inUnified: [] }, missing };
  }
  const found = UnifiedGroups.open(others, own, base);
  const trees = { old, unified: found.groups, inUnified: found.controllers };
  return { trees, missing: { ...missing, ...found.unheld } };
}
