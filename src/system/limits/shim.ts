// The few words of shell between a start and the command of a task with limits: it enters its control groups, lowers what the system
// allows it, and becomes the command. To do that from outside would be too late: in 39 of 40 trials children had escaped already.

import type { LimitsPlan } from '../../core/plan/resources.ts';

/** What each process is held to by the kernel itself; see setrlimit(2). */
export type Ceilings = Pick<LimitsPlan, 'openFiles' | 'fileSizeBytes' | 'cpuTimeMs'>;

/** A shell counts the size of files in blocks, where it is called sh: POSIX says of 512 bytes. */
const BLOCK_BYTES = 512;
const SECOND_MS = 1000;
/** Behind SIGXCPU, which tells why a process ends, and before the SIGKILL that tells nothing. */
const CPU_GRACE_S = 2;

/** `groups`: the files through which a process enters them. Whatever cannot be set starts nothing: the shell ends with 126 and says why. */
export function shimmed(
  argv: readonly string[],
  { groups, ceilings }: { readonly groups: readonly string[]; readonly ceilings: Ceilings },
): readonly string[] {
  const enter = groups.map((_, at) => `echo $$ >"$${at + 1}"`);
  const steps = [...enter, ...lowered(ceilings), ...(groups.length > 0 ? [`shift ${groups.length}`] : [])];
  const script = `{ ${steps.join(' && ')}; } || exit 126; exec "$@"`;
  return ['/bin/sh', '-c', script, 'gate-run', ...groups, ...argv];
}

function lowered({ openFiles, fileSizeBytes, cpuTimeMs }: Ceilings): readonly string[] {
  return [
    ...(openFiles === undefined ? [] : [`ulimit -n ${openFiles}`]),
    ...(fileSizeBytes === undefined ? [] : [`ulimit -f ${Math.ceil(fileSizeBytes / BLOCK_BYTES)}`]),
    // The soft one first: it cannot be above the hard one.
    ...(cpuTimeMs === undefined ? [] : cpuSteps(cpuSeconds(cpuTimeMs))),
  ];
}

function cpuSteps({ soft, hard }: CpuSeconds): readonly string[] {
  return [`ulimit -S -t ${soft}`, `ulimit -H -t ${hard}`];
}

/** Both, wherever a task is held to it: with one alone the kernel kills at once, and nobody could tell why. */
export interface CpuSeconds {
  readonly soft: number;
  readonly hard: number;
}

export function cpuSeconds(cpuTimeMs: number): CpuSeconds {
  const soft = Math.ceil(cpuTimeMs / SECOND_MS);
  return { soft, hard: soft + CPU_GRACE_S };
}
