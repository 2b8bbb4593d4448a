// The morning's report as one object: the verdict and how far everything is come from the fold that `status` shows, what
// happened cycle by cycle from one pass over the ledger.

import type { CycleVerdict, RestCause, RunEnded, Spent } from '../../loop/event.ts';
import type { QuestionProgress } from '../../loop/progress.ts';
import type { Progress } from '../../loop/progress.ts';
import { baselineAnswer, type BaselineRow } from '../baseline.ts';
import { directionsOf, watchedIn, type Direction } from '../directions.ts';
import type { Spread } from '../spread.ts';
import { statusOf, type Status, type StatusFacts } from '../status.ts';
import { nextSteps, type NextStep } from './advice.ts';
import type { CandidateFigures } from './candidates.ts';
import type { ReportFold, ReportWishes, Scope } from './fold.ts';
import type { LabelFigures } from './labels.ts';
import type { Point, Step } from './points.ts';
import type { CauseFigures, FlakyFigures, SoftFigures, TaskFigures } from './tasks.ts';

/** Raised when a reader of the object before would misread the object after. */
const REPORT_VERSION = 1;
/** Cycles over which a failure rate is taken. */
export const RATE_CYCLES = 20;

export interface Report {
  readonly schemaVersion: typeof REPORT_VERSION;
  readonly name: string | null;
  readonly goal: string | null;
  /** When it was made, ISO 8601. */
  readonly at: string;
  readonly status: Status;
  /** Why the run ended; null: it has no end. */
  readonly reason: RunEnded['reason'] | null;
  readonly scope: ReportScope;
  readonly verdicts: Readonly<Record<CycleVerdict, number>>;
  readonly time: TimeFigures;
  /** Over cycles: milliseconds, and for failures the share of those that a point stands for. */
  readonly durations: readonly Point[];
  readonly waits: readonly Point[];
  readonly failureRate: readonly RatePoint[];
  readonly metrics: readonly MetricFigures[];
  readonly moreMetrics: number;
  readonly tasks: Rows<TaskFigures>;
  readonly causes: Rows<CauseFigures>;
  readonly questions: Rows<QuestionProgress>;
  readonly closedQuestions: number;
  readonly flaky: Rows<FlakyFigures>;
  readonly soft: Rows<SoftFigures & { readonly forMs: number }>;
  /** How gates stood before the loop, those that were not green first. */
  readonly baseline: Rows<BaselineRow>;
  readonly spent: { readonly tokens: SpentFigures; readonly cost: SpentFigures };
  readonly labels: readonly { readonly label: string; readonly rows: Rows<LabelFigures> }[];
  /** Null: the loop looks for nothing. */
  readonly candidates: CandidateFigures | null;
  readonly marks: readonly MarkFigures[];
  readonly notes: readonly Note[];
  readonly moreNotes: number;
  readonly next: readonly NextStep[];
}

/** The first of a list, with how many there are. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly of: number;
}

export interface ReportScope {
  readonly kind: Scope['kind'];
  readonly runs: number;
  /** Turns of kind `cycle` that were looked at, whatever their verdict. */
  readonly cycles: number;
  readonly firstCycle: number | null;
  readonly lastCycle: number | null;
  readonly from: string | null;
  readonly to: string | null;
  /** There are older cycles of it, which no figure but those of `status` counts. */
  readonly isCut: boolean;
}

export interface TimeFigures {
  readonly workMs: number;
  readonly waitMs: number;
  readonly waits: readonly { readonly cause: RestCause; readonly rests: number; readonly ms: number }[];
  /** How often a later start carried it on, and attempts that were cut off then. */
  readonly resumed: number;
  readonly cutOff: number;
  /** The machine slept. */
  readonly sleptMs: number;
}

export interface RatePoint {
  /** The cycles that it stands for: the rate looks further back. */
  readonly from: number;
  readonly cycle: number;
  /** Of 1. */
  readonly rate: number;
  readonly over: number;
}

export interface MetricFigures {
  readonly key: string;
  readonly better: Direction | null;
  /** Targets that look at its plain value. */
  readonly targets: readonly { readonly text: string; readonly value: number }[];
  readonly points: readonly Point[];
  /** Each value of a passing task that was better than all before it. */
  readonly steps: readonly Step[];
  /** Of the simulations behind the last value. */
  readonly spread?: Spread;
}

export interface SpentFigures {
  /** What was told. */
  readonly sum: number;
  /** With what was not told taken to be as much as the rest; null: nobody told anything. */
  readonly value: number | null;
  readonly basis: 'actual' | 'estimated' | 'unknown' | 'none';
  readonly told: number;
  readonly silent: number;
}

export interface MarkFigures {
  readonly mark: string;
  readonly at: string;
  readonly cycle: number;
  readonly level: 'info' | 'warning' | 'critical';
  readonly because: readonly string[];
}

export interface Note {
  readonly at: string;
  readonly what: string;
}

/** What a pass over the ledger has to look for. */
export function reportWishes(
  { plan, progress }: Pick<StatusFacts, 'plan' | 'progress'>,
  { labels, scope }: Pick<ReportWishes, 'labels' | 'scope'>,
): ReportWishes {
  const { watch } = progress.run ?? {};
  const watched = [...new Set([...watchedIn(progress), ...Object.keys(watch?.metrics ?? {})])];
  const better = directionsOf(plan, progress);
  return { labels, scope, watched, better, objective: plan?.objective, seq: progress.seq };
}

export interface ReportFacts extends StatusFacts {
  readonly top: number;
  readonly scope: Scope;
}

export function reportOf(facts: ReportFacts, fold: ReportFold): Report {
  const { progress, plan, wall, top } = facts;
  const status = statusNow(facts);
  const questions = [...progress.questions.values()];
  const open = questions.filter(({ closedAt }) => closedAt === undefined);
  const report = {
    schemaVersion: REPORT_VERSION,
    name: fold.started?.name ?? plan?.name ?? null,
    goal: fold.started?.goal ?? plan?.goal ?? null,
    at: new Date(wall).toISOString(),
    status,
    reason: progress.run?.ended?.reason ?? null,
    scope: scopeOf(facts.scope, fold),
    verdicts: fold.verdicts,
    time: timeOf(fold),
    durations: fold.durations.list,
    waits: fold.waits.list,
    failureRate: ratesOf(fold.failures.list),
    metrics: metricsOf(progress, fold),
    moreMetrics: fold.moreMetrics,
    tasks: first(top, fold.tasks.all, (one) => one.totalMs),
    causes: {
      ...first(top, fold.tasks.causes, (one) => one.cycles),
      of: fold.tasks.causes.length + fold.tasks.otherCauses,
    },
    questions: first(top, open, (one) => one.seen),
    closedQuestions: questions.length - open.length,
    flaky: first(top, fold.tasks.flaky, (one) => one.late / one.runs),
    soft: first(top, softOf(facts, fold), (one) => one.forMs),
    baseline: first(top, baselineAnswer(plan, progress).gates, ({ state, aside }) =>
      aside === null && state !== 'green' ? 1 : 0,
    ),
    spent: { tokens: spentOf(fold.tokens), cost: spentOf(fold.cost) },
    labels: [...fold.labels].map(([label, { figures, others }]) => ({
      label,
      rows: { rows: figures.slice(0, top), of: figures.length + others },
    })),
    candidates: fold.candidates.figures,
    marks: [...fold.marks.values()]
      .map(({ mark, at, cycle, level, because }) => ({ mark, at, cycle, level, because }))
      .toSorted((one, other) => one.cycle - other.cycle),
    notes: notesOf(fold),
    moreNotes: fold.moreNotes,
  } as const;
  return { ...report, next: nextSteps(report, facts) };
}

/** A run whose end could not be written has none in the ledger, and yet it is no riddle. */
function statusNow(facts: StatusFacts): Status {
  const status = statusOf(facts);
  const isFull = status.state === 'crashed' && facts.progress.storageFailed;
  return isFull ? { ...status, why: 'the ledger could not be written, so nothing more was started' } : status;
}

/** The largest first; a stable sort keeps the rest as it came. */
function first<Row>(top: number, all: readonly Row[], by: (row: Row) => number): Rows<Row> {
  return { rows: all.toSorted((one, other) => by(other) - by(one)).slice(0, top), of: all.length };
}

function scopeOf({ kind }: Scope, fold: ReportFold): ReportScope {
  return {
    kind,
    runs: fold.runs.size,
    cycles: fold.cycles,
    firstCycle: fold.firstCycle ?? null,
    lastCycle: fold.lastCycle ?? null,
    from: fold.from ?? null,
    to: fold.to ?? null,
    isCut: fold.isCut,
  };
}

function timeOf({ workMs, waited, resumed, cutOff, sleptMs }: ReportFold): TimeFigures {
  const waits = [...waited].map(([cause, wait]) => ({ cause, ...wait })).toSorted((a, b) => b.ms - a.ms);
  return { workMs, waitMs: waits.reduce((sum, { ms }) => sum + ms, 0), waits, resumed, cutOff, sleptMs };
}

/** Over the last cycles up to each point, so that one failure is no spike of 100 %. */
function ratesOf(points: readonly Point[]): readonly RatePoint[] {
  const rates: RatePoint[] = [];
  let [from, over, failed] = [0, 0, 0];
  for (const point of points) {
    over += point.count;
    failed += point.mean * point.count;
    for (let oldest = points[from]; oldest && over - oldest.count >= RATE_CYCLES; oldest = points[from]) {
      over -= oldest.count;
      failed -= oldest.mean * oldest.count;
      from += 1;
    }
    rates.push({ from: point.from, cycle: point.to, rate: Math.min(1, Math.max(0, failed / over)), over });
  }
  return rates;
}

/** What a condition looks at comes first. */
function metricsOf(progress: Progress, fold: ReportFold): readonly MetricFigures[] {
  const targets = progress.run?.watch.conditions?.ends?.target ?? [];
  const watched = watchedIn(progress);
  const rank = (key: string) => (watched.includes(key) ? watched.indexOf(key) : watched.length);
  return [...fold.metrics]
    .toSorted(([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1))
    .map(([key, points]) => ({
      key,
      better: points.better ?? null,
      targets: targets.flatMap(({ measure, name, text, value }) =>
        measure.kind === 'metric' && measure.key === key && measure.statistic !== 'sd'
          ? [{ text: `${name} ${text}`, value }]
          : [],
      ),
      points: points.list,
      steps: points.steps,
      ...spreadIn(fold, key),
    }));
}

function spreadIn({ spreads }: ReportFold, key: string): Pick<MetricFigures, 'spread'> {
  const spread = spreads.get(key);
  return spread ? { spread } : {};
}

/** Those that fail softly now, by how long they have; where the row began before what was looked at, the question knows more. */
function softOf({ progress, wall }: StatusFacts, fold: ReportFold) {
  return fold.tasks.soft.map((soft) => {
    const question = soft.fingerprint === null ? undefined : progress.questions.get(soft.fingerprint);
    const isOlder = soft.isAtLeast && soft.inARow > 0 && question?.closedAt === undefined;
    const sinceAt =
      isOlder && question && question.openedAt < soft.sinceAt ? question.openedAt : soft.sinceAt;
    return { ...soft, sinceAt, forMs: soft.inARow === 0 ? 0 : Math.max(0, wall - Date.parse(sinceAt)) };
  });
}

function spentOf({ sum, told, silent }: Spent): SpentFigures {
  if (told === 0) return { sum, value: null, basis: silent === 0 ? 'none' : 'unknown', told, silent };
  const value = (sum * (told + silent)) / told;
  return { sum, value, basis: silent === 0 ? 'actual' : 'estimated', told, silent };
}

function notesOf({ notes }: ReportFold): readonly Note[] {
  return notes.flatMap((event) => {
    const { at } = event;
    if (event.type === 'noted') return [{ at, what: event.what }];
    if (event.type === 'recovered')
      return [
        {
          at,
          what: `${event.bytes} bytes of a torn line were cut off ${event.file} and kept in ${event.aside}`,
        },
      ];
    return event.type === 'storage.failed'
      ? [{ at, what: `storage failed (${event.code}): ${event.what}` }]
      : [];
  });
}
