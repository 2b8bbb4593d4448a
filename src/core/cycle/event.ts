// Everything that can happen inside a cycle. Decisions come from `nextInCycle`, facts from the world through the inbox.

import type { TaskMissed, TaskRestored, TaskSought } from '../cache/event.ts';
import type { Evidence, Judgement, ProcessEnd, StopCause } from '../judge/evidence.ts';
import type { SimsEvidence } from '../judge/sims.ts';
import type { AttemptUndoing, AttemptUndone, Writes } from '../writes/event.ts';

/** One execution of a task's command. `rung` is the count of a ladder's stage. */
export interface AttemptRef {
  readonly task: string;
  readonly rung?: number;
  /** From 1; counts anew on each rung. */
  readonly attempt: number;
}

/** Decision: ask the world whether the task's `when` holds now. */
export interface TaskAsked {
  readonly type: 'task.asked';
  readonly task: string;
}

/** Fact: the answer. `unmet` names the key that decided against it; `inputs` is what `changed` saw. */
export interface TaskAnswered {
  readonly type: 'task.answered';
  readonly task: string;
  readonly unmet?: string;
  readonly inputs?: string;
}

/** Decision: take its locks before it starts; they are its own until it is settled. */
export interface TaskLocking {
  readonly type: 'task.locking';
  readonly task: string;
  readonly locks: readonly string[];
}

/** Fact: another run has this lock, so the task waits for it. */
export interface TaskWaiting {
  readonly type: 'task.waiting';
  readonly task: string;
  readonly lock: string;
  /** Absent: it did not say who it is. */
  readonly holder?: LockHolder;
}

/** Who has a lock, as far as it said so. */
export interface LockHolder {
  readonly run?: string;
  readonly task?: string;
  readonly pid?: number;
  /** Of its config. */
  readonly folder?: string;
}

/** Fact: it has all of its locks; `failed`: they cannot be had here, and why. */
export interface TaskLocked {
  readonly type: 'task.locked';
  readonly task: string;
  readonly failed?: string;
}

/** Decision: start the command. */
export interface AttemptStarted extends AttemptRef {
  readonly type: 'attempt.started';
}

/** Fact: no output, no activity and no CPU time for `quietMs`. */
export interface AttemptQuiet extends AttemptRef {
  readonly type: 'attempt.quiet';
  readonly quietMs: number;
}

/** Decision: make the attempt end, with TERM first and KILL after the grace period. */
export interface AttemptStopping extends AttemptRef {
  readonly type: 'attempt.stopping';
  readonly cause: StopCause;
  readonly signal: 'TERM' | 'KILL';
  /** The task whose failure cancelled this one. */
  readonly because?: string;
}

/** Fact: the process group is empty and its evidence is read. The last word on an attempt. */
export interface AttemptEnded extends AttemptRef {
  readonly type: 'attempt.ended';
  readonly end: ProcessEnd | { readonly interrupted: true };
  readonly durationMs: number;
  /** What was started, as a person would type it, at most 500 characters; values of `vars` stay names. */
  readonly command?: string;
  /** Bytes of output. */
  readonly bytes: number;
  /** CRC-32 of the output as it was written to the log, eight hex digits; absent without output and above 16 MiB. */
  readonly sum?: string;
  /** Out-of-memory kills that the kernel counted for it. */
  readonly oomKills?: number;
  /** The most memory that its processes were seen to hold at once, looked at once a second; absent: it was over before the first look. */
  readonly peakBytes?: number;
  /** Its CPU time, up to the last look; of a rung that of its simulations, where it is known of each. */
  readonly cpuMs?: number;
  /** Of an attempt that ran out of memory: how much could be had. */
  readonly memoryLimitBytes?: number;
  /** More about its end is in a file beside its log. */
  readonly forensics?: true;
  /** The output names a JavaScript heap limit. */
  readonly heapMessage?: boolean;
  /** What became of the log when it is not simply there: emptied by the task itself, cut at its bound, or never written. */
  readonly log?: 'emptied' | 'cut' | 'none';
  /** Processes that the leader left behind and that were ended. */
  readonly leftBehind?: number;
  /** The line of output that best says what went wrong, redacted, at most 500 characters. */
  readonly excerpt?: string;
  /** Hidden variables that were there and not given to it, and that its output misses. */
  readonly withheld?: readonly string[];
  /** Whom its `network: { allow }` kept it from reaching, as `host:port`, the first few. */
  readonly refused?: readonly string[];
  /** By task: its own evidence, and that of the tasks that judge it. */
  readonly evidence?: Readonly<Record<string, Evidence>>;
  /** What its simulations left, where gate-run ran the seeds itself. */
  readonly sims?: SimsEvidence;
  /** What is not as it was before the task, where `writes` caps that. */
  readonly writes?: Writes;
}

/** Decision: the verdict over a task. */
export interface TaskJudged extends Judgement {
  readonly type: 'task.judged';
  readonly task: string;
  /** The question's fingerprint when the verdict is soft-failed, failed or broken. */
  readonly fingerprint?: string;
  /** Judged from an answer of the cache: no attempt was made. */
  readonly cached?: Cached;
}

/** Where an answer comes from, and what it saved. */
export interface Cached {
  readonly key: string;
  /** When its attempt ended, ISO 8601. */
  readonly at: string;
  readonly from: string;
  readonly savedMs: number;
}

/** Decision: the task will not run in this cycle. */
export interface TaskSkipped {
  readonly type: 'task.skipped';
  readonly task: string;
  /** `when exists`, `profile push`, `--skip`, `needs types`, `after failure of lint`, `stopped` … */
  readonly rule: string;
  /** Left out by the config itself: it satisfies `needs`, and the cycle may still pass. */
  readonly excused: boolean;
  /** The task whose failure decided. */
  readonly because?: string;
}

export type CycleEvent =
  | TaskAsked
  | TaskAnswered
  | TaskSought
  | TaskRestored
  | TaskMissed
  | TaskLocking
  | TaskWaiting
  | TaskLocked
  | AttemptStarted
  | AttemptQuiet
  | AttemptStopping
  | AttemptEnded
  | AttemptUndoing
  | AttemptUndone
  | TaskJudged
  | TaskSkipped;
