// How far the turn under way has come, task by task. Folded from the cycle's events and from nothing else.

import type { StopCause } from '../judge/evidence.ts';
import type { SimsEvidence } from '../judge/sims.ts';
import type { FreshSeeds } from '../loop/champion-event.ts';
import type { Spent, Turn } from '../loop/event.ts';
import type { TaskMissed } from '../cache/event.ts';
import type { AttemptEnded, Cached, LockHolder, TaskJudged, TaskSkipped } from './event.ts';
import type { ReceiptsTold } from '../receipts/event.ts';
import type { AttemptUndone } from '../writes/event.ts';
import type { TurnGuard } from '../protect/progress.ts';

export interface CycleProgress {
  readonly cycle: number;
  readonly turn: Turn;
  /** Of a confirmation. */
  readonly confirm: FreshSeeds | undefined;
  readonly startedAt: string;
  /** Monotonic. */
  readonly startedMono: number;
  /** In the order in which they were first heard of. */
  readonly tasks: ReadonlyMap<string, TaskProgress>;
  /** Tasks whose attempt is under way. */
  readonly running: ReadonlySet<string>;
  /** Tasks that wait for a decision or an answer: asked, sought, answered, locking, locked, ended or undoing. */
  readonly pending: ReadonlySet<string>;
  /** What was measured so far, by bare name and by `task.metric`. */
  readonly metrics: ReadonlyMap<string, number>;
  /** How many tasks have a verdict or were skipped. */
  readonly done: number;
  readonly tokens: Spent;
  readonly cost: Spent;
  /** The latest instant at which a limit that was met resets, ISO 8601, as the work said. */
  readonly retryAt: string | undefined;
  /** Tasks judged failed or broken, in that order: the first one is the first cause. */
  readonly failures: readonly string[];
  readonly guard: TurnGuard;
  /** How the work tree stands once the work is done; `asked`: the answer is awaited. */
  readonly receipts: ReceiptsTold | 'asked' | undefined;
}

export interface TaskProgress {
  readonly id: string;
  readonly state:
    | 'asked'
    | 'answered'
    | 'sought'
    | 'locking'
    | 'locked'
    | 'running'
    | 'ended'
    | 'undoing'
    | 'done';
  /** Count of the ladder's rung under way or last run. */
  readonly rung: number | undefined;
  /** What the rungs below it measured, by count. */
  readonly rungs: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** What the simulations of each rung left, by count. */
  readonly sims: Readonly<Record<string, SimsEvidence>>;
  /** CRC-32 of the file with their values, as its last attempt left it. */
  readonly simsFile: string | undefined;
  /** On this rung, from 1; 0 before the first. */
  readonly attempt: number;
  /** Over all rungs. */
  readonly attempts: number;
  /** Of the last attempt; 0 before the first. */
  readonly startedMono: number;
  /** Of the first attempt. */
  readonly firstStartedMono: number | undefined;
  readonly endedMono: number;
  /** Sum over attempts. */
  readonly durationMs: number;
  /** The most memory of all attempts, as far as it was seen. */
  readonly peakBytes: number | undefined;
  readonly unmet: string | undefined;
  readonly inputs: string | undefined;
  /** The cache was asked and has nothing. */
  readonly missed: TaskMissed | undefined;
  /** The attempt that ended was not made now: it is the cache's answer. */
  readonly cached: Cached | undefined;
  /** Since it asked for its locks, and until it is settled. */
  readonly locking: LockingProgress | undefined;
  readonly quietMs: number;
  readonly stopping: Stopping | undefined;
  /** The last attempt's end. */
  readonly ended: AttemptEnded | undefined;
  /** What was put back of what it wrote. */
  readonly undone: AttemptUndone | undefined;
  /** When it was judged or skipped, ISO 8601; empty before. */
  readonly judgedAt: string;
  readonly judged: TaskJudged | undefined;
  readonly skipped: TaskSkipped | undefined;
}

export interface LockingProgress {
  readonly state: 'waiting' | 'held' | 'refused';
  readonly sinceMono: number;
  /** The one that it waits for, and who has it; undefined: it was not told yet. */
  readonly lock: string | undefined;
  readonly holder: LockHolder | undefined;
  /** Why they cannot be had. */
  readonly failed: string | undefined;
}

export interface Stopping {
  readonly cause: StopCause;
  readonly signal: 'TERM' | 'KILL';
  readonly mono: number;
  readonly because: string | undefined;
}
