// Groups with limits in the unified tree (v2), below the run's own group there: each is the unit of its attempt as well.

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LimitsPlan } from '../../core/plan/resources.ts';
import { unreachable } from '../../core/unreachable.ts';
import { errorCode } from '../files.ts';
import type { Cgroups } from '../units/cgroups.ts';
import type { TaskUnit } from '../units/unit.ts';
import { PERIOD_US, quotaOf, type Controller, type Setting } from './controllers.ts';

/** What of the run's groups is needed: where they are, and that gate-run can be moved out of the way. */
export type OwnGroups = Pick<Cgroups, 'folder' | 'moveHome' | 'moveBack' | 'unitIn'>;

export interface UnifiedFound {
  /** Absent: none of the controllers can be used. */
  readonly groups?: UnifiedGroups;
  readonly controllers: readonly Controller[];
  readonly unheld: Readonly<Partial<Record<Controller, string>>>;
}

export class UnifiedGroups {
  readonly #own: OwnGroups;
  readonly #base: string;
  readonly #controllers: readonly Controller[];
  #made = 0;

  private constructor(own: OwnGroups, base: string, controllers: readonly Controller[]) {
    this.#own = own;
    this.#base = base;
    this.#controllers = controllers;
  }

  /** `base`: the group that gate-run was started in. */
  static open(wanted: readonly Controller[], own: OwnGroups, base: string): UnifiedFound {
    const given = wordsIn(join(base, 'cgroup.controllers'));
    const controllers = wanted.filter((one) => given.includes(one));
    const unheld: Partial<Record<Controller, string>> = {};
    for (const one of wanted)
      if (!controllers.includes(one)) unheld[one] = `${base} was given no controller \`${one}\``;
    if (controllers.length === 0) return { controllers, unheld };
    const failed = divide(own, base, controllers);
    if (failed === undefined)
      return { groups: new UnifiedGroups(own, base, controllers), controllers, unheld };
    for (const one of controllers) unheld[one] = failed;
    return { controllers: [], unheld };
  }

  /** The group of one attempt. Throws where it cannot be made or set. */
  make(limits: LimitsPlan): string {
    this.#made += 1;
    const folder = join(this.#own.folder, `limited-${this.#made}`);
    mkdirSync(folder);
    try {
      for (const controller of this.#controllers) set(folder, settingsOf(controller, limits));
    } catch (error) {
      this.remove(folder);
      throw error;
    }
    return folder;
  }

  /** In its place: a process is in one group of this tree. */
  unitIn(folder: string): TaskUnit {
    return this.#own.unitIn(folder);
  }

  /** One that is not empty stays, and goes with the run's group. */
  remove(folder: string): void {
    quietly(() => rmdirSync(folder));
  }

  /** Gives back what was divided, so that gate-run may go back to where it came from. */
  close(): void {
    const less = this.#controllers.map((one) => `-${one}`).join(' ');
    for (const folder of [this.#own.folder, this.#base])
      quietly(() => writeFileSync(join(folder, 'cgroup.subtree_control'), less));
  }
}

/** Why it cannot be done; then everything is as it was. */
function divide(own: OwnGroups, base: string, controllers: readonly Controller[]): string | undefined {
  const more = controllers.map((one) => `+${one}`).join(' ');
  const home = homeIn(own);
  try {
    mkdirSync(home);
    own.moveHome(home);
    writeFileSync(join(base, 'cgroup.subtree_control'), more);
    writeFileSync(join(own.folder, 'cgroup.subtree_control'), more);
    return undefined;
  } catch (error) {
    own.moveBack();
    quietly(() => rmdirSync(home));
    const code = errorCode(error);
    if (code === 'EBUSY')
      return `other processes stand in ${base} beside gate-run, so the kernel does not divide it`;
    return `${base} cannot be divided (${code})`;
  }
}

/** The kernel divides no group with processes in it, so gate-run stands in one of its own. */
function homeIn({ folder }: OwnGroups): string {
  return join(folder, 'home');
}

function settingsOf(controller: Controller, limits: LimitsPlan): readonly Setting[] {
  const { memoryBytes, cpus, pids } = limits;
  switch (controller) {
    case 'memory':
      if (memoryBytes === undefined) return [];
      return [
        { file: 'memory.max', value: String(memoryBytes) },
        // With swap it would only become slow.
        { file: 'memory.swap.max', value: '0', may: true },
        // What is left of a task that lost one of its processes would only go wrong in stranger ways.
        { file: 'memory.oom.group', value: '1', may: true },
      ];
    case 'cpu':
      return cpus === undefined ? [] : [{ file: 'cpu.max', value: `${quotaOf(cpus)} ${PERIOD_US}` }];
    case 'pids':
      return pids === undefined ? [] : [{ file: 'pids.max', value: String(pids) }];
    default:
      return unreachable(controller);
  }
}

function set(folder: string, settings: readonly Setting[]): void {
  for (const { file, value, may } of settings) {
    if (may) quietly(() => writeFileSync(join(folder, file), value));
    else writeFileSync(join(folder, file), value);
  }
}

/** Kills for want of memory in a group and below it; undefined where it cannot be read. */
export function oomKillsBelow(folder: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(textIn(join(folder, 'memory.events')))?.[1];
  return count === undefined ? undefined : Number(count);
}

function wordsIn(file: string): readonly string[] {
  return textIn(file).trim().split(/\s+/);
}

function textIn(file: string): string {
  let text = '';
  quietly(() => (text = readFileSync(file, 'latin1')));
  return text;
}

function quietly(deed: () => unknown): void {
  try {
    deed();
  } catch {
    // Whatever could not be had or given back is found missing by who needs it, or goes with the run's group.
  }
}
