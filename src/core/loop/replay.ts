// Changed settings over a recorded ledger: the same fold and the same decisions, asked at every moment between two turns.
// Nothing is simulated: cycles are taken as they were, up to where these settings would have stopped, and beyond.

import type { Plan } from '../plan/plan.ts';
import { endingOf, runtimeEnd, type Ending, type Tripped } from './ending.ts';
import type { CycleEnded, Event, MarkReached, Recorded, RunEnded, Stamp } from './event.ts';
import { EMPTY, evolve } from './evolve.ts';
import { EXPRESSION_LOOK_MS, readsTheClock } from './expression.ts';
import { nextMark } from './marks.ts';
import { measured, runtimeOf } from './measure.ts';
import type { Progress, RunProgress } from './progress.ts';
import type { Request } from './request.ts';
import { pastMeasured } from './values.ts';
import { watchOf } from './watch.ts';

/** What a run had come to at a moment. */
export interface Reached {
  /** Number of the last cycle. */
  readonly cycle: number;
  /** ISO 8601. */
  readonly at: string;
  readonly cycles: number;
  readonly failed: number;
  readonly runtimeMs: number;
  /** Null: nobody said. */
  readonly tokens: number | null;
  readonly cost: number | null;
  /** By metric of which it is known which way is better: the best value of a task that passed, and its cycle. */
  readonly bests: Readonly<Record<string, { readonly value: number; readonly cycle: number }>>;
}

export interface ReplayedMark {
  readonly mark: string;
  readonly level: MarkReached['level'];
  /** The cycle that reaches it by these settings; null: none does. */
  readonly cycle: number | null;
  /** The cycle that reached it as recorded; null: none did. */
  readonly recordedIn: number | null;
}

export interface ReplayedRun {
  readonly run: string;
  readonly startedAt: string;
  readonly isLoop: boolean;
  /** Where these settings end the run; null: they never do. */
  readonly stop: (Reached & Required<Ending>) | null;
  /** Tries that `half-open` gives before that. */
  readonly tries: number;
  /** Where the record of the run stops. */
  readonly end: Reached;
  /** Null: it has no end yet. */
  readonly recorded: (Pick<RunEnded, 'reason' | 'exit' | 'why'> & { readonly rule: string | null }) | null;
  readonly marks: readonly ReplayedMark[];
}

/** Within one pause; as many minutes as two months have. */
const MOST_LOOKS = 90_000;
/** Ends that settings decide; a stop, a failed start and a failed disk are the world's. */
const BY_SETTINGS: ReadonlySet<string> = new Set(['target', 'budget', 'gave-up']);

/** Sees the history of a ledger in its order, from its first line on. */
export class Replay {
  readonly #plan: Plan;
  readonly #request: Pick<Request, 'evaluate'>;
  readonly #better: ReadonlyMap<string, 'higher' | 'lower'>;
  #progress: Progress = EMPTY;
  #run: Replaying | undefined;
  /** A cycle that has ended, until the record tells whether it was crowned. */
  #undecided: Recorded | undefined;

  /** A plan of a loop: what a single cycle ends by, nobody can change. */
  constructor(plan: Plan, request: Pick<Request, 'evaluate'>) {
    this.#plan = plan;
    this.#request = request;
    this.#better = betterOf(plan);
  }

  /** What is known of the run that the last event belongs to. */
  get run(): ReplayedRun | undefined {
    this.#settle();
    const { run } = this.#progress;
    return run && this.#run?.told(this.#reached(run, this.#run.lastAt), run, this.#plan);
  }

  see(event: Recorded): void {
    if (!event.type.startsWith('champion.')) this.#settle();
    const { run } = this.#progress;
    if (run && event.type !== 'run.started' && event.type !== 'run.resumed') this.#passTime(run, event);
    if (event.type === 'run.started') this.#run = new Replaying(event);
    this.#fold(this.#asTold(event));
    this.#run?.see(event, this.#better);
    if (event.type === 'cycle.ended' || (this.#undecided && event.type !== 'champion.kept'))
      this.#undecided = event;
    else if (!isAside(event)) this.#decide(event);
    if (event.type === 'champion.kept') this.#undecided = undefined;
  }

  /** As in a run: nothing is asked before it is known whether the cycle was the best. */
  #settle(): void {
    const event = this.#undecided;
    this.#undecided = undefined;
    if (event) this.#decide(event);
  }

  /** With what these settings look back over; what the old ones decided is left out. */
  #asTold(event: Recorded): Recorded | undefined {
    if (event.type === 'run.started' || event.type === 'run.resumed')
      return { ...event, watch: watchOf(this.#plan) };
    if (event.type === 'mark.reached') return undefined;
    return event.type === 'rest.started' && event.cause === 'half-open' ? { ...event, cause: 'rule' } : event;
  }

  #fold(event: Recorded | undefined): void {
    if (event) this.#progress = evolve(this.#progress, event);
  }

  /** What looks at the clock ends a rest in the middle. */
  #passTime(run: RunProgress, event: Recorded): void {
    const due = runtimeEnd(this.#plan, run) ?? Infinity;
    const stepMs = readsTheClock(this.#plan.ends.when) ? EXPRESSION_LOOK_MS : Infinity;
    let mono = this.#progress.mono;
    for (let looks = 0; looks < MOST_LOOKS && this.#run?.isStopped !== true; looks += 1) {
      mono = due > mono ? Math.min(due, mono + stepMs) : mono + stepMs;
      if (mono > event.mono) return;
      const at = new Date(Date.parse(event.at) - (event.mono - mono)).toISOString();
      this.#decide({ ...event, mono, at });
    }
  }

  #decide(stamp: Recorded): void {
    const { run, open } = this.#progress;
    if (!run || !this.#run || this.#run.isStopped || open || run.ended || run.isClosing) return;
    const now = { mono: stamp.mono, wall: Date.parse(stamp.at) };
    for (let mark = nextMark(this.#plan, this.#progress, run, now); mark;) {
      this.#add(mark, stamp);
      const after = this.#progress.run;
      mark = after && nextMark(this.#plan, this.#progress, after, now);
    }
    const current = this.#progress.run ?? run;
    const ending = endingOf(this.#plan, this.#request, { progress: this.#progress, run: current, now });
    if (ending && 'halfOpen' in ending) this.#tryAgain(ending, stamp);
    else if (ending && BY_SETTINGS.has(ending.reason))
      this.#run.stops(ending, this.#reached(current, stamp.at, stamp.mono));
  }

  /** The pause itself was not; the cycle behind it is taken as the try. */
  #tryAgain({ halfOpen }: Tripped, stamp: Recorded): void {
    this.#run?.tries();
    const { afterMs, rule } = halfOpen;
    const wasResting = this.#progress.run?.rest;
    if (wasResting) this.#add({ type: 'rest.ended' }, stamp);
    const rest = { type: 'rest.started', cause: 'half-open', by: 'mono', forMs: afterMs, why: rule } as const;
    this.#add({ ...rest, until: stamp.at }, stamp);
    this.#add({ type: 'rest.ended' }, stamp);
  }

  #add(event: Event, { at, mono, run }: Recorded): void {
    const stamp: Stamp = { v: 1, seq: this.#progress.seq, at, mono, run };
    this.#fold({ ...stamp, ...event });
  }

  #reached(run: RunProgress, at: string, mono: number = this.#progress.mono): Reached {
    const value = (kind: 'tokens' | 'cost') =>
      measured({ measure: { kind }, over: undefined }, this.#progress, mono).value ?? null;
    return {
      cycle: this.#progress.last?.cycle ?? this.#progress.cycle,
      at,
      cycles: run.cycles,
      failed: run.failed,
      runtimeMs: Math.round(runtimeOf(run, mono)),
      tokens: value('tokens'),
      cost: value('cost'),
      bests: Object.fromEntries(this.#run?.bests ?? []),
    };
  }
}

/** One run while it is replayed. */
class Replaying {
  readonly #run: string;
  readonly #startedAt: string;
  readonly #isLoop: boolean;
  readonly bests = new Map<string, { value: number; cycle: number }>();
  readonly #recordedMarks = new Map<string, MarkReached>();
  #stop: (Reached & Required<Ending>) | null = null;
  #tries = 0;
  #ended: RunEnded | undefined;
  lastAt: string;

  constructor({ run, at, mode }: Recorded<Extract<Event, { type: 'run.started' }>>) {
    this.#run = run;
    this.#startedAt = at;
    this.#isLoop = (mode ?? 'once') !== 'once';
    this.lastAt = at;
  }

  get isStopped(): boolean {
    return this.#stop !== null;
  }

  tries(): void {
    this.#tries += 1;
  }

  stops({ reason, rule = '' }: Ending, reached: Reached): void {
    this.#stop = { ...reached, reason, rule };
  }

  see(event: Recorded, better: ReadonlyMap<string, 'higher' | 'lower'>): void {
    if (!isAside(event)) this.lastAt = event.at;
    if (event.type === 'run.ended') this.#ended = event;
    if (event.type === 'run.resumed' && event.goesOn) this.#ended = undefined;
    if (event.type === 'mark.reached') this.#recordedMarks.set(event.mark, event);
    if (event.type === 'cycle.ended' && event.turn === 'cycle') this.#keepBests(event, better);
  }

  #keepBests({ cycle, tasks }: CycleEnded, better: ReadonlyMap<string, 'higher' | 'lower'>): void {
    const passed = tasks.filter(({ verdict }) => verdict === 'passed');
    for (const [key, value] of passed.flatMap(pastMeasured)) {
      const way = better.get(key);
      const known = this.bests.get(key);
      if (way === undefined) continue;
      if (known === undefined || (way === 'higher' ? value > known.value : value < known.value))
        this.bests.set(key, { value, cycle });
    }
  }

  told(end: Reached, run: RunProgress, plan: Plan): ReplayedRun {
    const recorded = this.#ended && {
      reason: this.#ended.reason,
      rule: this.#ended.rule ?? null,
      exit: this.#ended.exit,
      why: this.#ended.why,
    };
    const levels = new Map([
      ...[...this.#recordedMarks].map(([id, { level }]) => [id, level] as const),
      ...plan.marks.map(({ id, level }) => [id, level] as const),
    ]);
    return {
      run: this.#run,
      startedAt: this.#startedAt,
      isLoop: this.#isLoop,
      stop: this.#stop,
      tries: this.#tries,
      end,
      recorded: recorded ?? null,
      marks: [...levels].map(([mark, level]) => ({
        mark,
        level,
        cycle: run.marks.get(mark) ?? null,
        recordedIn: this.#recordedMarks.get(mark)?.cycle ?? null,
      })),
    };
  }
}

/** What a start says before it has a run carries the clock of another process. */
function isAside({ type }: Recorded): boolean {
  const isOfBaseline = type === 'baseline.recorded' || type === 'baseline.cleared';
  return isOfBaseline || type === 'recovered' || type === 'ledger.restored' || type === 'storage.failed';
}

/** By the keys that the fold has; rungs below the top are left out. */
function betterOf({ phases }: Plan): ReadonlyMap<string, 'higher' | 'lower'> {
  const tasks = phases.flatMap((phase) => phase.tasks);
  return new Map(
    tasks.flatMap(({ id, metrics }) =>
      metrics.flatMap(({ name, better }) =>
        better === undefined ? [] : [[`${id}.${name}`, better] as const],
      ),
    ),
  );
}
