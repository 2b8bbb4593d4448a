// Control groups of one controller with a tree of its own (v1): where a hybrid system keeps memory, CPUs and the number of processes.
// They hold tasks to limits and nothing else; what belongs to a task its unit knows.

import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LimitsPlan } from '../../core/plan/resources.ts';
import { unreachable } from '../../core/unreachable.ts';
import { foldersFor, treesHere } from '../cgroup-tree.ts';
import { errorCode } from '../files.ts';
import { PERIOD_US, quotaOf, type Controller, type Setting } from './controllers.ts';
import { removeDeadIn, ownName } from '../units/group-folders.ts';

export class OldGroups {
  /** The run's own group; those of the attempts are below it. */
  readonly #folder: string;
  /** Of attempts that are over, where the kernel had not let go of them yet. */
  readonly #left = new Set<string>();
  #made = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Why there are none here, or the run's group, with what dead runs left beside it removed; undefined: it has no tree of its own. */
  static open(controller: Controller): OldGroups | string | undefined {
    const [base] = foldersFor(controller, treesHere());
    if (base === undefined) return undefined;
    try {
      removeDeadIn(base);
      const folder = join(base, ownName());
      mkdirSync(folder);
      return new OldGroups(folder);
    } catch (error) {
      return `no control group can be made in ${base} (${errorCode(error)})`;
    }
  }

  /** The group of one attempt. Throws where it cannot be made or set. */
  make(settings: readonly Setting[]): string {
    this.#made += 1;
    const folder = join(this.#folder, String(this.#made));
    mkdirSync(folder);
    for (const { file, value, may } of settings) {
      try {
        writeFileSync(join(folder, file), value, { flag: 'r+' });
      } catch (error) {
        if (may && errorCode(error) === 'ENOENT') continue;
        this.remove(folder);
        throw error;
      }
    }
    return folder;
  }

  remove(folder: string): void {
    if (!isRemoved(folder)) this.#left.add(folder);
  }

  close(): void {
    for (const folder of this.#left) isRemoved(folder);
    isRemoved(this.#folder);
  }
}

export function settingsOf(
  controller: Controller,
  { memoryBytes = 0, cpus = 0, pids = 0 }: LimitsPlan,
): readonly Setting[] {
  switch (controller) {
    case 'memory':
      // With swap it would only become slow. In this order: the limit with swap cannot be below the one without.
      return [
        { file: 'memory.limit_in_bytes', value: String(memoryBytes) },
        { file: 'memory.memsw.limit_in_bytes', value: String(memoryBytes), may: true },
      ];
    case 'cpu':
      return [
        { file: 'cpu.cfs_period_us', value: String(PERIOD_US) },
        { file: 'cpu.cfs_quota_us', value: String(quotaOf(cpus)) },
      ];
    case 'pids':
      return [{ file: 'pids.max', value: String(pids) }];
    default:
      return unreachable(controller);
  }
}

/** Kills for want of memory in a group, by its own counter; undefined where it cannot be read. */
export function oomKillsIn(folder: string): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(join(folder, 'memory.oom_control'), 'latin1'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}

function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}
