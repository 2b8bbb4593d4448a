// How far the turn under way has come, task by task.

import type { CycleVerdict, Turn } from '../loop/event.ts';
import type { StopCause } from '../judge/evidence.ts';
import type { AttemptEnded, TaskJudged, TaskSkipped } from './event.ts';

export interface CycleProgress {
  readonly cycle: number;
  readonly turn: Turn;
  readonly startedAt: string;
  /** Monotonic. */
  readonly startedMono: number;
  /** In the order in which they were first heard of. */
  readonly tasks: ReadonlyMap<string, TaskProgress>;
  /** Ids of tasks whose attempt is under way. */
  readonly running: ReadonlySet<string>;
  /** How many tasks have a verdict or were skipped. */
  readonly done: number;
  /** Monotonic time of the first start, by phase. */
  readonly phaseStartedMono: ReadonlyMap<string, number>;
  /** The first strict task of the turn that failed or was broken: the first cause. */
  readonly firstFailure: string | undefined;
  readonly timedOut: boolean;
  readonly verdictSoFar: CycleVerdict;
}

export interface TaskProgress {
  readonly id: string;
  readonly state: 'asked' | 'answered' | 'running' | 'ended' | 'done';
  /** Count of the ladder's rung under way or last run. */
  readonly rung: number | undefined;
  /** On this rung, from 1. */
  readonly attempt: number;
  /** Over all rungs. */
  readonly attempts: number;
  readonly startedMono: number;
  readonly endedMono: number;
  /** Sum over attempts. */
  readonly durationMs: number;
  readonly unmet: string | undefined;
  readonly inputs: string | undefined;
  readonly quietMs: number;
  readonly stopping:
    | {
        readonly cause: StopCause;
        readonly signal: 'TERM' | 'KILL';
        readonly mono: number;
        readonly because: string | undefined;
      }
    | undefined;
  /** The last attempt's end. */
  readonly ended: AttemptEnded | undefined;
  /** The last attempt of each rung that ended, lowest first. */
  readonly rungs: readonly AttemptEnded[];
  readonly judged: TaskJudged | undefined;
  readonly skipped: TaskSkipped | undefined;
}
