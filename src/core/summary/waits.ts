// Which tasks of a turn waited for locks that other runs had, and for how long, from the events of its cycle.

import type { LockHolder } from '../cycle/event.ts';
import type { Recorded } from '../loop/event.ts';

export interface WaitRecord {
  readonly task: string;
  /** The one that it waited for last. */
  readonly lock: string;
  /** Who had it, as far as they said so; null: they did not. */
  readonly holder: LockHolder | null;
  readonly waitedMs: number;
  /** Whether it had its locks in the end. */
  readonly got: boolean;
}

/** In the order in which they began. What a task had at once it did not wait for. */
export function waitsOf(events: readonly Recorded[]): readonly WaitRecord[] {
  const waits = new Map<string, WaitRecord>();
  const since = new Map<string, number>();
  for (const event of events) {
    if (event.type === 'task.locking') since.set(event.task, event.mono);
    if (event.type === 'task.waiting') {
      const { task, lock, holder = null } = event;
      waits.set(task, { task, lock, holder, waitedMs: waits.get(task)?.waitedMs ?? 0, got: false });
    }
    if (!ENDS.has(event.type) || !('task' in event)) continue;
    const [wait, from] = [waits.get(event.task), since.get(event.task)];
    since.delete(event.task);
    if (!wait || from === undefined) continue;
    const got = event.type === 'task.locked' && event.failed === undefined;
    waits.set(event.task, { ...wait, waitedMs: wait.waitedMs + Math.max(0, event.mono - from), got });
  }
  return [...waits.values()];
}

const ENDS: ReadonlySet<Recorded['type']> = new Set(['task.locked', 'task.judged', 'task.skipped']);
