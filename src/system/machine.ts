// What this machine has for tasks, as far as it can be told: of all there is, or of the part that gate-run's own cgroup was given.

import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { MachineFacts } from '../core/plan/resources.ts';
import { limitTexts } from '../core/plan/resources-text.ts';
import type { Machine } from '../core/loop/event.ts';
import type { Plan } from '../core/plan/plan.ts';
import { treesHere } from './cgroup-tree.ts';
import { counterPlaces } from './oom.ts';
import { textOf } from './proc.ts';

export function machineFacts(): MachineFacts {
  return { memoryBytes: memory(), cores: availableParallelism(), pids: numberIn('/proc/sys/kernel/pid_max') };
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

/** Undefined where there is none, and where it says `max`. */
function numberIn(file: string): number | undefined {
  const text = textOf(file)?.trim();
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Undefined where no task says what it needs. */
export function machineFor({ phases }: Plan): Machine | undefined {
  const limits = new Set(
    phases.flatMap(({ tasks }) =>
      tasks.flatMap(({ leftOut, resources }) =>
        leftOut === undefined && resources ? limitTexts(resources).map(({ key }) => key) : [],
      ),
    ),
  );
  if (limits.size === 0) return undefined;
  const unheld = Object.fromEntries(
    [...limits].map((key) => [key, 'gate-run does not hold tasks to it yet']),
  );
  return { memoryBytes: memory(), unheld };
}
