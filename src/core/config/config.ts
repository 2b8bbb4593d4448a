// The shape of a checked `loop.config.yaml` and of a gate file, as written: kebab-case keys, texts not yet filled in.
// Durations, sizes and thresholds stay texts here, because they may hold `{{vars.x}}`; core/plan reads them.

import type { HooksConfig, NotifyConfig, ProtectConfig } from './beside-config.ts';
import type { IsolationConfig, NetworkConfig, ResourcesConfig, WritesConfig } from './holding-config.ts';
import type { Outcome } from '../judge/evidence.ts';
import type { ChampionConfig, ObjectiveConfig } from './champion.ts';
import type { ProveConfig } from './prove-schema.ts';

/** A value that a person may write as text or, where it is taken as written, as a number. */
export type Scalar = string | number;

export interface ConfigFile {
  readonly version: 1;
  readonly name: string;
  readonly goal?: string;
  readonly profile?: string;
  readonly profiles?: Readonly<Record<string, ProfileConfig>>;
  readonly vars?: Readonly<Record<string, Scalar | VariableConfig>>;
  readonly defaults?: TaskConfig;
  readonly jobs?: Scalar;
  readonly loop?: LoopConfig;
  readonly exit?: ExitConfig;
  readonly marks?: Readonly<Record<string, MarkConfig>>;
  readonly objective?: ObjectiveConfig;
  readonly champion?: ChampionConfig;
  readonly phases: Readonly<Record<string, PhaseConfig>>;
  readonly questions?: QuestionsConfig;
  readonly redact?: readonly string[];
  readonly reporters?: readonly ReporterConfig[];
  readonly hooks?: HooksConfig;
  readonly notify?: readonly NotifyConfig[];
  readonly protect?: readonly ProtectConfig[];
  readonly state?: StateConfig;
}

export interface VariableConfig {
  readonly env: string;
  readonly default?: Scalar;
}

/** A profile may hold any top-level key but version, name, phases and profiles, and four of its own. */
export interface ProfileConfig extends Partial<Omit<ConfigFile, 'version' | 'name' | 'phases' | 'profiles'>> {
  readonly skip?: readonly string[];
  readonly only?: readonly string[];
  /** By id or glob; the exact id wins. */
  readonly steps?: Readonly<Record<string, TaskConfig>>;
  readonly gates?: Readonly<Record<string, TaskConfig>>;
}

export interface LoopConfig {
  readonly sleep?: string;
  readonly cron?: string;
  readonly timezone?: string;
  readonly rest?: RestConfig;
  readonly backoff?: BackoffConfig;
  readonly timeout?: string;
  readonly 'stop-file'?: string;
  readonly 'stop-within'?: string;
  readonly overlap?: 'skip' | 'queue' | 'replace';
}

/** What can decide a cycle: its verdict, or the outcome of the task that decided it. */
export type RestKey =
  | 'passed'
  | 'failed'
  | 'broken'
  | Exclude<Outcome, 'cancelled' | 'interrupted' | 'storage-failed'>;

/** A duration, `sleep`, `backoff` or `reset`. */
export type RestConfig = { readonly [Key in RestKey]?: string };

export interface BackoffConfig {
  readonly from?: string;
  readonly factor?: Scalar;
  readonly max?: string;
  readonly jitter?: boolean;
}

/** Conditions by measure: `failure-rate: "> 30% over 20"`. */
export type ConditionsConfig = Readonly<Record<string, Scalar>>;

export interface ExitConfig {
  readonly target?: ConditionsConfig;
  readonly budget?: ConditionsConfig;
  readonly 'give-up'?: Readonly<Record<string, Scalar | HalfOpenConfig>>;
  readonly when?: string;
}

/** Under `give-up.half-open` alone. */
export interface HalfOpenConfig {
  readonly after?: string;
  readonly times?: Scalar;
}

export interface MarkConfig {
  readonly level?: 'info' | 'warning' | 'critical';
  readonly all?: ConditionsConfig;
  readonly any?: ConditionsConfig;
}

export interface KeepConfig {
  readonly cycles?: Scalar;
  readonly age?: string;
  readonly size?: Scalar;
}

export interface ArchiveConfig {
  readonly after?: string;
  readonly to?: string;
}

export interface SnapshotsConfig {
  readonly every?: Scalar;
  readonly keep?: Scalar;
}

export interface PhaseConfig {
  readonly title?: string;
  readonly when?: WhenConfig;
  readonly jobs?: Scalar;
  readonly timeout?: string;
  readonly at?: 'start' | 'cycle' | 'end';
  readonly always?: boolean;
  readonly policy?: 'finish-running' | 'keep-going' | 'kill';
  readonly steps?: Readonly<Record<string, TaskConfig>>;
  readonly gates?: Readonly<Record<string, TaskConfig>>;
}

/** A step or a gate. `mode`, `on-broken`, `judges`, `thresholds` … are refused on a step by core/config. */
export interface TaskConfig {
  readonly run?: string | readonly Scalar[];
  readonly shell?: 'sh' | 'bash';
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly judges?: string;
  readonly needs?: readonly string[];
  readonly mode?: 'strict' | 'soft';
  readonly 'on-broken'?: 'soft';
  readonly 'fail-on'?: 'new';
  readonly 'soft-until'?: string;
  readonly 'quarantine-until'?: string;
  readonly when?: WhenConfig;
  readonly timeout?: string;
  readonly stall?: string | { readonly warn?: string; readonly kill?: string };
  readonly 'kill-after'?: string;
  readonly retry?: RetryConfig;
  readonly exits?: Readonly<Record<string, number | readonly number[]>>;
  readonly metrics?: Readonly<Record<string, MetricConfig>>;
  readonly labels?: Readonly<Record<string, SourceConfig>>;
  readonly thresholds?: Readonly<Record<string, ThresholdConfig>>;
  readonly stages?: readonly StageConfig[];
  readonly per?: 'seed' | 'batch' | 'worker';
  readonly seeds?: SeedsConfig;
  readonly 'max-failed'?: Scalar;
  readonly 'stop-early'?: StopEarlyConfig;
  /** Globs, `!` among them, and `env:NAME`. */
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly cache?: boolean | { readonly failed?: boolean };
  readonly versions?: readonly string[];
  readonly env?: EnvConfig;
  readonly isolation?: IsolationConfig;
  readonly network?: NetworkConfig;
  readonly 'log-limit'?: Scalar;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly resources?: ResourcesConfig;
  readonly writes?: WritesConfig;
  readonly prove?: ProveConfig;
}

/** All keys must hold. */
export interface WhenConfig {
  readonly changed?: readonly string[];
  readonly exists?: string | readonly string[];
  readonly command?: string | readonly string[];
  readonly env?: string | readonly string[];
  readonly every?: number;
  readonly profile?: string | readonly string[];
  readonly passed?: readonly string[];
  readonly failed?: readonly string[];
}

export interface RetryConfig {
  readonly limit: number;
  readonly when?: readonly string[];
  readonly delay?: string;
  readonly factor?: number;
}

/** Exactly one reader; none for a metric of a gate with `per`. All but `regex` and `count` name a file. */
export interface SourceConfig {
  readonly regex?: string;
  readonly count?: string;
  readonly json?: string;
  readonly at?: string;
  readonly junit?: string;
  readonly istanbul?: string;
  readonly lcov?: string;
  readonly cobertura?: string;
  readonly sarif?: string;
  readonly field?: string;
  readonly folder?: string;
  readonly in?: string;
}

export interface MetricConfig extends SourceConfig {
  readonly better?: 'higher' | 'lower';
  readonly bounds?: readonly [number, number];
  readonly unit?: string;
}

export type ThresholdConfig =
  | string
  | {
      readonly require?: string;
      readonly want?: string;
      readonly 'at-least'?: number;
      readonly 'at-most'?: number;
      readonly 'on-missing'?: 'fail';
    };

export interface StageConfig {
  readonly count: number;
  readonly timeout?: string;
  readonly thresholds?: Readonly<Record<string, ThresholdConfig>>;
  readonly promote?: Readonly<Record<string, ThresholdConfig>>;
}

/** Of a ladder whose simulations gate-run runs itself. */
export interface SeedsConfig {
  readonly base?: Scalar;
  readonly batch?: Scalar;
  readonly timeout?: string;
}

export interface StopEarlyConfig {
  readonly confidence: number;
}

export interface EnvConfig {
  readonly pass?: readonly string[];
  readonly set?: Readonly<Record<string, Scalar>>;
}

export interface QuestionsConfig {
  readonly file?: string;
  readonly ask?: string;
}

/** A name alone, or one name with what it takes; `reporters.ts` has them all. */
export type ReporterConfig = string | Readonly<Record<string, string | ReportConfig>>;

export interface ReportConfig {
  readonly file?: string;
  readonly top?: Scalar;
  readonly by?: readonly string[];
}

export interface StateConfig {
  readonly dir?: string;
  readonly history?: string;
  readonly latest?: string;
  readonly logs?: string;
  readonly keep?: KeepConfig;
  readonly archive?: ArchiveConfig;
  readonly snapshots?: SnapshotsConfig;
  readonly cache?: CacheStoreConfig;
}

export interface CacheStoreConfig {
  readonly dir?: string;
  readonly size?: Scalar;
}

/** A file of `gates/`: what a gate runs, reads and calls good enough; never how much it matters. */
export interface GateFile {
  readonly about: string;
  /** Page of the tool that it serves. */
  readonly tool: string;
  /** Commands that have to be on PATH. */
  readonly requires?: readonly string[];
  readonly parameters?: Readonly<Record<string, ParameterConfig>>;
  readonly run: string | readonly Scalar[];
  readonly shell?: 'sh' | 'bash';
  readonly timeout?: string;
  readonly env?: EnvConfig;
  readonly exits?: NonNullable<TaskConfig['exits']>;
  readonly metrics?: NonNullable<TaskConfig['metrics']>;
  readonly labels?: NonNullable<TaskConfig['labels']>;
  readonly thresholds?: NonNullable<TaskConfig['thresholds']>;
  readonly stages?: NonNullable<TaskConfig['stages']>;
  /** Metrics and thresholds repeated for each entry of a map parameter; `{{key}}` and `{{value}}` stand for the entry. */
  readonly each?: {
    readonly of: string;
    readonly metrics: NonNullable<TaskConfig['metrics']>;
    readonly thresholds: NonNullable<TaskConfig['thresholds']>;
  };
  readonly prove?: ProveConfig;
  readonly samples: readonly SampleConfig[];
}

export interface ParameterConfig {
  readonly about: string;
  readonly type: 'text' | 'number' | 'size' | 'texts' | 'numbers-by-name' | 'boolean';
  readonly default?: unknown;
}

/** Real output of the real tool, played by a test without starting anything. */
export interface SampleConfig {
  readonly name: string;
  /** Version of the tool that printed it. */
  readonly from: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly exit: number | { readonly 'not-started': 'not-found' | 'not-executable' };
  readonly output?: string;
  /** Files the tool left, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly verdict: 'passed' | 'failed' | 'broken';
  /** A part of the first reason. */
  readonly reason?: string;
}
