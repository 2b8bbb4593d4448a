// Words for locks that are waited for, and for limits that nobody can hold a task to here.

import { formatDuration } from '../core/config/quantity.ts';
import type { LockHolder, TaskWaiting } from '../core/cycle/event.ts';
import { holderText } from '../core/cycle/locks.ts';
import { durationText } from '../core/judge/words.ts';
import type { Machine } from '../core/loop/event.ts';
import { listText } from '../core/summary/amounts.ts';
import { unheldIn, type Unheld, type WaitingStatus } from '../core/summary/resources.ts';

/** A limit that is only written must not be taken for one that holds. */
export function unheldLines(machine: Machine | undefined): readonly string[] {
  return machine ? unheldIn(machine).map((one) => `! not held here: ${unheldText(one)}`) : [];
}

/** `memory and cpus: no cgroup can be written to`. */
export function unheldText({ limits, why }: Unheld): string {
  return `${listText(limits, limits.length)}: ${why}`;
}

/** `deploy: waits for the lock database, which task migrate of run … (process 4242) has`. */
export function waitingLine({ task, lock, holder }: TaskWaiting): string {
  return `${task}: waits for the lock \`${lock}\`, which ${holderWords(holder)} has`;
}

/** `deploy 12 s of 10m for the lock database: task migrate of run … (process 4242) has it`. */
export function waitingText({ id, lock, holder, sinceMs, limitMs }: WaitingStatus): string {
  const limit = limitMs === null || limitMs === 'never' ? '' : ` of ${formatDuration(limitMs)}`;
  if (lock === null) return `${id} ${durationText(sinceMs)}${limit} for its locks`;
  return `${id} ${durationText(sinceMs)}${limit} for the lock \`${lock}\`: ${holderWords(holder)} has it`;
}

export function holderWords(holder: LockHolder | null | undefined): string {
  return holder ? holderText(holder) : 'somebody who did not say who they are';
}
