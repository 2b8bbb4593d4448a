// The kernel's controllers that hold a group of processes to something, in whichever tree they are.

export type Controller = 'memory' | 'cpu' | 'pids';

/** What a group is made with, file by file. `may`: where the system does not have it, it is not needed. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  readonly may?: true;
}

/** CPU time is given out for so long at a time. */
export const PERIOD_US = 100_000;
/** The least that the kernel takes. */
const LEAST_QUOTA_US = 1000;

export function quotaOf(cpus: number): number {
  return Math.max(LEAST_QUOTA_US, Math.round(cpus * PERIOD_US));
}
