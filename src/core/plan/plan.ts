// The loop with everything resolved. Nothing here is read from the world again while a cycle runs.

import type { Problem } from '../config/problem.ts';
import type { ProveConfig } from '../config/prove-schema.ts';
import type { ReporterName } from '../config/reporters.ts';
import type { ChampionPlan, ObjectivePlan } from './champion-plan.ts';
import type { ExitPlan, MarkPlan } from './ends-plan.ts';
import type { IsolationPlan } from './isolation.ts';
import type { NetworkPlan } from './network.ts';
import type { ProtectPlan } from './protect.ts';
import type { ReceiptsPlan } from './receipts.ts';
import type { ResourcesPlan } from './resources.ts';
import type { SoftnessPlan } from './softness.ts';
import type { LineSource, SimsPlan } from './sims-plan.ts';
import type { CachePlan, CacheStorePlan } from './cache.ts';
import type { TreePlan, WritesPlan } from './writes.ts';

export interface Plan {
  readonly name: string;
  readonly goal: string | undefined;
  readonly profile: string | undefined;
  readonly vars: Readonly<Record<string, string>>;
  /** Fingerprint of everything that decides work, judgement and ends: a run is carried on by a plan with the same one. */
  readonly id: string;
  readonly jobs: number;
  readonly cycleTimeoutMs: number | 'never';
  readonly stopWithinMs: number;
  readonly loop: LoopPlan;
  readonly ends: ExitPlan;
  readonly marks: readonly MarkPlan[];
  /** Absent: no cycle is better than another. */
  readonly objective?: ObjectivePlan;
  readonly champion?: ChampionPlan;
  readonly keep: KeepPlan;
  /** Undefined: folders of cycles stay folders. */
  readonly archive?: ArchivePlan | undefined;
  /** Undefined: the run makes none. */
  readonly snapshots?: SnapshotsPlan | undefined;
  /** Absent: no task is cached, and nothing is said of where. */
  readonly cache?: CacheStorePlan;
  readonly phases: readonly PhasePlan[];
  readonly questions: { readonly file: string; readonly ask: string };
  /** Name patterns of environment variables whose values are secrets. */
  readonly redact: readonly string[];
  readonly reporters: readonly ReporterPlan[];
  /** Absent: none. */
  readonly hooks?: readonly HookPlan[];
  /** Absent: nobody is told. */
  readonly notify?: readonly NotifyPlan[];
  /** Absent: nothing is hashed. */
  readonly protect?: ProtectPlan;
  /** There where something looks at `no-progress`. */
  readonly receipts?: ReceiptsPlan;
  /** There where a task has `writes`. */
  readonly tree?: TreePlan;
  readonly state: StatePlan;
  readonly failOn: 'any' | 'soft' | undefined;
  /** What holds but is probably not meant; `check` and `plan` show it, nothing depends on it. */
  readonly warnings: readonly Problem[];
  /** For `plan`: where each setting that is not a default came from, by dotted key. */
  readonly sources: Readonly<Record<string, Source>>;
}

export type Source = 'flag' | 'variable' | 'profile' | 'file' | 'gate' | 'default';

export interface ReporterPlan {
  readonly name: ReporterName;
  readonly file?: string;
  /** Of the report: rows of a table, and labels that get a table each. */
  readonly top?: number;
  readonly by?: readonly string[];
}

export type HookName =
  | 'before-cycle'
  | 'after-cycle'
  | 'on-failure'
  | 'on-question'
  | 'on-champion'
  | 'on-exit';

/** A command beside the loop: never judged, at most as long as `timeoutMs`. */
export interface HookPlan {
  readonly on: HookName;
  readonly command: CommandPlan;
  readonly timeoutMs: number;
  readonly env: EnvPlan;
}

export type NotifyPlan = WebhookPlan | HeartbeatPlan;

export interface WebhookPlan {
  readonly kind: 'webhook';
  /** May be a secret itself, so only its origin is ever shown. */
  readonly url: string;
  readonly for: readonly NoticeKind[];
  /** Name of the variable whose value signs the body; undefined: it is not signed. */
  readonly secretEnv: string | undefined;
  readonly timeoutMs: number;
}

/** Levels of marks, and the end of a run. */
export type NoticeKind = 'info' | 'warning' | 'critical' | 'champion' | 'exit';

/** A sign of life, so that somebody else may notice when it stops. */
export interface HeartbeatPlan {
  readonly kind: 'heartbeat';
  readonly to: { readonly file: string } | { readonly url: string };
  readonly everyMs: number;
}

/** Paths as written, relative to the config's folder. */
export interface StatePlan {
  readonly dir: string;
  readonly history: string;
  readonly latest: string;
  readonly cycles: string;
}

/** How many cycle folders stay; whichever limit is reached first prunes the oldest. The ledger is never pruned. */
export interface KeepPlan {
  readonly cycles: number | 'never';
  readonly ageMs: number | 'never';
  readonly sizeBytes: number | 'never';
}

/** Folders of cycles that ended so long ago are packed, each into one file of `to`. */
export interface ArchivePlan {
  readonly afterMs: number | 'never';
  /** As written, relative to the config's folder. */
  readonly to: string;
}

/** After each so many cycles a backup of the ledger; the newest `keep` stay. */
export interface SnapshotsPlan {
  readonly every: number;
  readonly keep: number;
}

/** `once`: one cycle. `iterations`: a run of its own with a number of cycles. `continuous`: carries on the last run. */
export type Mode = 'once' | 'iterations' | 'continuous';

export interface LoopPlan {
  readonly mode: Mode;
  /** After a passing cycle, where no calendar decides. */
  readonly sleepMs: number;
  /** In the place of `sleep`. */
  readonly cron: { readonly expression: string; readonly timezone: string } | undefined;
  /** By the outcome that decided the cycle, else by its verdict; what is not there rests by `backoff`. */
  readonly rest: Readonly<Record<string, RestRule>>;
  readonly backoff: BackoffPlan;
  /** As written, from the config's folder. */
  readonly stopFile: string;
  readonly overlap: 'skip' | 'queue' | 'replace';
}

/** Milliseconds, or a rule: the pause after a passing cycle, the backoff, or the instant at which a limit resets. */
export type RestRule = number | 'sleep' | 'backoff' | 'reset';

export interface BackoffPlan {
  readonly fromMs: number;
  /** At least 1. */
  readonly factor: number;
  readonly maxMs: number;
  readonly jitter: boolean;
}

export interface PhasePlan {
  readonly id: string;
  readonly title: string;
  /** 1-based place in the file. */
  readonly number: number;
  readonly at: 'start' | 'cycle' | 'end';
  readonly always: boolean;
  readonly policy: 'finish-running' | 'keep-going' | 'kill';
  readonly jobs: number;
  readonly timeoutMs: number | 'never';
  /** The steps in order, then the gates in order. */
  readonly tasks: readonly TaskPlan[];
}

export interface TaskPlan {
  readonly id: string;
  readonly kind: 'step' | 'gate';
  readonly phase: string;
  /** `3.2`: second task of the third phase. */
  readonly number: string;
  /** Absent when the task judges another one's evidence. */
  readonly command: CommandPlan | undefined;
  readonly judges: string | undefined;
  /** Written `needs`, `judges`, and for a step the step before it. */
  readonly needs: readonly string[];
  readonly mode: 'strict' | 'soft';
  readonly onBroken: 'broken' | 'soft';
  /** Left out by the config itself: a profile, a flag or a variable; a `when` key the plan can decide. */
  readonly leftOut: string | undefined;
  /** Conditions of the task and of its phase, joined; what the plan could decide is decided already. */
  readonly when: WhenPlan;
  readonly timeoutMs: number | 'never';
  readonly stall: { readonly warnMs: number | 'never'; readonly killMs: number | 'never' };
  readonly killAfterMs: number;
  readonly retry: RetryPlan;
  readonly exits: readonly ExitRule[];
  readonly metrics: readonly MetricPlan[];
  readonly labels: readonly LabelPlan[];
  readonly thresholds: readonly ThresholdPlan[];
  /** Empty when the gate is no ladder. */
  readonly stages: readonly StagePlan[];
  /** Absent: the command runs the simulations of a rung itself, or there is no ladder. */
  readonly sims?: SimsPlan;
  readonly env: EnvPlan;
  readonly logLimitBytes: number;
  readonly cwd: string | undefined;
  readonly stdin: string | undefined;
  /** `gates/lint.yaml` or the library that ships, for `plan`; undefined without `uses`. */
  readonly usedFrom: string | undefined;
  /** Undefined: its mode holds as it stands. */
  readonly softness: SoftnessPlan | undefined;
  /** Absent: no limits, no locks, one place of `jobs`. */
  readonly resources?: ResourcesPlan;
  /** Undefined: it always runs. */
  readonly cache?: CachePlan | undefined;
  /** Globs of what it leaves, from the config's folder. Absent: it did not say. */
  readonly outputs?: readonly string[] | undefined;
  /** Absent: the run chooses what holds its processes. */
  readonly isolation?: IsolationPlan;
  /** Absent: it may write what it likes. */
  readonly writes?: WritesPlan;
  /** Absent: whomever this machine can reach. */
  readonly network?: NetworkPlan;
  /** What `doctor --prove` plants. It decides no run, so it is no part of a plan's id. */
  readonly prove?: ProveConfig | undefined;
  /** Run for a baseline, which wants to know more than a cycle. */
  readonly isMeasured?: true;
}

/** `argv` is started without a shell, its `{{names}}` filled in word by word; `shell` holds none. */
export type CommandPlan =
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | { readonly kind: 'shell'; readonly shell: 'sh' | 'bash'; readonly script: string };

/** What only the running cycle (`every`, `passed`, `failed`) or the world (`asks`) can decide. */
export interface WhenPlan {
  readonly every: number | undefined;
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly asks: readonly Ask[];
}

/** A question to the world; a task with any of them is asked about directly before its first attempt. */
export type Ask =
  | { readonly key: 'exists'; readonly paths: readonly string[] }
  | { readonly key: 'command'; readonly names: readonly string[] }
  | { readonly key: 'changed'; readonly globs: readonly string[]; readonly since: string | undefined };

export interface RetryPlan {
  /** Attempts after the first, 0 to 100. */
  readonly limit: number;
  /** `timeout`, `stall`, `oom`, `signal`, `exit`, `exit.75` …; empty means every cause but a stop. */
  readonly when: readonly string[];
  readonly delayMs: number;
  readonly factor: number;
}

/** First match wins; without one 0 is passed, 126 and 127 are not started, all else is failed (of a step: broken). */
export interface ExitRule {
  readonly codes: readonly number[];
  readonly means: 'passed' | 'failed' | 'broken' | 'skipped' | 'limited';
}

/** Where a metric or a label is read. `file` holds `{{names}}` to fill in. */
export type SourcePlan =
  | { readonly reader: 'regex' | 'count'; readonly pattern: string; readonly in: SourceIn }
  | { readonly reader: 'json'; readonly at: string; readonly in: SourceIn }
  | LineSource
  | FieldSource<'istanbul'>
  | FieldSource<'junit' | 'lcov' | 'cobertura' | 'sarif'>;

/** One field of a whole report; `folder` only where the report is about files. */
interface FieldSource<Name extends string> {
  readonly reader: Name;
  readonly field: string;
  readonly folder: string | undefined;
  readonly in: SourceIn;
}

export type SourceIn = { readonly stream: 'output' | 'stdout' | 'stderr' } | { readonly file: string };

export interface MetricPlan {
  readonly name: string;
  readonly source: SourcePlan;
  readonly better: 'higher' | 'lower' | undefined;
  readonly bounds: readonly [number, number] | undefined;
  readonly unit: string | undefined;
}

export interface LabelPlan {
  readonly name: string;
  readonly source: SourcePlan;
}

export interface ThresholdPlan {
  readonly metric: string;
  readonly require: Comparison | undefined;
  /** Missed: a soft failure. */
  readonly want: Comparison | undefined;
  /** Whether a missing `best`, `last`, `baseline` or `champion` fails instead of counting as the first. */
  readonly failOnMissing: boolean;
}

/** `>= best - 0.2`: operator, reference and offset; a plain number has the reference `value`. */
export interface Comparison {
  readonly text: string;
  readonly operator: '<' | '<=' | '==' | '!=' | '>=' | '>';
  readonly reference: 'value' | 'best' | 'last' | 'baseline' | 'champion';
  readonly offset: number;
  /** The offset counts standard deviations of the baseline: `baseline - 2sd`. */
  readonly inSd?: true;
}

export interface StagePlan {
  readonly count: number;
  readonly timeoutMs: number | 'never';
  readonly thresholds: readonly ThresholdPlan[];
  readonly promote: readonly ThresholdPlan[];
}

export interface EnvPlan {
  /** Names and globs; undefined lets all pass but those `redact` matches. */
  readonly pass: readonly string[] | undefined;
  readonly set: Readonly<Record<string, string>>;
}
