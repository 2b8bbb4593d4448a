// One pass over the ledger for a report, newest event first, in bounded memory: what the live fold does not keep because
// no condition needs it.

import type {
  CycleEnded,
  CycleVerdict,
  Event,
  MarkReached,
  Recorded,
  RestCause,
  RestStarted,
  RunStarted,
  Spent,
  TaskSummary,
} from '../../loop/event.ts';
import { NOTHING_SPENT } from '../../loop/meanings.ts';
import { allMeasured, isStatisticKey } from '../../loop/values.ts';
import { spreadUnder, type Spread } from '../spread.ts';
import { LabelFold } from './labels.ts';
import type { ObjectivePlan } from '../../plan/champion-plan.ts';
import type { Direction } from '../directions.ts';
import { CandidateFold } from './candidates.ts';
import { Points } from './points.ts';
import { TaskFold } from './tasks.ts';

/** Which events a report has to read; all others need not even be decoded. */
export const REPORTED: ReadonlySet<Event['type']> = new Set([
  'run.started',
  'run.resumed',
  'run.ended',
  'stop.seen',
  'rest.started',
  'rest.ended',
  'mark.reached',
  'cycle.ended',
  'suspended',
  'noted',
  'recovered',
  'storage.failed',
]);

export interface ReportWishes {
  readonly labels: readonly string[];
  /** Kept before all others, because a condition looks at them. */
  readonly watched: readonly string[];
  /** By metric key. */
  readonly better: ReadonlyMap<string, Direction>;
  /** The run that is reported, or every run since an instant (ISO 8601) or within a number of cycles. */
  readonly scope: Scope;
  /** What the loop looks for; undefined: nothing. */
  readonly objective: Pick<ObjectivePlan, 'task' | 'count'> | undefined;
  /** Nothing behind it is looked at: the moment of the report. */
  readonly seq: number;
}

export type Scope =
  | { readonly kind: 'run'; readonly run: string; readonly most: number }
  | { readonly kind: 'range'; readonly since: string; readonly most: number };

/** More metrics than anybody looks at. */
const MOST_METRICS = 40;
const MOST_NOTES = 20;
const NOTES: ReadonlySet<Event['type']> = new Set(['noted', 'recovered', 'storage.failed']);

export interface Wait {
  readonly rests: number;
  readonly ms: number;
}

export class ReportFold {
  readonly tasks: TaskFold = new TaskFold();
  readonly candidates: CandidateFold;
  readonly labels: ReadonlyMap<string, LabelFold>;
  readonly durations: Points = new Points();
  readonly waits: Points = new Points();
  readonly failures: Points = new Points();
  readonly metrics: Map<string, Points> = new Map();
  /** By metric key: of the simulations behind the last value. */
  readonly spreads: Map<string, Spread | undefined> = new Map();
  readonly verdicts: Record<CycleVerdict, number> = {
    passed: 0,
    failed: 0,
    broken: 0,
    integrity: 0,
    stopped: 0,
    limited: 0,
    interrupted: 0,
  };
  readonly waited: Map<RestCause, Wait> = new Map();
  readonly marks: Map<string, Recorded<MarkReached>> = new Map();
  /** The newest ones, newest first. */
  readonly notes: Recorded[] = [];
  readonly runs: Set<string> = new Set();
  started: Recorded<RunStarted> | undefined;
  firstCycle: number | undefined;
  lastCycle: number | undefined;
  from: string | undefined;
  to: string | undefined;
  workMs = 0;
  cycles = 0;
  tokens: Spent = NOTHING_SPENT;
  cost: Spent = NOTHING_SPENT;
  resumed = 0;
  cutOff = 0;
  sleptMs = 0;
  moreMetrics = 0;
  moreNotes = 0;
  /** The ledger has more than was looked at. */
  isCut = false;
  readonly #wishes: ReportWishes;
  readonly #unkept = new Set<string>();
  /** The event behind the one at hand, where it can end a rest. */
  #later: Recorded | undefined;
  #restMs: number | undefined;

  constructor(wishes: ReportWishes) {
    this.#wishes = wishes;
    this.candidates = new CandidateFold(wishes.objective);
    const [key] = wishes.watched;
    const better = key === undefined ? undefined : wishes.better.get(key);
    const metric = key === undefined || better === undefined ? undefined : { key, better };
    this.labels = new Map(wishes.labels.map((label) => [label, new LabelFold(label, metric)]));
  }

  /** Whether it wants the event before this one. */
  see(event: Recorded): boolean {
    const { scope, seq } = this.#wishes;
    if (event.seq > seq) return true;
    if (!this.#isWithin(event)) return false;
    this.to ??= event.at;
    this.from = event.at;
    this.#fold(event);
    if (!WITHIN_REST.has(event.type)) this.#later = event;
    if (event.type !== 'run.started') return true;
    // A pause belongs to the run that made it.
    this.#restMs = undefined;
    this.started ??= event;
    this.runs.add(event.run);
    return scope.kind !== 'run' || event.run !== scope.run;
  }

  #isWithin(event: Recorded): boolean {
    const { scope } = this.#wishes;
    if (scope.kind === 'range' && event.at < scope.since) return false;
    if (event.type !== 'cycle.ended') return true;
    if (scope.kind === 'run' && event.run !== scope.run) return false;
    if (this.cycles < scope.most) return true;
    this.isCut = true;
    return false;
  }

  #fold(event: Recorded): void {
    this.candidates.see(event);
    if (event.type === 'cycle.ended') this.#turn(event);
    else if (event.type === 'rest.started') this.#rest(event);
    // The newest stays: an older one is of a run before.
    else if (event.type === 'mark.reached') this.marks.set(event.mark, this.marks.get(event.mark) ?? event);
    else if (event.type === 'suspended') this.sleptMs += event.gapMs;
    else if (event.type === 'run.resumed') {
      if (event.goesOn) this.resumed += 1;
      this.cutOff += event.interrupted.length;
    } else if (NOTES.has(event.type)) {
      if (this.notes.length < MOST_NOTES) this.notes.push(event);
      else this.moreNotes += 1;
    }
  }

  #turn(ended: Recorded<CycleEnded>): void {
    if (ended.turn !== 'confirm') this.tasks.see(ended);
    this.tokens = plus(this.tokens, ended.tokens);
    this.cost = plus(this.cost, ended.cost);
    if (ended.turn !== 'cycle') return;
    this.runs.add(ended.run);
    const { cycle, verdict, durationMs } = ended;
    this.cycles += 1;
    this.verdicts[verdict] += 1;
    this.lastCycle ??= cycle;
    this.firstCycle = cycle;
    this.workMs += durationMs;
    if (this.#restMs !== undefined) this.waits.add(cycle, this.#restMs);
    this.#restMs = undefined;
    if (verdict === 'interrupted') return;
    this.durations.add(cycle, durationMs);
    for (const label of this.labels.values()) label.see(ended);
    // As the run's own failure rate counts: what was cut short is neither.
    if (verdict !== 'stopped' && verdict !== 'limited')
      this.failures.add(cycle, verdict === 'passed' ? 0 : 1);
    for (const task of ended.tasks)
      for (const [key, value] of allMeasured(task))
        if (!isStatisticKey(key) || this.#wishes.watched.includes(key)) {
          this.#metric(key)?.add(cycle, value, task.verdict === 'passed');
          this.#spread(key, ended.tasks);
        }
  }

  /** The newest comes first. */
  #spread(key: string, tasks: readonly TaskSummary[]): void {
    if (this.spreads.has(key) || !this.metrics.has(key)) return;
    this.spreads.set(key, spreadUnder(tasks, key));
  }

  #metric(key: string): Points | undefined {
    const known = this.metrics.get(key);
    if (known) return known;
    const { watched, better } = this.#wishes;
    if (this.metrics.size >= MOST_METRICS && !watched.includes(key)) {
      if (this.#unkept.size < MOST_METRICS) this.#unkept.add(key);
      this.moreMetrics = this.#unkept.size;
      return undefined;
    }
    const points = new Points(better.get(key));
    this.metrics.set(key, points);
    return points;
  }

  /** Until what followed it; a rest of which that is not known, because a start died in it, as long as it was meant to be. */
  #rest({ cause, forMs, mono }: Recorded<RestStarted>): void {
    const later = this.#later;
    // It is under way: nobody knows yet.
    if (!later) return;
    const ms = ENDS_REST.has(later.type) && later.mono >= mono ? later.mono - mono : forMs;
    this.#restMs = (this.#restMs ?? 0) + ms;
    const known = this.waited.get(cause) ?? { rests: 0, ms: 0 };
    this.waited.set(cause, { rests: known.rests + 1, ms: known.ms + ms });
  }
}

/** A rest goes on behind them. */
const WITHIN_REST: ReadonlySet<Event['type']> = new Set(['noted', 'suspended', 'mark.reached']);
/** On the clock of the same start. */
const ENDS_REST: ReadonlySet<Event['type']> = new Set(['rest.ended', 'stop.seen', 'run.ended']);

function plus(one: Spent, other: Spent | undefined): Spent {
  if (!other) return one;
  return { sum: one.sum + other.sum, told: one.told + other.told, silent: one.silent + other.silent };
}
