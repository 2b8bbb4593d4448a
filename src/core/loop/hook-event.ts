// What becomes of hooks: people's own commands, run when something happened to the loop.

import type { HookName } from '../plan/plan.ts';
import type { Ending } from './ending.ts';

/** A command of `hooks` is started; at most one at a time, between two turns. */
export interface HookStarted {
  readonly type: 'hook.started';
  /** Of this run, from 1. */
  readonly nth: number;
  readonly hook: HookName;
  readonly cycle: number;
  /** For people; values are not filled in. */
  readonly command: string;
  readonly timeoutMs: number;
  /** Of `on-question`: its fingerprint, and the task that it is about. */
  readonly question?: string;
  readonly task?: string;
  /** Of `on-exit`: how the run ends. */
  readonly ending?: Ending;
  readonly exit?: number;
  readonly why?: string;
}

/** It took too long, or somebody wants the run to be over at once. */
export interface HookStopping {
  readonly type: 'hook.stopping';
  readonly nth: number;
  readonly hook: HookName;
  readonly why: 'timeout' | 'stop';
}

/** How a hook went. It judges nothing. */
export interface HookEnded {
  readonly type: 'hook.ended';
  readonly nth: number;
  readonly hook: HookName;
  /** `lost`: it was told to end, and nobody said that it did. */
  readonly how: 'exited' | 'not-started' | 'too-long' | 'killed' | 'lost';
  readonly code?: number;
  readonly durationMs: number;
  /** Why, for people; with the end of what it said. */
  readonly detail?: string;
}
