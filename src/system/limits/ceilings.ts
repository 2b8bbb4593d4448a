// What the system lets a process of ours have at most: a limit above that is not what holds. See proc_pid_limits(5).

import { textOf } from '../proc.ts';

/** Its name in the first column of /proc/self/limits. */
const ROWS = {
  openFiles: 'Max open files',
  fileSizeBytes: 'Max file size',
  cpuTimeMs: 'Max cpu time',
} as const;
const SECOND_MS = 1000;

/** Undefined: there is none, or this system does not tell. */
export function ceilingOf(
  limit: keyof typeof ROWS,
  limits: string = textOf('/proc/self/limits') ?? '',
): number | undefined {
  const row = limits.split('\n').find((line) => line.startsWith(ROWS[limit]));
  const [, hard] = row?.slice(ROWS[limit].length).trim().split(/ +/) ?? [];
  if (hard === undefined || !/^\d+$/.test(hard)) return undefined;
  return limit === 'cpuTimeMs' ? Number(hard) * SECOND_MS : Number(hard);
}
