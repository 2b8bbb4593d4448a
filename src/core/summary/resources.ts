// What `status` says of resources: who waits for a lock and who has it, and what tasks cannot be held to here.

import type { LockHolder } from '../cycle/event.ts';
import type { PlanIndex } from '../cycle/plan-index.ts';
import type { CycleProgress } from '../cycle/progress.ts';
import type { Machine } from '../loop/event.ts';

export interface WaitingStatus {
  readonly id: string;
  /** Null: it was not told yet. */
  readonly lock: string | null;
  /** Null: whoever has it did not say who they are. */
  readonly holder: LockHolder | null;
  readonly sinceMs: number;
  /** How long it may take; null where the plan is not known. */
  readonly limitMs: number | 'never' | null;
}

export interface MachineStatus {
  /** What all tasks together may use; null: it is not known. */
  readonly memoryBytes: number | null;
  /** Limits that tasks are not held to, those with one reason together. */
  readonly unheld: readonly Unheld[];
}

export interface Unheld {
  readonly limits: readonly string[];
  readonly why: string;
}

/** Tasks that wait for another run; those behind a task of their own run have not asked yet. */
export function waitingOf(open: CycleProgress, index: PlanIndex | undefined, mono: number): WaitingStatus[] {
  return [...open.pending].flatMap((id) => {
    const { state, locking } = open.tasks.get(id) ?? {};
    if (state !== 'locking' || !locking) return [];
    return {
      id,
      lock: locking.lock ?? null,
      holder: locking.holder ?? null,
      sinceMs: Math.max(0, mono - locking.sinceMono),
      limitMs: index?.tasks.get(id)?.timeoutMs ?? null,
    };
  });
}

export function machineStatus(machine: Machine | undefined): MachineStatus | null {
  return machine ? { memoryBytes: machine.memoryBytes ?? null, unheld: unheldIn(machine) } : null;
}

export function unheldIn({ unheld = {} }: Pick<Machine, 'unheld'>): readonly Unheld[] {
  const byWhy = new Map<string, string[]>();
  for (const [limit, why] of Object.entries(unheld)) byWhy.set(why, [...(byWhy.get(why) ?? []), limit]);
  return [...byWhy].map(([why, limits]) => ({ limits, why }));
}
