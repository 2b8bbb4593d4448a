// What `status` answers, from the fold alone: what is going on, why, how it went last, what is open. No decision leans on it.

import { indexPlan } from '../cycle/plan-index.ts';
import type { Containment } from '../loop/containment.ts';
import type { CycleVerdict, RestCause, TaskSummary } from '../loop/event.ts';
import { measured, runtimeOf } from '../loop/measure.ts';
import { cycleFolder } from '../loop/names.ts';
import type { Progress, Streaks } from '../loop/progress.ts';
import type { Plan } from '../plan/plan.ts';
import { baselineStatus, type BaselineStatus } from './baseline.ts';
import { championStatus, type ChampionStatus } from './champion.ts';
import { isCleaningUp } from './cleaning.ts';
import { conditionsOf, type ConditionsStatus } from './conditions.ts';
import { datesOf, debtsOf, flakyOf, type DateStatus, type DebtStatus, type FlakyStatus } from './gates.ts';
import { askedBy, restOf, tamperingOf, whyOf } from './latest.ts';
import { memoryOf, type MemoryStatus } from './memory.ts';
import { metricsOf, type MetricStatus } from './metrics.ts';
import { restState, type RestState } from './rest.ts';
import { runningOf, summaryOfEnded } from './summary.ts';
import type { Counts } from './summary.ts';
import { machineStatus, waitingOf, type MachineStatus, type WaitingStatus } from './resources.ts';

export interface StatusFacts {
  /** Undefined when the config has problems: then limits and phases are not known. */
  readonly plan: Plan | undefined;
  readonly progress: Progress;
  /** Whether a process holds the lock of the state directory; undefined when that could not be found out. */
  readonly isHeld: boolean | undefined;
  /** Milliseconds of this machine: monotonic, and of the wall clock. */
  readonly mono: number;
  readonly wall: number;
  /** The cycles' folder, as people name it. */
  readonly cycles: string;
  /** What the world shows of each running task; absent: nobody looked. */
  readonly signs?: ReadonlyMap<string, SignsOfLife>;
  /** Absent: nobody looked. */
  readonly disk?: DiskStatus;
}

/** Of a running task, seen from outside. */
export interface SignsOfLife {
  /** Of its output so far; null: it has none. */
  readonly log: { readonly bytes: number; readonly silentMs: number } | null;
  /** Null: this system does not tell, or its processes are gone. */
  readonly usage: UsageStatus | null;
}

export interface UsageStatus {
  readonly processes: number;
  readonly memoryBytes: number;
  /** The most that was seen of this attempt so far. */
  readonly peakBytes: number;
  readonly cpuMs: number;
}

export interface DiskStatus {
  /** Of all that is kept: ledger, logs, archives. */
  readonly stateBytes: number;
  /** False: there is more than was counted. */
  readonly isWhole: boolean;
  /** Of the disk that the state is on; null: unknown. */
  readonly freeBytes: number | null;
}

export interface Status {
  readonly schemaVersion: 1;
  /** `crashed`: a run has no end in the ledger, and nobody carries it on. */
  readonly state: 'none' | 'running' | RestState | 'stopping' | 'crashed' | 'ended';
  readonly why: string;
  readonly run: string | null;
  readonly exit: number | null;
  /** The rest under way. */
  readonly rest: RestStatus | null;
  readonly stop: StopStatus | null;
  /** Finished cycles of the run, and how many of them did not pass. */
  readonly cycles: { readonly finished: number; readonly failed: number } | null;
  /** How long the run has been under way. */
  readonly runtimeMs: number | null;
  /** Null: no cycle has ended yet. */
  readonly cyclesPerHour: number | null;
  /** Effective limits of the run, in words. */
  /** What holds the processes of its tasks; null: its ledger does not say. */
  readonly containment: Containment | null;
  readonly limits: Readonly<Record<string, string>> | null;
  /** What its start found of the machine; null: no task says what it needs. */
  readonly machine: MachineStatus | null;
  readonly conditions: ConditionsStatus | null;
  readonly streaks: StreaksStatus | null;
  /** The turn under way. */
  readonly open: OpenStatus | null;
  readonly last: LastStatus | null;
  readonly consecutiveFailures: number;
  readonly openQuestions: number;
  /** Gates that fail softly now, the oldest first. */
  readonly debts: readonly DebtStatus[];
  /** Gates that were not steady in their last runs. */
  readonly flaky: readonly FlakyStatus[];
  /** Days that are near or over, of gates that are soft until then. */
  readonly dates: readonly DateStatus[];
  /** Tasks that run out of memory again and again, the most often first. */
  readonly memory: readonly MemoryStatus[];
  /** How gates stood before the loop; null: nobody has looked. */
  readonly baseline: BaselineStatus | null;
  /** What was measured, over the life of the state directory; what a condition looks at comes first. */
  readonly metrics: readonly MetricStatus[];
  readonly champion: ChampionStatus | null;
  readonly disk: DiskStatus | null;
  /** What of the protected files changed, with a diff, line by line; absent unless that ended the run. */
  readonly tampering?: readonly string[];
  readonly logs: string | null;
}

export interface RestStatus {
  readonly cause: RestCause;
  readonly why: string;
  readonly since: string;
  readonly until: string;
  readonly leftMs: number;
}

export interface StopStatus {
  readonly by: string;
  readonly at: string;
  /** Until the running tasks are ended; null when that is not known. */
  readonly leftMs: number | null;
}

/** In a row, up to the last finished cycle of the run. */
export type StreaksStatus = Pick<Streaks, 'failures' | 'broken' | 'oom' | 'limited' | 'sameError'>;

export interface OpenStatus {
  readonly cycle: number;
  readonly turn: string;
  readonly since: string;
  readonly done: number;
  readonly running: readonly RunningStatus[];
  /** Tasks that wait for a lock that another run has. */
  readonly waiting: readonly WaitingStatus[];
}

export interface RunningStatus {
  readonly id: string;
  readonly phase: string | null;
  readonly rung: number | null;
  readonly attempt: number;
  readonly sinceMs: number;
  readonly limitMs: number | 'never' | null;
  /** How long gate-run itself has seen no output, no activity and no CPU time, as far as that was worth a record; else 0. */
  readonly quietMs: number;
  readonly log: SignsOfLife['log'];
  readonly usage: SignsOfLife['usage'];
}

export interface LastStatus {
  readonly cycle: number;
  readonly verdict: CycleVerdict;
  readonly at: string | null;
  readonly durationMs: number;
  readonly counts: Counts;
  readonly cause: TaskSummary | null;
  readonly softFailures: readonly TaskSummary[];
}

export function statusOf(facts: StatusFacts): Status {
  const { progress, cycles } = facts;
  const turn = progress.open ?? progress.lastTurn;
  const state = stateOf(facts);
  return {
    schemaVersion: 1,
    state,
    why: state === 'crashed' ? crashedText(progress) : whyOf(progress),
    run: progress.run?.id ?? null,
    exit: progress.run?.ended?.exit ?? null,
    ...runOf(facts, state),
    open: openOf(facts),
    last: lastOf(progress),
    consecutiveFailures: progress.failuresInARow,
    openQuestions: [...progress.questions.values()].filter((question) => question.closedAt === undefined)
      .length,
    debts: debtsOf(progress),
    flaky: flakyOf(progress),
    dates: datesOf(facts.plan, facts.wall),
    memory: memoryOf(progress),
    baseline: baselineStatus(facts.plan, progress),
    metrics: metricsOf(facts.plan, progress),
    champion: championStatus(progress),
    disk: facts.disk ?? null,
    ...tamperingOf(progress),
    logs: turn ? `${cycles}/${cycleFolder(turn.cycle, turn.turn)}` : null,
  };
}

function stateOf({ progress, isHeld }: StatusFacts): Status['state'] {
  const { run } = progress;
  if (!run) return 'none';
  if (run.ended) return 'ended';
  if (isHeld === false) return 'crashed';
  if (run.stop) return 'stopping';
  const rest = restOf(progress);
  return rest ? restState(rest.cause) : 'running';
}

type OfRun = Pick<
  Status,
  | 'rest'
  | 'stop'
  | 'cycles'
  | 'runtimeMs'
  | 'cyclesPerHour'
  | 'limits'
  | 'containment'
  | 'conditions'
  | 'streaks'
  | 'machine'
>;

const NO_RUN: OfRun = {
  rest: null,
  stop: null,
  cycles: null,
  runtimeMs: null,
  cyclesPerHour: null,
  limits: null,
  containment: null,
  machine: null,
  conditions: null,
  streaks: null,
};

function runOf(facts: StatusFacts, state: Status['state']): OfRun {
  const { progress, plan } = facts;
  const { run } = progress;
  if (!run) return NO_RUN;
  // The clock of a run stands still where nobody carries it.
  const mono = state === 'crashed' || state === 'ended' ? progress.mono : facts.mono;
  const { failures, broken, oom, limited, sameError } = run.streaks;
  const isBounded = plan !== undefined && !isCleaningUp(plan, progress);
  const stopLeftMs = run.stop && isBounded ? run.stop.mono + plan.stopWithinMs - mono : undefined;
  const isStopping = run.stop !== undefined && !run.ended && state !== 'crashed';
  return {
    rest: restStatus(facts, state),
    stop: isStopping
      ? {
          by: askedBy(run.stop),
          at: run.stop.at,
          leftMs: run.stop.now ? 0 : stopLeftMs === undefined ? null : Math.max(0, stopLeftMs),
        }
      : null,
    cycles: { finished: run.cycles, failed: run.failed },
    runtimeMs: runtimeOf(run, mono),
    cyclesPerHour:
      measured({ measure: { kind: 'cycles-per-hour' }, over: undefined }, progress, mono).value ?? null,
    limits: run.limits,
    containment: run.containment ?? null,
    machine: machineStatus(run.machine),
    conditions: conditionsOf(progress, mono),
    streaks: { failures, broken, oom, limited, sameError },
  };
}

function restStatus({ progress, mono, wall }: StatusFacts, state: Status['state']): RestStatus | null {
  const rest = restOf(progress);
  if (!rest) return null;
  const { cause, why, startedAt: since, until } = rest;
  const isByClock = rest.by === 'wall' || state === 'crashed';
  const leftMs = isByClock ? Date.parse(until) - wall : rest.fromMono + rest.leftMs - mono;
  return { cause, why, since, until, leftMs: Math.round(Math.max(0, leftMs)) };
}

function crashedText({ open, run, storageFailed }: Progress): string {
  const where = open ? `in the middle of cycle ${open.cycle}` : run?.rest ? 'in a rest' : 'between cycles';
  const next =
    run?.mode === 'continuous' && !run.isRestored
      ? 'the next start with --continuous carries the run on, any other closes it as interrupted'
      : 'the next start closes that as interrupted and goes on';
  if (run?.isRestored === true) return `the backup was taken ${where}; ${next}`;
  if (storageFailed) return `the disk took no more ${where}, and gate-run ended (exit 8); ${next}`;
  return `gate-run was ended ${where} (crash, kill or power); ${next}`;
}

const NOT_LOOKED: SignsOfLife = { log: null, usage: null };

function openOf({ plan, progress: { open }, mono, signs }: StatusFacts): OpenStatus | null {
  if (!open) return null;
  const index = plan && indexPlan(plan);
  // A plan that was changed since may not know the tasks of the run.
  const isKnown = index !== undefined && [...open.running].every((id) => index.tasks.has(id));
  const limits = new Map(isKnown ? runningOf(open, index).map((task) => [task.id, task]) : []);
  const running = [...open.running].flatMap((id) => {
    const task = open.tasks.get(id);
    if (!task) return [];
    return {
      id,
      phase: limits.get(id)?.phase ?? null,
      rung: task.rung ?? null,
      attempt: task.attempt,
      sinceMs: Math.max(0, mono - task.startedMono),
      limitMs: limits.get(id)?.limitMs ?? null,
      quietMs: task.quietMs,
      ...(signs?.get(id) ?? NOT_LOOKED),
    };
  });
  const waiting = waitingOf(open, isKnown ? index : undefined, mono);
  return { cycle: open.cycle, turn: open.turn, since: open.startedAt, done: open.done, running, waiting };
}

function lastOf({ last, lastAt }: Progress): LastStatus | null {
  if (!last) return null;
  const { counts, cause, tasks } = summaryOfEnded(last);
  return {
    cycle: last.cycle,
    verdict: last.verdict,
    at: lastAt ?? null,
    durationMs: last.durationMs,
    counts,
    cause: cause ?? null,
    softFailures: tasks.filter((task) => task.verdict === 'soft-failed'),
  };
}
