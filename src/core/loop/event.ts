// Everything that can happen around cycles, and the one type of all events. An event is a past fact.

import type { Containment } from './containment.ts';
import type { BaselineCleared, BaselineRecorded } from '../baseline/event.ts';
import type { CycleEvent } from '../cycle/event.ts';
import type { ChampionEvent, FreshSeeds } from './champion-event.ts';
import type { Check, Outcome, Verdict } from '../judge/evidence.ts';
import type { SimsEvidence } from '../judge/sims.ts';
import type { HookName, Mode } from '../plan/plan.ts';
import type { ExitPlan, MarkPlan } from '../plan/ends-plan.ts';
import type { Grown, ProtectEvent, Tampering } from '../protect/event.ts';
import type { Receipts, ReceiptsEvent } from '../receipts/event.ts';
import type { HookEnded, HookStarted, HookStopping } from './hook-event.ts';

/**
 * When a turn's phases stand: before the first cycle of a run, in each cycle, or once when the run ends; `confirm`: between
 * two cycles the champion's gate alone, on fresh seeds.
 */
export type Turn = 'start' | 'cycle' | 'end' | 'confirm';

export type CycleVerdict =
  | 'passed'
  | 'failed'
  | 'broken'
  | 'integrity'
  | 'stopped'
  | 'limited'
  | 'interrupted';

/** What a finished cycle leaves for good, also after its folder is pruned. */
export interface TaskSummary {
  readonly id: string;
  readonly kind: 'step' | 'gate';
  /** As it held in this cycle. */
  readonly mode: 'strict' | 'soft';
  /** Soft because of `quarantine-until` or `soft-until`: the last day of it, `2026-12-31`. */
  readonly quarantined?: string;
  readonly softUntil?: string;
  readonly phase: string;
  /** When it was judged or skipped, ISO 8601. */
  readonly at: string;
  readonly verdict: Verdict;
  readonly outcome?: Outcome;
  /** Count of the ladder's rung that was run last. */
  readonly rung?: number;
  /** What each rung of a ladder measured, by its count; values of different counts are never compared. */
  readonly rungs?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** By count, what the simulations of each rung left, where gate-run ran the seeds itself. */
  readonly sims?: Readonly<Record<string, SimsEvidence>>;
  /** Attempts over all rungs. */
  readonly attempts: number;
  readonly durationMs: number;
  /** The most memory that any of its attempts was seen to hold; absent: none lasted long enough to be looked at. */
  readonly peakBytes?: number;
  /** Of what ran out of memory: how much could be had. */
  readonly memoryLimitBytes?: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly reasons: readonly string[];
  readonly checks: readonly Check[];
  /** Failed as it did in the baseline. */
  readonly inBaseline?: true;
  /** Passed, but not on its first attempt. */
  readonly flaky?: true;
  readonly prunedAt?: number;
  /** The task whose failure cancelled or skipped it. */
  readonly because?: string;
  readonly fingerprint?: string;
  readonly excerpt?: string;
  /** Broken, and softened by `on-broken: soft`. */
  readonly wasBroken?: true;
  /** Skipped, and the config itself wanted it so. */
  readonly isExcused?: true;
  /** Of the last attempt, relative to the cycles' folder. */
  readonly log?: string;
  /** Of the last attempt, where it ended badly: more about its end, relative to the cycles' folder. */
  readonly forensics?: string;
  readonly exitCode?: number;
  /** Crc of what `when: changed` saw, kept so that the next cycle can compare. */
  readonly inputs?: string;
  /** Answered from the cache: when the attempt ended that is answered with, and how long it had taken. */
  readonly cached?: { readonly at: string; readonly savedMs: number };
}

/** What the fold has to keep for the conditions of a run; it knows no plan. */
export interface Watch {
  /** Cycles of which verdict and time are kept. */
  readonly cycles: number;
  /** By metric key, how many values are kept. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Labels whose different values are counted. */
  readonly labels: readonly string[];
  /** The hooks there are, so that the fold knows what is owed. Absent: none. */
  readonly hooks?: readonly HookName[];
  /** What the run is held to, for `status`: a later look need not know the flags of the start. Absent: nothing. */
  readonly conditions?: Conditions;
}

/** The conditions of a run as its plan resolved them. One cycle alone has no ends. */
export interface Conditions {
  readonly ends?: ExitPlan;
  readonly marks: readonly MarkPlan[];
}

/** What attempts said that they used up; `silent` counts those that were asked and did not say. */
export interface Spent {
  readonly sum: number;
  readonly told: number;
  readonly silent: number;
}

/** What a start found of the machine, where a plan asks for it. */
export interface Machine {
  /** What all tasks together may use: of the machine, or of the part of it that gate-run was given. */
  readonly memoryBytes?: number;
  /** By limit (`memory`, `cpus` …): why tasks cannot be held to it here. Absent: they are held to all that the plan has. */
  readonly unheld?: Readonly<Record<string, string>>;
}

export interface RunStarted {
  readonly type: 'run.started';
  readonly plan: string;
  readonly name: string;
  readonly version: string;
  readonly goal?: string;
  readonly profile?: string;
  /** Absent in ledgers of versions that knew single cycles only. */
  readonly mode?: Mode;
  /** The flags that shaped the plan, as they may be typed again; absent: none. */
  readonly flags?: readonly string[];
  /** Effective limits, for people. */
  readonly limits: Readonly<Record<string, string>>;
  /** Absent as `mode` is. */
  readonly watch?: Watch;
  /** Absent: no task says what it needs. */
  readonly machine?: Machine;
  /** Somebody accepts what has changed of protected files since the run before. Absent: nobody did. */
  readonly accepted?: true;
  /** What holds the processes of its tasks. Absent in older ledgers. */
  readonly containment?: Containment;
}

/** A start found this run without an end, or stopped; `interrupted` lists the attempts that were cut off, as `task#attempt`. */
export interface RunResumed {
  readonly type: 'run.resumed';
  /** Id of the start; the run keeps its own. */
  readonly by: string;
  /** Carried on; else it is only closed. */
  readonly goesOn: boolean;
  readonly interrupted: readonly string[];
  /** How long the run was under way in its earlier lives: a cycle's file knows it, the history alone does not. */
  readonly earlierMs?: number;
  /** Of the plan that it follows from now on. */
  readonly plan: string;
  /** Somebody accepts what has changed of config and protected files, which are noted anew. Absent: nobody did. */
  readonly accepted?: true;
  /** As in `run.started`, of this start. */
  readonly flags?: readonly string[];
  readonly limits: Readonly<Record<string, string>>;
  readonly machine?: Machine;
  readonly watch: Watch;
  /** Of this start. */
  readonly containment?: Containment;
}

export interface RunEnded {
  readonly type: 'run.ended';
  readonly reason:
    | 'finished'
    | 'integrity'
    | 'target'
    | 'budget'
    | 'gave-up'
    | 'stopped'
    | 'start-failed'
    | 'interrupted'
    | 'storage-failed';
  /** The condition that decided, as people wrote it: `failures-in-a-row >= 5`. */
  readonly rule?: string;
  readonly verdict: CycleVerdict | 'none';
  readonly exit: number;
  /** One sentence for people. */
  readonly why: string;
}

/** Somebody's wish to stop. `now`: end the running tasks at once. */
export interface StopSeen {
  readonly type: 'stop.seen';
  readonly by: 'signal' | 'file' | 'replace' | 'storage';
  readonly signal?: string;
  /** Of the stop file, absolute. */
  readonly path?: string;
  /** The start that takes the run's place, for people: `process 4242 on host`. */
  readonly who?: string;
  readonly now: boolean;
}

/** Why there is a pause: each is shown by its own words. */
export type RestCause = 'sleep' | 'schedule' | 'backoff' | 'limit' | 'rule' | 'half-open' | 'restarts';

/** A pause between cycles. */
export interface RestStarted {
  readonly type: 'rest.started';
  readonly cause: RestCause;
  readonly forMs: number;
  /** When it is over, ISO 8601. */
  readonly until: string;
  /** Whether the calendar decides the end (`wall`), or only the time that has passed. */
  readonly by: 'mono' | 'wall';
  /** One sentence for people. */
  readonly why: string;
}

export interface RestEnded {
  readonly type: 'rest.ended';
}

/** A named condition was met for the first time in this run. It acts on nothing. */
export interface MarkReached {
  readonly type: 'mark.reached';
  readonly mark: string;
  readonly level: 'info' | 'warning' | 'critical';
  readonly cycle: number;
  /** The conditions that held, each with its value: `edge > 400 (at 412.3)`. */
  readonly because: readonly string[];
}

export interface CycleStarted {
  readonly type: 'cycle.started';
  readonly cycle: number;
  readonly turn: Turn;
  /** Of a confirmation: whom it measures again, and on which seeds. */
  readonly confirm?: FreshSeeds;
}

export interface CycleEnded {
  readonly type: 'cycle.ended';
  readonly cycle: number;
  readonly turn: Turn;
  readonly verdict: CycleVerdict;
  readonly durationMs: number;
  readonly tasks: readonly TaskSummary[];
  /** The task that decided the verdict. */
  readonly cause?: string;
  readonly tokens?: Spent;
  readonly cost?: Spent;
  /** When the limit that was met resets, ISO 8601, as the work said; absent: it did not say. */
  readonly retryAt?: string;
  /** What of the protected files changed, where the verdict is `integrity`. */
  readonly tampering?: Tampering;
  /** Append-only files that have grown. */
  readonly grown?: readonly Grown[];
  /** How the work tree stood and what moved; absent where nobody asked. */
  readonly receipts?: Receipts;
}

export interface QuestionOpened {
  readonly type: 'question.opened';
  readonly fingerprint: string;
  readonly task: string;
  readonly cycle: number;
  /** The five lines of the capture format, redacted. */
  readonly text: string;
}

export interface QuestionClosed {
  readonly type: 'question.closed';
  readonly fingerprint: string;
  readonly task: string;
  readonly cycle: number;
}

/** The machine or this process stood still for `gapMs`: both clocks jumped between two looks. */
export interface Suspended {
  readonly type: 'suspended';
  readonly gapMs: number;
}

/** A view or a hook failed; the run goes on. */
export interface Noted {
  readonly type: 'noted';
  readonly what: string;
}

/** A start cut a torn tail off a file and kept it aside. */
export interface Recovered {
  readonly type: 'recovered';
  readonly file: string;
  readonly bytes: number;
  readonly aside: string;
}

/** The ledger up to here came out of a backup: what else was recorded in the one that it was taken from is not in this one. */
export interface LedgerRestored {
  readonly type: 'ledger.restored';
  /** When the backup was taken, ISO 8601. */
  readonly takenAt: string;
}

export interface StorageFailed {
  readonly type: 'storage.failed';
  readonly code: string;
  readonly what: string;
}

export type LoopEvent =
  | ChampionEvent
  | RunStarted
  | RunResumed
  | RunEnded
  | StopSeen
  | RestStarted
  | RestEnded
  | MarkReached
  | CycleStarted
  | CycleEnded
  | QuestionOpened
  | QuestionClosed
  | HookStarted
  | HookStopping
  | HookEnded
  | Suspended
  | Noted
  | Recovered
  | LedgerRestored
  | BaselineRecorded
  | BaselineCleared
  | StorageFailed;

export type Event = CycleEvent | LoopEvent | ProtectEvent | ReceiptsEvent;

/** When and where an event stands in the ledger. */
export interface Stamp {
  readonly v: 1;
  /** One sequence over all files of a state directory, from 1. */
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds: a label, never used for a limit. */
  readonly at: string;
  /** Milliseconds of the monotonic clock of the process that wrote it. */
  readonly mono: number;
  readonly run: string;
}

export type Recorded<E extends Event = Event> = Stamp & E;
