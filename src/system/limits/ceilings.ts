// What the system lets a process of ours have at most: a limit above that is not what holds. See proc_pid_limits(5).

import type { LimitsPlan } from '../../core/plan/resources.ts';
import { textOf } from '../proc.ts';
import type { Ceilings } from './shim.ts';

/** Its name in the first column of /proc/self/limits. */
const ROWS = {
  openFiles: 'Max open files',
  fileSizeBytes: 'Max file size',
  cpuTimeMs: 'Max cpu time',
} as const;
const SECOND_MS = 1000;

/** Undefined: there is none, or this system does not tell. */
export function ceilingOf(
  limit: keyof Ceilings,
  limits: string = textOf('/proc/self/limits') ?? '',
): number | undefined {
  const row = limits.split('\n').find((line) => line.startsWith(ROWS[limit]));
  const [, hard] = row?.slice(ROWS[limit].length).trim().split(/ +/) ?? [];
  if (hard === undefined || !/^\d+$/.test(hard)) return undefined;
  return limit === 'cpuTimeMs' ? Number(hard) * SECOND_MS : Number(hard);
}

/** Never above what the system allows: that would start nothing. */
export function lowestOf({ openFiles, fileSizeBytes, cpuTimeMs }: LimitsPlan): Ceilings {
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
export function mayRaise(): boolean {
  return process.getuid?.() === 0;
}
