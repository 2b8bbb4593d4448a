// The ledger folded: what has happened, and nothing that is not in the ledger. Only `evolve` changes it.

import type { Baselines } from '../baseline/fold.ts';
import type { Mode } from '../plan/plan.ts';
import type { CycleProgress } from '../cycle/progress.ts';
import type { ChampionChosen } from './champion-event.ts';
import type { Containment } from './containment.ts';
import type { Challenger, ChampionProgress } from './champion-progress.ts';
import type { Confirming } from './confirm-progress.ts';
import type { ProtectProgress } from '../protect/progress.ts';
import type { HooksProgress } from './hooks.ts';
import type { MemoryRun } from './memory-fold.ts';
import type {
  CycleEnded,
  CycleVerdict,
  Machine,
  Recorded,
  RestStarted,
  RunEnded,
  Spent,
  StopSeen,
  Watch,
} from './event.ts';

export interface Progress {
  /** Of the last event folded; 0 before the first. */
  readonly seq: number;
  /** Monotonic time of the last event of the run under way. */
  readonly mono: number;
  /** Last cycle number used over the life of the state directory. */
  readonly cycle: number;
  readonly run: RunProgress | undefined;
  /** The turn under way. */
  readonly open: CycleProgress | undefined;
  /** The turn under way was cut off by the end of its process; a later start closes it. */
  readonly cut: { readonly samePlan: boolean } | undefined;
  /** The last finished turn of any kind. */
  readonly lastTurn: CycleEnded | undefined;
  /** When `lastTurn` ended, as its ledger line says. */
  readonly lastTurnAt: string | undefined;
  /** The last finished turn of kind `cycle`, interrupted ones left out. */
  readonly last: CycleEnded | undefined;
  /** When `last` ended, as its ledger line says. */
  readonly lastAt: string | undefined;
  /** Failed or broken cycles in a row, over the directory's life. */
  readonly failuresInARow: number;
  /** Starts in a row, this one among them, that have finished no cycle and came to no end of their own. */
  readonly startsInARow: number;
  readonly questions: ReadonlyMap<string, QuestionProgress>;
  /** By `task.metric`. */
  readonly metrics: ReadonlyMap<string, MetricProgress>;
  /** By task: the last pass. */
  readonly passes: ReadonlyMap<string, { readonly cycle: number; readonly inputs: string | undefined }>;
  /** By gate: how its last runs went. */
  readonly gates: ReadonlyMap<string, GateProgress>;
  /** By task that has run out of memory: its runs since then, the newest last. */
  readonly memory: ReadonlyMap<string, readonly MemoryRun[]>;
  /** The best so far; it outlives runs. */
  readonly champion: ChampionProgress | undefined;
  /** Chosen, and its files are being kept. */
  readonly crowning: Recorded<ChampionChosen> | undefined;
  /** The last cycle, until it is decided whether it is the best. */
  readonly challenger: Challenger | undefined;
  /** Champions measured again on fresh seeds. */
  readonly confirming: Confirming;
  /** How gates stood before the loop. */
  readonly baselines: Baselines;
  readonly storageFailed: boolean;
}

export interface GateProgress {
  /** A letter for each of the last runs, the newest last; `gate-fold.ts` knows what they mean. */
  readonly runs: string;
  /** The work tree at the end of the cycle of the last run; absent: nobody looked. */
  readonly tree?: string;
  /** Undefined: its last run was not soft-failed. */
  readonly debt: DebtProgress | undefined;
}

/** A soft failure that is still there. */
export interface DebtProgress {
  /** The first cycle of the present streak, and when it ended. */
  readonly since: number;
  readonly sinceAt: string;
  /** Cycles of the streak in which the gate ran. */
  readonly cycles: number;
  /** Of the last one. */
  readonly reason: string;
  readonly quarantined?: string;
  readonly softUntil?: string;
}

export interface RunProgress {
  readonly id: string;
  readonly startedAt: string;
  /** Only a continuous run is ever carried on. */
  readonly mode: Mode;
  /** Id of the plan that it follows. */
  readonly plan: string;
  /** The flags that shaped that plan, as they may be typed again. */
  readonly flags: readonly string[];
  /** What holds the processes of its tasks; undefined: its ledger does not say. */
  readonly containment: Containment | undefined;
  /** Finished turns of kind `cycle` in this run. */
  readonly cycles: number;
  /** Champions crowned in this run, and how many cycles it had finished when the last of them was. */
  readonly accepted: number;
  readonly crownedAt: number;
  /** Whether any task of this run was soft-failed. */
  readonly softFailures: boolean;
  /** Id of the start that carries the run now; its own for the first one. */
  readonly holder: string;
  /** A later start found this run and only closes it. */
  readonly isClosing: boolean;
  /** It came out of a backup, and no start carries it on. */
  readonly isRestored: boolean;
  /** Time that its earlier lives ran, milliseconds. */
  readonly earlierMs: number;
  /** Monotonic time at which the life under way began. */
  readonly bornMono: number;
  readonly limits: Readonly<Record<string, string>>;
  /** What the start that carries it found; absent: nobody asked. */
  readonly machine?: Machine | undefined;
  readonly watch: Watch;
  /** The pause under way. */
  readonly rest: RestProgress | undefined;
  /** A cycle has ended since the last rest, or the start met a limit, so that one is due. */
  readonly owesRest: boolean;
  /** Cycles that failed or were broken, of `cycles`. */
  readonly failed: number;
  readonly streaks: Streaks;
  /** Cycles in a row that moved no receipt; undefined: none of the run has left one. */
  readonly stillFor: number | undefined;
  /** The last cycles, oldest first; as many as `watch` asks for. */
  readonly recent: readonly RecentCycle[];
  /** The last values of a metric, oldest first, by its key. */
  readonly series: ReadonlyMap<string, readonly number[]>;
  /** Checksums of the values that a label took. */
  readonly distinct: ReadonlyMap<string, ReadonlySet<number>>;
  readonly tokens: Spent;
  readonly cost: Spent;
  /** By mark: the cycle that reached it. */
  readonly marks: ReadonlyMap<string, number>;
  /** Tries that a tripped breaker was given since it tripped. */
  readonly trials: number;
  /** The last of them has not been decided yet: no cycle has come to an end of its own since then. */
  readonly isTrying: boolean;
  readonly hooks: HooksProgress;
  /** What was noted of protected files; `noting`: it is under way. */
  readonly protect: ProtectProgress | 'noting' | undefined;
  /** What the run before noted and left in doubt: this one must find it unchanged. */
  readonly unaccepted: ProtectProgress | undefined;
  readonly startTurn: CycleVerdict | undefined;
  /** The phases at the start met a limit, and have not been judged since: they are waited for and tried again. */
  readonly limitedStart: CycleEnded | undefined;
  readonly endTurn: CycleVerdict | undefined;
  readonly lastVerdict: CycleVerdict | undefined;
  /** Whether every task of the last cycle was skipped. */
  readonly lastWasIdle: boolean;
  readonly stop: StopProgress | undefined;
  readonly ended: RunEnded | undefined;
}

/** In a row, up to the last finished cycle; stopped and interrupted cycles leave them as they are. */
export interface Streaks {
  readonly failures: number;
  readonly broken: number;
  readonly oom: number;
  readonly limited: number;
  /** Broken cycles with this fingerprint. */
  readonly sameError: number;
  readonly fingerprint: string | undefined;
}

export interface RecentCycle {
  readonly cycle: number;
  readonly failed: boolean;
  /** How long the run had been under way when it ended. */
  readonly runMs: number;
}

export interface RestProgress {
  readonly cause: RestStarted['cause'];
  readonly by: RestStarted['by'];
  readonly why: string;
  readonly startedAt: string;
  /** ISO 8601. */
  readonly until: string;
  /** Monotonic time from which `leftMs` counts: when it began, or when a later start took it up. */
  readonly fromMono: number;
  readonly leftMs: number;
}

export interface StopProgress {
  readonly by: StopSeen['by'];
  /** The first one. */
  readonly signal: string | undefined;
  /** All by which it was wished: some reach the tasks as well. */
  readonly signals: readonly string[];
  /** Of the stop file, absolute. */
  readonly path: string | undefined;
  /** The start that takes the run's place. */
  readonly who: string | undefined;
  /** When the first wish came: for people, and by the monotonic clock. */
  readonly at: string;
  readonly mono: number;
  readonly now: boolean;
  /** Who wanted it at once. */
  readonly forcedBy: StopSeen['by'] | undefined;
}

export interface QuestionProgress {
  readonly fingerprint: string;
  readonly task: string;
  readonly text: string;
  readonly openedAt: string;
  readonly seen: number;
  readonly lastAt: string;
  readonly lastCycle: number;
  readonly closedAt: string | undefined;
}

export interface MetricProgress {
  readonly last: number;
  readonly highest: number;
  readonly lowest: number;
  readonly cycle: number;
  /** Under the bare name of a ladder: the count of its top rung, since values of another count are never compared. */
  readonly count?: number;
}
