// How much memory may be had in a cgroup, by every limit that holds there: the one that is met first is the smallest.

import { dirname } from 'node:path';
import { textOf } from './proc.ts';

const KIB = 1024;

/** By the file that counts kills there; undefined where nobody tells. */
export function memoryLimitAt(counterFile: string): number | undefined {
  const machine = numberIn('/proc/meminfo', /^MemTotal:\s+(\d+) kB/m);
  const limits = [
    ...(counterFile.endsWith('/memory.oom_control') ? [oldLimit(dirname(counterFile))] : []),
    ...(counterFile.endsWith('/memory.events') ? unifiedLimits(dirname(counterFile)) : []),
    machine === undefined ? undefined : machine * KIB,
  ];
  return smallestOf(...limits);
}

export function smallestOf(...limits: readonly (number | undefined)[]): number | undefined {
  const known = limits.flatMap((limit) => limit ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** The kernel works it out over all cgroups above. Where there is none, it is a number that no machine has. */
function oldLimit(folder: string): number | undefined {
  return numberIn(`${folder}/memory.stat`, /^hierarchical_memory_limit (\d+)$/m);
}

/** Of the cgroup and those above it, as far as they can be seen. */
function unifiedLimits(folder: string): readonly (number | undefined)[] {
  const text = textOf(`${folder}/memory.max`);
  const isTop = text === undefined && textOf(`${folder}/cgroup.procs`) === undefined;
  if (isTop || folder === '/') return [];
  return [numberIn(`${folder}/memory.max`, /^(\d+)$/m), ...unifiedLimits(dirname(folder))];
}

function numberIn(file: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(textOf(file) ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}
