// What a rehearsed attempt does, and who says so. Nothing is drawn or played here.

import type { Evidence, ProcessEnd } from '../core/judge/evidence.ts';
import type { Ask } from '../core/plan/plan.ts';
import type { Order } from '../ports.ts';

export interface Act {
  readonly end: ProcessEnd;
  /** 'never': only a signal ends it. */
  readonly durationMs: number | 'never';
  /** How long after TERM it ends. */
  readonly termMs: number | 'ignored';
  /** Says nothing and does nothing while it goes on. */
  readonly isSilent: boolean;
  /** Out-of-memory kills that the kernel would count. */
  readonly oomKills: number;
  /** What it prints. */
  readonly output: string;
  /** By task: its own, and that of the tasks that judge it. */
  readonly evidence: Readonly<Record<string, Evidence>>;
}

/** What the act has to say: for the readers of its output, or for each of its simulations. */
export function wantedOf({ ref, read, sims }: Order): Order['read'] {
  return sims ? [{ task: ref.task, metrics: sims.metrics, labels: [] }] : read;
}

/** The same question gets the same answer, in whatever order questions come. */
export interface Outcomes {
  actOf(order: Order, cycle: number): Act;
  /** The key of `when` that does not hold; undefined: all do. */
  unmetIn(task: string, asks: readonly Ask[], cycle: number): string | undefined;
}
