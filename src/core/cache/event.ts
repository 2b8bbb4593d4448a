// What happens between a task and the cache. `task.sought` is decided, one of the other two comes back; it is a question like
// `task.asked`, so that `next` reads no disk and a ledger replays.

import type { AttemptEnded, AttemptRef } from '../cycle/event.ts';

/** Decision: look whether the cache has an answer for what the task depends on now. */
export interface TaskSought {
  readonly type: 'task.sought';
  readonly task: string;
}

/** What an attempt left, in the place of a new one. */
export type KeptEnd = Omit<AttemptEnded, 'type' | keyof AttemptRef>;

/** Of an attempt what outlives it; nothing of when and where it was recorded. */
export function keptEnd(ended: AttemptEnded): KeptEnd {
  const { end, durationMs, command, bytes, sum, log, excerpt, evidence, writes } = ended;
  return {
    end,
    durationMs,
    bytes,
    ...(command !== undefined && { command }),
    ...(sum !== undefined && { sum }),
    ...(log !== undefined && { log }),
    ...(excerpt !== undefined && { excerpt }),
    ...(evidence !== undefined && { evidence }),
    ...(writes !== undefined && { writes }),
  };
}

/** Fact: it has. The output is in the log and the outputs are in their places; the verdict is made anew, from this evidence. */
export interface TaskRestored {
  readonly type: 'task.restored';
  readonly task: string;
  readonly key: string;
  /** When the attempt ended that is answered with, ISO 8601, and in which run and cycle. */
  readonly keptAt: string;
  readonly from: string;
  readonly ended: KeptEnd;
}

/** Fact: it has not, so the task runs. */
export interface TaskMissed {
  readonly type: 'task.missed';
  readonly task: string;
  /** Absent where none can be made: then nothing will be kept either. */
  readonly key?: string;
  /** What differs from the last answer, the first few: `src/a.ts changed`. */
  readonly why: readonly string[];
  /** How many more differ. */
  readonly more?: number;
}

/** So many differences stand on a miss line and in the ledger; `explain` names all. */
export const WHY_SHOWN = 3;

export function whyText({ why, more = 0 }: Pick<TaskMissed, 'why' | 'more'>): string {
  return [...why, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
