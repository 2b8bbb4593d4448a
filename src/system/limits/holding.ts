// What holds one attempt to its limits: groups that are made for it, and a shell that enters them and becomes the command.

import { join } from 'node:path';
import type { LimitsPlan } from '../../core/plan/resources.ts';
import { errorCode } from '../files.ts';
import { argvOf } from '../launch.ts';
import type { TaskUnit, Wanted } from '../units/unit.ts';
import { lowestOf } from './ceilings.ts';
import type { Controller } from './controllers.ts';
import { oomKillsIn, settingsOf, type OldGroups } from './old-groups.ts';
import { shimmed, type Ceilings } from './shim.ts';
import { oomKillsBelow, type UnifiedGroups } from './unified-groups.ts';

/** Where limits can be held here: by controllers with a tree of their own, or all in one. */
export interface Trees {
  readonly old: ReadonlyMap<Controller, OldGroups>;
  readonly unified: UnifiedGroups | undefined;
  /** What the unified one is for. */
  readonly inUnified: readonly Controller[];
}

interface Made {
  readonly folder: string;
  readonly oomKills?: () => number | undefined;
  remove(): void;
}

export function held(unit: TaskUnit, limits: LimitsPlan, trees: Trees): TaskUnit {
  const made: Made[] = [];
  const inner = makeAll(unit, limits, { trees, made });
  const ceilings = lowestOf(limits);
  const entries = made.map(({ folder }) => join(folder, 'cgroup.procs'));
  // What can be held to nothing here is started as it is: that was said.
  if (inner === unit && made.length + Object.keys(ceilings).length === 0) return unit;
  return {
    ...delegate('failed' in inner ? unit : inner),
    start: (wanted, how) => {
      // What the unit puts around the command is held to nothing: only the command enters.
      if (!('failed' in inner))
        return inner.start({ ...wanted, entries }, (last) => how(inside(last, entries, ceilings)));
      wanted.refused({ notStarted: 'no-resources', detail: inner.failed });
      return undefined;
    },
    oomKills: () => made.find((one) => one.oomKills !== undefined)?.oomKills?.() ?? unit.oomKills(),
    close: () => {
      ('failed' in inner ? unit : inner).close();
      for (const one of made.splice(0)) one.remove();
    },
  };
}

interface Making {
  readonly trees: Trees;
  readonly made: Made[];
}

/** The unit that it is in then. Where even one of these fails, nothing runs: nobody was told that it would run without its limit. */
function makeAll(
  unit: TaskUnit,
  limits: LimitsPlan,
  { trees: { old, unified, inUnified }, made }: Making,
): TaskUnit | { readonly failed: string } {
  const asked = { memory: limits.memoryBytes, cpu: limits.cpus, pids: limits.pids };
  const isAsked = (controller: Controller) => asked[controller] !== undefined;
  for (const [controller, own] of old) {
    if (!isAsked(controller)) continue;
    try {
      const folder = own.make(settingsOf(controller, limits));
      const oomKills = controller === 'memory' ? () => oomKillsIn(folder) : undefined;
      made.push({ folder, remove: () => own.remove(folder), ...(oomKills && { oomKills }) });
    } catch (error) {
      return { failed: `its limit of \`${controller}\` could not be set: ${errorCode(error)}` };
    }
  }
  if (!unified || !inUnified.some(isAsked)) return unit;
  try {
    const folder = unified.make(limits);
    const oomKills = inUnified.includes('memory') ? () => oomKillsBelow(folder) : undefined;
    made.push({ folder, remove: () => unified.remove(folder), ...(oomKills && { oomKills }) });
    // A process is in one group of that tree, so there it is the unit as well.
    return unit.layer === 'cgroup' ? unified.unitIn(folder) : unit;
  } catch (error) {
    return { failed: `its limits could not be set in its control group: ${errorCode(error)}` };
  }
}

function inside<W extends Wanted>(wanted: W, groups: readonly string[], ceilings: Ceilings): W {
  const argv = shimmed(argvOf(wanted.order), { groups, ceilings });
  return { ...wanted, order: { ...wanted.order, command: { argv } } };
}

/** A unit may be an instance, whose methods are not its own. */
function delegate(unit: TaskUnit): TaskUnit {
  return {
    layer: unit.layer,
    hasOwnNumbers: unit.hasOwnNumbers,
    start: (wanted, how) => unit.start(wanted, how),
    signal: (leader, signal) => unit.signal(leader, signal),
    signalOne: (leader, signal) => unit.signalOne(leader, signal),
    isGone: (leader) => unit.isGone(leader),
    isEmpty: (leader) => unit.isEmpty(leader),
    members: (leader) => unit.members(leader),
    groups: (leader) => unit.groups?.(leader) ?? [leader],
    leftBehind: () => unit.leftBehind(),
    refused: () => unit.refused?.() ?? [],
    oomKills: () => unit.oomKills(),
    close: () => unit.close(),
  };
}
