// The run's share of the fold: its lives, its pauses, its streaks, and what its conditions look back over.

import { crc32Text } from '../crc32.ts';
import { unreachable } from '../unreachable.ts';
import type {
  CycleEnded,
  MarkReached,
  Recorded,
  RestStarted,
  RunResumed,
  RunStarted,
  Spent,
  StopSeen,
  TaskSummary,
} from './event.ts';
import { hooksCarriedOn, owing } from './hook-fold.ts';
import { NO_HOOKS, owedAfterCycle } from './hooks.ts';
import { NOTHING_SPENT } from './meanings.ts';
import { grownIn, unacceptedOf } from '../protect/progress.ts';
import { stillFor } from '../receipts/moved.ts';
import type { Progress, RunProgress, Streaks } from './progress.ts';
import { allMeasured } from './values.ts';

/** More different labels than anybody compares; above, the count stays. */
export const MOST_DISTINCT = 10_000;

const NO_STREAKS: Streaks = {
  failures: 0,
  broken: 0,
  oom: 0,
  limited: 0,
  sameError: 0,
  fingerprint: undefined,
};

const NO_WATCH: RunProgress['watch'] = { cycles: 1, metrics: {}, labels: [] };

export function newRun(event: Recorded<RunStarted>, before?: RunProgress): RunProgress {
  return {
    id: event.run,
    startedAt: event.at,
    mode: event.mode ?? 'once',
    plan: event.plan,
    flags: event.flags ?? [],
    holder: event.run,
    containment: event.containment,
    isClosing: false,
    isRestored: false,
    earlierMs: 0,
    bornMono: event.mono,
    limits: event.limits,
    machine: event.machine,
    watch: event.watch ?? NO_WATCH,
    rest: undefined,
    owesRest: false,
    cycles: 0,
    accepted: 0,
    crownedAt: 0,
    failed: 0,
    streaks: NO_STREAKS,
    stillFor: undefined,
    recent: [],
    series: new Map(),
    distinct: new Map(),
    tokens: NOTHING_SPENT,
    cost: NOTHING_SPENT,
    marks: new Map(),
    trials: 0,
    isTrying: false,
    hooks: NO_HOOKS,
    protect: undefined,
    unaccepted: event.accepted ? undefined : unacceptedOf(before),
    softFailures: false,
    startTurn: undefined,
    limitedStart: undefined,
    endTurn: undefined,
    lastVerdict: undefined,
    lastWasIdle: false,
    stop: undefined,
    ended: undefined,
  };
}

/** The clock of the run stood still since its last event; a pause goes on where the calendar has not ended it. */
export function resumedRun({ mono }: Progress, run: RunProgress, event: Recorded<RunResumed>): RunProgress {
  const earlierMs = event.earlierMs ?? run.earlierMs + Math.max(0, mono - run.bornMono);
  const held = { ...run, holder: event.by, isClosing: !event.goesOn, earlierMs, bornMono: event.mono };
  // Nothing is owed any more; their numbers go on.
  if (!event.goesOn) return { ...held, hooks: { ...NO_HOOKS, count: run.hooks.count } };
  const { plan, flags = [], limits, machine, watch } = event;
  // As far as the last event of the life before tells; since then only the wall clock knows.
  const restedMs = run.rest && earlierMs - run.earlierMs - Math.max(0, run.rest.fromMono - run.bornMono);
  const rest = run.rest && {
    ...run.rest,
    fromMono: event.mono,
    leftMs: Math.max(
      0,
      Math.min(run.rest.leftMs - (restedMs ?? 0), Date.parse(run.rest.until) - Date.parse(event.at)),
    ),
  };
  // Phases at the start that did not come to their end have to run again; a protected file that changed in them ends the run.
  const startTurn = run.startTurn === 'passed' || run.startTurn === 'integrity' ? run.startTurn : undefined;
  const isAccepted = plan !== run.plan || event.accepted === true;
  return {
    ...held,
    containment: event.containment,
    plan,
    flags,
    limits,
    machine,
    watch,
    // What the plan before did not ask about was not kept, and a row with a gap is none.
    series: only(run.series, Object.keys(watch.metrics)),
    distinct: only(run.distinct, watch.labels),
    rest,
    hooks: hooksCarriedOn(run.hooks, watch.hooks ?? []),
    startTurn,
    endTurn: run.endTurn === 'integrity' ? run.endTurn : undefined,
    // What was noted holds while the plan is the same; what a person accepted is noted anew.
    protect: run.protect === 'noting' || isAccepted ? undefined : run.protect,
    unaccepted: isAccepted ? undefined : run.unaccepted,
    stop: undefined,
    ended: undefined,
  };
}

function only<T>(kept: ReadonlyMap<string, T>, keys: readonly string[]): ReadonlyMap<string, T> {
  return new Map([...kept].filter(([key]) => keys.includes(key)));
}

export function withStop(run: RunProgress, event: Recorded<StopSeen>): RunProgress {
  const { by, now, signal, path, who, at, mono } = event;
  const first = run.stop ?? {
    by,
    signal,
    signals: [],
    path,
    who,
    at,
    mono,
    now: false,
    forcedBy: undefined,
  };
  const stop = {
    ...first,
    // However it began: what a person has to know then is that the disk is full.
    by: by === 'storage' ? by : first.by,
    signal: first.signal ?? signal,
    signals:
      signal === undefined || first.signals.includes(signal) ? first.signals : [...first.signals, signal],
    path: first.path ?? path,
    who: first.who ?? who,
    now: first.now || now,
    forcedBy: first.forcedBy ?? (now ? by : undefined),
  };
  return { ...run, stop };
}

export function restingRun(run: RunProgress, event: Recorded<RestStarted>): RunProgress {
  const { cause, by, why, until, forMs, mono, at } = event;
  const isTry = cause === 'half-open';
  return {
    ...run,
    owesRest: false,
    trials: isTry ? run.trials + 1 : run.trials,
    isTrying: isTry || run.isTrying,
    rest: { cause, by, why, startedAt: at, until, fromMono: mono, leftMs: forMs },
  };
}

export function markedRun(run: RunProgress, { mark, cycle }: MarkReached): RunProgress {
  return { ...run, marks: new Map(run.marks).set(mark, cycle) };
}

export function runAfter(before: RunProgress, event: Recorded<CycleEnded>): RunProgress {
  // Spent is spent, in whichever turn and however that ended.
  const run = {
    ...before,
    tokens: plus(before.tokens, event.tokens),
    cost: plus(before.cost, event.cost),
    protect: typeof before.protect === 'object' ? grownIn(before.protect, event.grown) : before.protect,
  };
  const softFailures = run.softFailures || event.tasks.some((task) => task.verdict === 'soft-failed');
  // What was cut off has not been: it runs again.
  if (event.verdict === 'interrupted') return run;
  if (event.turn === 'start') return afterStart({ ...run, softFailures }, event);
  if (event.turn === 'end') return { ...run, endTurn: event.verdict };
  // Only what ends a run whichever turn it is found in.
  if (event.turn === 'confirm')
    return event.verdict === 'integrity' ? { ...run, lastVerdict: event.verdict } : run;
  const believed = event.verdict === 'integrity' ? [] : event.tasks;
  const ended: RunProgress = {
    ...run,
    softFailures,
    owesRest: event.verdict !== 'stopped',
    lastVerdict: event.verdict,
    lastWasIdle: event.tasks.every((task) => task.verdict === 'skipped'),
    streaks: streaksAfter(run.streaks, event),
    series: seriesAfter(run, believed),
    distinct: distinctAfter(run, believed),
    trials: event.verdict === 'passed' ? 0 : run.trials,
  };
  return owing(withCount(ended, event), owedAfterCycle(run.watch.hooks ?? [], event));
}

function withCount(ended: RunProgress, event: Recorded<CycleEnded>): RunProgress {
  // A limit uses up no cycle, and a stop cut one short.
  if (event.verdict === 'limited' || event.verdict === 'stopped') return ended;
  return counted({ ...ended, isTrying: false }, event);
}

/** No cycle has been before it, so that of the streaks there is only the one of limits. */
function afterStart(run: RunProgress, event: Recorded<CycleEnded>): RunProgress {
  const { verdict } = event;
  const isLimited = verdict === 'limited';
  const limited = isLimited ? run.streaks.limited + 1 : verdict === 'passed' ? 0 : run.streaks.limited;
  return {
    ...run,
    startTurn: verdict,
    limitedStart: isLimited ? event : undefined,
    owesRest: isLimited,
    streaks: { ...run.streaks, limited },
  };
}

function counted(run: RunProgress, event: Recorded<CycleEnded>): RunProgress {
  const isFailed = event.verdict !== 'passed';
  const runMs = run.earlierMs + Math.max(0, event.mono - run.bornMono);
  const recent = [...run.recent, { cycle: event.cycle, failed: isFailed, runMs }];
  return {
    ...run,
    cycles: run.cycles + 1,
    failed: run.failed + (isFailed ? 1 : 0),
    stillFor: stillFor(run.stillFor, event),
    recent: recent.slice(-Math.max(1, run.watch.cycles)),
  };
}

function streaksAfter(before: Streaks, event: CycleEnded): Streaks {
  switch (event.verdict) {
    case 'passed':
      return NO_STREAKS;
    case 'failed':
      return { ...NO_STREAKS, failures: before.failures + 1 };
    case 'broken': {
      const cause = event.tasks.find((task) => task.id === event.cause);
      const fingerprint = cause?.fingerprint;
      const isSame = fingerprint !== undefined && fingerprint === before.fingerprint;
      return {
        failures: before.failures + 1,
        broken: before.broken + 1,
        oom: event.tasks.some((task) => task.outcome === 'oom') ? before.oom + 1 : 0,
        limited: 0,
        sameError: fingerprint === undefined ? 0 : isSame ? before.sameError + 1 : 1,
        fingerprint,
      };
    }
    case 'limited':
      return { ...before, limited: before.limited + 1 };
    case 'stopped':
    case 'interrupted':
    case 'integrity':
      return before;
    default:
      return unreachable(event.verdict);
  }
}

function seriesAfter(run: RunProgress, tasks: readonly TaskSummary[]): RunProgress['series'] {
  const wanted = run.watch.metrics;
  if (Object.keys(wanted).length === 0) return run.series;
  const after = new Map(run.series);
  const see = (key: string, value: number) => {
    const most = Object.hasOwn(wanted, key) ? wanted[key] : undefined;
    if (most !== undefined) after.set(key, [...(after.get(key) ?? []), value].slice(-Math.max(1, most)));
  };
  for (const [key, value] of tasks.flatMap(allMeasured)) see(key, value);
  return after;
}

function distinctAfter(run: RunProgress, tasks: readonly TaskSummary[]): RunProgress['distinct'] {
  if (run.watch.labels.length === 0) return run.distinct;
  const after = new Map(run.distinct);
  for (const label of run.watch.labels) {
    const known = after.get(label) ?? new Set<number>();
    const seen = tasks.flatMap((task) => {
      const text = Object.hasOwn(task.labels, label) ? task.labels[label] : undefined;
      return text === undefined ? [] : [crc32Text(text)];
    });
    // Mostly nothing is new, and a copy of ten thousand each cycle would be work for nothing.
    if (known.size < MOST_DISTINCT && seen.some((sum) => !known.has(sum)))
      after.set(label, new Set([...known, ...seen]));
  }
  return after;
}

function plus(before: Spent, more: Spent | undefined): Spent {
  if (!more) return before;
  return {
    sum: before.sum + more.sum,
    told: before.told + more.told,
    silent: before.silent + more.silent,
  };
}
