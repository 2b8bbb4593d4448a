// What a task with `writes` changed of the tree: told with the end of its attempt, and put back by a decision of its own.

import type { AttemptRef } from '../cycle/event.ts';

/** One path that is not as it was before the task. */
export interface WrittenPath {
  /** From the config's folder; bytes that are no text stand as U+FFFD. */
  readonly path: string;
  readonly how: 'added' | 'changed' | 'removed';
  /** Outside of `only`. */
  readonly outside?: true;
}

/** Of everything since the task's first attempt in this turn. */
export interface Writes {
  /** Added, changed and removed; a folder counts only where it is all there is: an empty one, or its mode. */
  readonly files: number;
  /** Added and taken away; absent where no cap asks for it. */
  readonly lines?: number;
  /** How many of them lie outside of `only`; absent: none. */
  readonly outside?: number;
  /** The first few, those outside of `only` before the others. */
  readonly changed?: readonly WrittenPath[];
  /** How many more there are. */
  readonly more?: number;
  /** The whole list, a file in the cycle's folder; absent: all are named here, or it could not be written. */
  readonly list?: string;
  /** Why the tree could not be compared, as a sentence; then nothing else is known. */
  readonly failed?: string;
}

/** Decision: put back what the task changed, since that is more than it may. */
export interface AttemptUndoing extends AttemptRef {
  readonly type: 'attempt.undoing';
}

/** Fact: that was done, as far as it could be. */
export interface AttemptUndone extends AttemptRef {
  readonly type: 'attempt.undone';
  /** Paths that are as they were before the task. */
  readonly files: number;
  /** What could not be put back, the first few. */
  readonly left?: readonly { readonly path: string; readonly why: string }[];
  readonly more?: number;
  /** What holds the tree as it was, in the cycle's folder; kept where something could not be put back. */
  readonly kept?: string;
}
