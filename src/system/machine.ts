// What this machine has for tasks, as far as it can be told: of all there is, or of the part that gate-run's own cgroup was given.

import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { limitsOf, type MachineFacts } from '../core/plan/resources.ts';
import type { Machine } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import { foldersFor, treesHere, unifiedFolders, type Trees } from './cgroup-tree.ts';
import { counterPlaces } from './oom.ts';
import { textOf } from './proc.ts';

export function machineFacts(): MachineFacts {
  return { memoryBytes: memory(), cores: coresIn(treesHere()), pids: numberIn('/proc/sys/kernel/pid_max') };
}

/** The least of what the machine has and what any cgroup above this process allows. */
function memory(): number {
  const { cgroup, mounts } = treesHere();
  const folders = counterPlaces(cgroup, mounts).map(({ file }) => dirname(file));
  const limits = folders.flatMap((folder) => [
    // Of the old hierarchy one file tells the least of all above.
    Number(/^hierarchical_memory_limit (\d+)$/m.exec(textOf(`${folder}/memory.stat`) ?? '')?.[1]),
    numberIn(`${folder}/memory.max`) ?? Number.NaN,
  ]);
  return Math.min(totalmem(), ...limits.filter((limit) => limit > 0));
}

/** As many as it has, or as any cgroup above this process gives: to a group below, no more than that can be given. */
export function coresIn(trees: Trees): number {
  const old = foldersFor('cpu', trees).map((folder) => {
    const [quota, period] = ['quota', 'period'].map((one) => numberIn(`${folder}/cpu.cfs_${one}_us`));
    return quota === undefined || period === undefined ? Infinity : quota / period;
  });
  const unified = unifiedFolders(trees).map((folder) => {
    const [, quota, period] = /^(\d+) (\d+)$/m.exec(textOf(`${folder}/cpu.max`) ?? '') ?? [];
    return quota === undefined ? Infinity : Number(quota) / Number(period);
  });
  // As a config may say it: with two decimals.
  return Math.floor(Math.min(availableParallelism(), ...old, ...unified) * 100) / 100;
}

/** Undefined where there is none, and where it says `max`. */
function numberIn(file: string): number | undefined {
  const text = textOf(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Undefined where no task says what it needs. `unheld`: limits that tasks are not held to here. */
export function machineFor({ phases }: Plan, unheld: Readonly<Record<string, string>>): Machine | undefined {
  const asks = phases.some(({ tasks }) =>
    tasks.some(({ leftOut, resources }) => leftOut === undefined && limitsOf(resources) !== undefined),
  );
  if (!asks) return undefined;
  return { memoryBytes: memory(), ...(Object.keys(unheld).length > 0 && { unheld }) };
}
