// Which limits tasks can be held to on this machine, found out by doing, and what holds an attempt to its own.

import { join } from 'node:path';
import type { Plan } from '../../core/plan/plan.ts';
import type { LimitsPlan } from '../../core/plan/resources.ts';
import { limitTexts } from '../../core/plan/resources-text.ts';
import { errorCode } from '../files.ts';
import { argvOf } from '../launch.ts';
import type { TaskUnit, Wanted } from '../units/unit.ts';
import { ceilingOf } from './ceilings.ts';
import { OldGroups, oomKillsIn, settingsOf, type Controller } from './old-groups.ts';
import { shimmed, type Ceilings } from './shim.ts';

export interface Limits {
  /** By limit of the plan: why tasks cannot be held to it here. */
  readonly unheld: Readonly<Record<string, string>>;
  /** The same unit, with everything that is started in it held to these limits. */
  hold(unit: TaskUnit, limits: LimitsPlan | undefined): TaskUnit;
  close(): void;
}

/** For plans without any limit: nothing is looked at, and nothing costs anything. */
export const NO_LIMITS: Limits = { unheld: {}, hold: (unit) => unit, close: () => undefined };

const CONTROLLERS = { memory: 'memory', cpus: 'cpu', pids: 'pids' } as const;
const CEILINGS = {
  'open-files': 'openFiles',
  'file-size': 'fileSizeBytes',
  'cpu-time': 'cpuTimeMs',
} as const;

export function openLimits(plan: Plan): Limits {
  const wanted = limitsIn(plan);
  const keys = new Set(limitKeys(plan));
  if (keys.size === 0) return NO_LIMITS;
  const unheld: Record<string, string> = {};
  const groups = new Map<Controller, OldGroups>();
  for (const [key, controller] of Object.entries(CONTROLLERS)) {
    const opened = keys.has(key) ? OldGroups.open(controller) : undefined;
    if (typeof opened === 'string') unheld[key] = opened;
    else if (opened) groups.set(controller, opened);
  }
  for (const [key, limit] of Object.entries(CEILINGS)) {
    const most = keys.has(key) && !mayRaise() ? ceilingOf(limit) : undefined;
    if (most !== undefined && wanted.some((limits) => (limits[limit] ?? 0) > most))
      unheld[key] = `the system allows ${most} at most here, and that is what holds`;
  }
  return {
    unheld,
    hold: (unit, limits) => (limits ? held(unit, limits, groups) : unit),
    close: () => {
      for (const one of groups.values()) one.close();
    },
  };
}

/** The limits that some task has, in the words of the config. */
export function limitKeys(plan: Plan): readonly string[] {
  return [...new Set(limitsIn(plan).flatMap((limits) => limitTexts(limits).map(({ key }) => key)))];
}

function limitsIn({ phases }: Plan): readonly LimitsPlan[] {
  return phases.flatMap(({ tasks }) =>
    tasks.flatMap(({ leftOut, resources }) => (leftOut === undefined && resources ? [resources] : [])),
  );
}

function held(unit: TaskUnit, limits: LimitsPlan, groups: ReadonlyMap<Controller, OldGroups>): TaskUnit {
  const made = new Map<Controller, string>();
  const giveBack = (): void => {
    for (const [controller, folder] of made) groups.get(controller)?.remove(folder);
    made.clear();
  };
  const failed = makeAll(limits, groups, made);
  const ceilings = ceilingsOf(limits);
  // What can be held to nothing here is started as it is: that was said.
  if (failed === undefined && made.size + Object.keys(ceilings).length === 0) return unit;
  return {
    ...delegate(unit),
    start: (wanted, how) => {
      if (failed !== undefined) {
        wanted.refused({ notStarted: 'no-resources', detail: failed });
        return undefined;
      }
      return unit.start(inside(wanted, [...made.values()], ceilings), how);
    },
    oomKills: () => {
      const folder = made.get('memory');
      return (folder === undefined ? undefined : oomKillsIn(folder)) ?? unit.oomKills();
    },
    close: () => {
      unit.close();
      giveBack();
    },
  };
}

/** Those of the limits that can be held here; the reason where even one of these fails: nothing runs without the limit that it has. */
function makeAll(
  limits: LimitsPlan,
  groups: ReadonlyMap<Controller, OldGroups>,
  made: Map<Controller, string>,
): string | undefined {
  const asked = { memory: limits.memoryBytes, cpu: limits.cpus, pids: limits.pids };
  for (const [controller, own] of groups) {
    if (asked[controller] === undefined) continue;
    try {
      made.set(controller, own.make(settingsOf(controller, limits)));
    } catch (error) {
      return `its limit of \`${controller}\` could not be set: ${errorCode(error)}`;
    }
  }
  return undefined;
}

function inside<W extends Wanted>(wanted: W, folders: readonly string[], ceilings: Ceilings): W {
  const groups = folders.map((folder) => join(folder, 'cgroup.procs'));
  const argv = shimmed(argvOf(wanted.order), { groups, ceilings });
  return { ...wanted, order: { ...wanted.order, command: { argv } } };
}

/** Never above what the system allows: that would start nothing. */
function ceilingsOf({ openFiles, fileSizeBytes, cpuTimeMs }: LimitsPlan): Ceilings {
  return {
    ...(openFiles !== undefined && { openFiles: lowered('openFiles', openFiles) }),
    ...(fileSizeBytes !== undefined && { fileSizeBytes: lowered('fileSizeBytes', fileSizeBytes) }),
    ...(cpuTimeMs !== undefined && { cpuTimeMs: lowered('cpuTimeMs', cpuTimeMs) }),
  };
}

function lowered(limit: keyof Ceilings, wanted: number): number {
  return mayRaise() ? wanted : Math.min(wanted, ceilingOf(limit) ?? wanted);
}

/** Root raises what others may only lower. */
function mayRaise(): boolean {
  return process.getuid?.() === 0;
}

/** A unit may be an instance, whose methods are not its own. */
function delegate(unit: TaskUnit): TaskUnit {
  return {
    layer: unit.layer,
    start: (wanted, how) => unit.start(wanted, how),
    signal: (leader, signal) => unit.signal(leader, signal),
    signalOne: (leader, signal) => unit.signalOne(leader, signal),
    isGone: (leader) => unit.isGone(leader),
    isEmpty: (leader) => unit.isEmpty(leader),
    members: (leader) => unit.members(leader),
    oomKills: () => unit.oomKills(),
    close: () => unit.close(),
  };
}
