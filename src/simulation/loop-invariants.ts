// What must hold of a ledger around cycles: runs, lives, pauses, ends, marks, numbers. Said with a model of its own.

import type { CycleEnded, CycleStarted, Recorded, RestStarted, RunEnded } from '../core/loop/event.ts';
import type { Evaluate } from '../core/loop/request.ts';
import type { Plan } from '../core/plan/plan.ts';
import { unreachable } from '../core/unreachable.ts';
import { isHeld, measuredIn } from './loop-measures.ts';
import { RunModel, type Best, type Pause } from './loop-model.ts';
import { takeUp } from './loop-lives.ts';
import { HookWitness, type HookEvent } from './hook-invariants.ts';
import { dueRest } from './loop-rests.ts';

/** Starts in a row without a finished cycle; then there is a pause. */
const MOST_STARTS = 20;
/** A pause by the calendar may see only so late that the wall clock was set. */
const WALL_LOOK_MS = 60_000;
/** By so much a clock that is set back may prolong a pause. */
export const LATEST_MS: number = 3 * 3_600_000;

/** What a start may record before it has opened a run or taken one up: it stands with the run before. */
const OF_ANOTHER: ReadonlySet<string> = new Set(['recovered', 'storage.failed']);

export interface Told {
  /** Every plan that a start followed, by its id; absent: one for all. */
  readonly plans?: ReadonlyMap<string, Plan>;
  readonly nextFire?: (wall: number) => number;
  readonly evaluate?: Evaluate;
  /** How long the process stood still at most without a line about it: a slow disk, a machine that slept. */
  readonly slackMs?: number;
}

/** Sees every event of a ledger in its order, and says which promises it breaks. */
export class LoopWitness {
  readonly broken: string[] = [];
  readonly best: Best = new Map();
  run: RunModel | undefined;
  /** Number of the last turn of any kind. */
  cycle = 0;
  open: CycleStarted | undefined;
  lastTurn: CycleStarted | undefined;
  readonly running: Map<string, number> = new Map();
  readonly hooks: HookWitness = new HookWitness();
  readonly settled: Set<string> = new Set();
  mono = 0;
  startsInARow = 0;
  failuresInARow = 0;
  isSamePlan = true;
  readonly plan: Plan;
  readonly told: Told;
  readonly #turns = new Set<string>();

  constructor(plan: Plan, told: Told = {}) {
    this.plan = plan;
    this.told = told;
  }

  get slackMs(): number {
    return this.told.slackMs ?? 0;
  }

  planOf(id: string): Plan {
    return this.told.plans?.get(id) ?? this.plan;
  }

  say(what: string): void {
    this.broken.push(what);
  }

  see(event: Recorded): void {
    this.#placed(event);
    switch (event.type) {
      case 'run.started':
        this.#opens(event.run);
        this.hooks.begins();
        this.run = new RunModel(event, this.planOf(event.plan), this.told.evaluate);
        this.startsInARow += 1;
        break;
      case 'run.resumed':
        this.hooks.carriedOn();
        takeUp(this, event);
        break;
      case 'run.ended':
        this.#ends(event);
        break;
      case 'stop.seen':
        if (this.run) {
          const { signal, forcedBy, isStorage } = this.run.stop ?? {};
          this.run.stop = {
            signal: signal ?? event.signal,
            forcedBy: forcedBy ?? (event.now ? event.by : undefined),
            isStorage: isStorage === true || event.by === 'storage',
          };
        }
        break;
      case 'storage.failed':
        if (this.run) this.run.hasStorageFailed = true;
        break;
      case 'rest.started':
        this.#rests(event);
        break;
      case 'rest.ended':
        this.#restEnds(event);
        break;
      case 'mark.reached':
        this.#marks(event.mark, event.mono);
        break;
      case 'cycle.started':
        this.#begins(event);
        break;
      case 'cycle.ended':
        this.#finishes(event);
        break;
      case 'attempt.started':
        this.running.set(event.task, event.attempt);
        if (this.run?.hasStorageFailed) this.say(`${event.task} started after the storage failed`);
        break;
      case 'attempt.ended':
        this.running.delete(event.task);
        break;
      case 'task.judged':
      case 'task.skipped':
        this.settled.add(event.task);
        break;
      case 'hook.started':
      case 'hook.stopping':
      case 'hook.ended':
        this.#hooks(event);
        break;
      case 'attempt.quiet':
      case 'attempt.stopping':
      case 'task.asked':
      case 'task.answered':
      case 'question.opened':
      case 'question.closed':
      case 'suspended':
      case 'noted':
      case 'recovered':
        break;
      default:
        unreachable(event);
    }
    // What a start says before it has a run carries the clock of another process.
    if (!OF_ANOTHER.has(event.type)) this.mono = event.mono;
  }

  /** Which run a line belongs to, and that an end is the end. */
  #placed({ type, run, seq, mono }: Recorded): void {
    if (type === 'run.started' || OF_ANOTHER.has(type) || !this.run) return;
    if (run !== this.run.id) this.say(`seq ${seq} is of ${run}, under way is ${this.run.id}`);
    if (type === 'run.resumed') return;
    if (this.run.end) this.say(`${type} ${seq} stands behind the end of ${run}`);
    if (mono < this.mono) this.say(`${type} ${seq} goes back in time`);
    const { pause, stop, endVerdict } = this.run;
    const isResting =
      pause && !this.hooks.told && !this.run.isClosing && !stop && !this.open && endVerdict === undefined;
    if (isResting && mono > pause.dueMono + this.slackMs)
      this.say(`${type} ${seq} came when a pause was over, and nothing began`);
  }

  #opens(id: string): void {
    const before = this.run;
    if (!before) return;
    if (!before.end) this.say(`run ${id} began inside ${before.id}`);
    if (before.id === id) this.say(`run ${id} began twice`);
  }

  /** Nothing but an end of its own, or a cycle, may come where a mark is due. */
  #marksAreSaid(run: RunModel, mono: number): void {
    if (run.verdict === undefined) return;
    const sight = { tally: run.tally, best: this.best, runtimeMs: run.runtime(mono - this.slackMs) };
    for (const { id, all, any } of run.plan.marks) {
      const isDue =
        all.every((one) => isHeld(one, sight)) && (any.length === 0 || any.some((one) => isHeld(one, sight)));
      if (isDue && !run.marks.has(id)) this.say(`mark ${id} was reached and not announced`);
    }
  }

  #marks(id: string, mono: number): void {
    const { run } = this;
    if (!run) return;
    const mark = run.plan.marks.find((one) => one.id === id);
    const sight = { tally: run.tally, best: this.best, runtimeMs: run.runtime(mono) };
    const isHeldNow =
      mark?.all.every((one) => isHeld(one, sight)) &&
      (mark.any.length === 0 || mark.any.some((one) => isHeld(one, sight)));
    if (!isHeldNow || run.verdict === undefined) this.say(`mark ${id} was announced and does not hold`);
    if (run.marks.has(id)) this.say(`mark ${id} was announced twice in ${run.id}`);
    run.marks.add(id);
  }

  #ends(event: Recorded<RunEnded>): void {
    const { run } = this;
    if (!run) return;
    if (this.open) this.say(`run ${run.id} ended inside cycle ${this.open.cycle}`);
    run.end = event;
    if (event.reason !== 'interrupted' && event.reason !== 'storage-failed') this.startsInARow = 0;
    const hook = this.hooks.underWay;
    if (hook) this.say(`run ${run.id} ended while its hook ${hook} was under way`);
    const told = this.hooks.told;
    const due = run.isClosing ? { reason: 'interrupted' as const } : (told ?? run.due(this.best, event.mono));
    if (due === undefined || due === 'try again')
      return this.say(`run ${run.id} ended as ${event.reason} (${event.rule}), and nothing ended it`);
    if (due.reason !== event.reason || due.rule !== event.rule)
      this.say(`run ${run.id} ended as ${event.reason} (${event.rule}), due was ${due.reason} (${due.rule})`);
    const exit = run.exitCode(due.reason);
    if (exit !== event.exit) this.say(`run ${run.id} ended with ${event.exit}, due was ${exit}`);
    if (run.isClosing) return;
    if (!told) this.#marksAreSaid(run, event.mono);
    const wasForced = run.stop?.forcedBy !== undefined || due.reason === 'storage-failed';
    if (has(run.plan, 'end') && run.isBegun && run.endVerdict === undefined && !wasForced)
      this.say(`run ${run.id} ended without its phases at the end`);
    if (run.pause && run.endVerdict === undefined && !told) this.#noLaterThanItsTime(run, event.mono);
  }

  #hooks(event: HookEvent): void {
    const { run, open, best } = this;
    this.broken.push(...this.hooks.see(event, run, { isOpen: open !== undefined, best }));
    if (!run || event.type !== 'hook.started' || !event.ending) return;
    this.#marksAreSaid(run, event.mono);
    if (run.pause && run.endVerdict === undefined) this.#noLaterThanItsTime(run, event.mono);
  }

  /** A budget of run time ends a pause when it is spent. */
  #noLaterThanItsTime(run: RunModel, mono: number): void {
    // An expression is asked now and then only.
    const looksMs = run.plan.ends.when ? WALL_LOOK_MS : 0;
    const late = mono - this.slackMs - looksMs - 1;
    if (late < (run.pause?.fromMono ?? 0)) return;
    const due = run.due(this.best, late);
    if (run.stop === undefined && due !== undefined && due !== 'try again')
      this.say(`run ${run.id} was over (${due.rule}) and went on resting`);
  }

  #rests(event: Recorded<RestStarted>): void {
    const { run } = this;
    if (!run || this.open || run.pause) return this.say(`a pause began where none may (seq ${event.seq})`);
    const due = run.due(this.best, event.mono - this.slackMs);
    if (due !== undefined && due !== 'try again')
      this.say(`a pause began, though ${due.reason} (${due.rule}) was due`);
    const expected = this.#dueRest(run, Date.parse(event.at), due === 'try again');
    if (expected !== 'unknown') {
      const said = `${event.cause} ${event.forMs} by ${event.by}`;
      const wanted = expected && `${expected.cause} ${expected.forMs} by ${expected.by}`;
      if (said !== wanted)
        this.say(`the pause behind cycle ${this.cycle} is ${said}, by the model ${wanted ?? 'none'}`);
    }
    if (Date.parse(event.until) - Date.parse(event.at) !== event.forMs)
      this.say(`a pause until ${event.until} is not ${event.forMs} long`);
    this.#marksAreSaid(run, event.mono);
    if (event.cause === 'half-open') [run.tries, run.isTryOpen] = [run.tries + 1, true];
    if (event.cause === 'restarts') this.startsInARow = 0;
    run.owed = undefined;
    const { mono, forMs } = event;
    const dueMono = mono + forMs + (event.by === 'mono' ? 0 : LATEST_MS);
    run.pause = { by: event.by, until: Date.parse(event.until), fromMono: mono, leftMs: forMs, dueMono };
  }

  #dueRest(run: RunModel, wall: number, isTry: boolean): ReturnType<typeof dueRest> {
    const { plan, owed: last } = run;
    if (isTry) return { cause: 'half-open', by: 'mono', forMs: plan.ends.halfOpen?.afterMs ?? 0 };
    if (plan.loop.mode === 'once') return undefined;
    const { maxMs } = plan.loop.backoff;
    if (this.startsInARow > MOST_STARTS && maxMs > 0) return { cause: 'restarts', by: 'mono', forMs: maxMs };
    if (!last) return undefined;
    const { nextFire } = this.told;
    return dueRest({ plan, run: run.id, tally: run.tally, last, wall, nextFire });
  }

  #restEnds(event: Recorded): void {
    const { run } = this;
    const pause = run?.pause;
    if (!run || !pause) return this.say(`a pause ended that had not begun (seq ${event.seq})`);
    if (pause.by === 'mono' && event.mono < pause.dueMono)
      this.say(`a pause was cut short by ${pause.dueMono - event.mono} ms (seq ${event.seq})`);
    if (pause.by === 'wall') this.#byTheCalendar(pause, event);
    this.#noLaterThanItsTime(run, event.mono);
    run.pause = undefined;
    run.owed = undefined;
  }

  /** A clock that is set moves the end of such a pause, within bounds. */
  #byTheCalendar({ until, fromMono, leftMs }: Pause, { at, mono }: Recorded): void {
    const lateByWall = Date.parse(at) - until;
    const lateByMono = mono - fromMono - leftMs;
    if (lateByWall < 0 && lateByMono < LATEST_MS) this.say(`a pause ended ${-lateByWall} ms before its time`);
    const late = Math.min(lateByWall, lateByMono);
    if (lateByMono > LATEST_MS + this.slackMs) this.say(`a pause ended ${lateByMono} ms after its time`);
    else if (late > WALL_LOOK_MS + this.slackMs) this.say(`a pause ended ${late} ms after its time`);
  }

  #begins(event: Recorded<CycleStarted>): void {
    const { run } = this;
    const key = `${event.cycle} ${event.turn}`;
    if (this.#turns.has(key)) this.say(`turn ${key} began twice`);
    this.#turns.add(key);
    if (event.cycle !== this.cycle && event.cycle !== this.cycle + 1)
      this.say(`turn ${key} does not follow ${this.cycle}`);
    if (!run || run.isClosing || run.hasStorageFailed) this.say(`turn ${key} began in no run`);
    else if (event.turn === 'end') this.#beginsEnd(run, event);
    else this.#beginsCycle(run, event);
    this.open = event;
    this.cycle = event.cycle;
    this.settled.clear();
    this.isSamePlan = true;
  }

  #beginsCycle(run: RunModel, { turn, cycle, mono, at }: Recorded<CycleStarted>): void {
    const before = `cycle ${cycle} began`;
    const hasStart = has(run.plan, 'start');
    if (run.pause) this.say(`${before} while a pause was under way`);
    if (run.stop) this.say(`${before} after a stop`);
    const due = run.due(this.best, mono - this.slackMs);
    if (due)
      this.say(`${before}, though ${due === 'try again' ? due : `${due.reason} (${due.rule})`} was due`);
    const rest = this.#dueRest(run, Date.parse(at), false);
    if (rest !== undefined && rest !== 'unknown')
      this.say(`${before} without its pause: ${rest.cause} ${rest.forMs}`);
    if (turn === 'cycle') this.#marksAreSaid(run, mono);
    if (turn === 'cycle' && hasStart && run.verdict === undefined && run.startVerdict !== 'passed')
      this.say(`${before} before the phases at the start had passed`);
    if (turn === 'start' && (!hasStart || run.isBegun))
      this.say(`the phases at the start began again in ${run.id}`);
  }

  #beginsEnd(run: RunModel, { mono }: Recorded<CycleStarted>): void {
    const due = run.due(this.best, mono);
    if (due === undefined || due === 'try again')
      this.say(`the phases at the end of ${run.id} began too early`);
    if (!has(run.plan, 'end') || run.endVerdict !== undefined)
      this.say(`the phases at the end of ${run.id} began again`);
    if (run.stop?.forcedBy !== undefined)
      this.say(`the phases at the end of ${run.id} began after a forced stop`);
    if (run.pause) this.#noLaterThanItsTime(run, mono);
  }

  #finishes(event: Recorded<CycleEnded>): void {
    const { run } = this;
    const isWhole = event.tasks.every(({ id }) => this.settled.has(id)) && this.isSamePlan;
    if ((event.verdict === 'interrupted') === isWhole)
      this.say(`cycle ${event.cycle} ended as ${event.verdict}, though it was ${isWhole ? '' : 'not '}whole`);
    this.lastTurn = this.open;
    this.open = undefined;
    this.running.clear();
    run?.finish(event);
    if (event.turn !== 'cycle' || event.verdict === 'interrupted') return;
    this.startsInARow = 0;
    if (event.verdict === 'passed') this.failuresInARow = 0;
    if (event.verdict === 'failed' || event.verdict === 'broken') this.failuresInARow += 1;
    this.#keepBest(event);
  }

  /** Only of tasks that passed, and of a pruned ladder nothing but its rungs. */
  #keepBest({ tasks }: CycleEnded): void {
    const passed = tasks.filter(({ verdict }) => verdict === 'passed');
    for (const [key, value] of passed.flatMap((task) => measuredIn([task]))) {
      const { highest, lowest } = this.best.get(key) ?? { highest: value, lowest: value };
      this.best.set(key, { highest: Math.max(highest, value), lowest: Math.min(lowest, value) });
    }
  }
}

function has(plan: Plan, at: 'start' | 'end'): boolean {
  return plan.phases.some(
    (phase) => phase.at === at && phase.tasks.some(({ leftOut }) => leftOut === undefined),
  );
}
