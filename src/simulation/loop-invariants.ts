// What must hold of a ledger around cycles: runs, lives, pauses, ends, marks, numbers. Said with a model of its own.

import type { CycleEnded, CycleStarted, Recorded, RunEnded } from '../core/loop/event.ts';
import type { Evaluate } from '../core/loop/request.ts';
import type { Plan } from '../core/plan/plan.ts';
import { unreachable } from '../core/unreachable.ts';
import { measuredIn } from './loop-measures.ts';
import { RunModel, type Best } from './loop-model.ts';
import { takeUp } from './loop-lives.ts';
import { GuardWitness } from './guard-invariants.ts';
import { ChampionWitness } from './champion-invariants.ts';
import type { ChampionEvent } from '../core/loop/champion-event.ts';
import { HookWitness, type HookEvent } from './hook-invariants.ts';
import { marked, marksAreSaid } from './loop-marks.ts';
import { heldUntil, noLaterThanItsTime, noted, restDue, restEnded, restStarted } from './loop-pauses.ts';

/** What a start may record before it has opened a run or taken one up: it stands with the run before. */
const OF_ANOTHER: ReadonlySet<string> = new Set([
  'recovered',
  'ledger.restored',
  'baseline.recorded',
  'baseline.cleared',
  'storage.failed',
]);

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
  readonly guard: GuardWitness = new GuardWitness();
  readonly champions: ChampionWitness = new ChampionWitness();
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
        this.guard.forget(event.accepted === true);
        this.run = new RunModel(event, this.planOf(event.plan), this.told.evaluate);
        this.run.champion = this.champions.champion;
        this.startsInARow += 1;
        break;
      case 'run.resumed':
        this.hooks.carriedOn();
        if (event.goesOn && (event.accepted || event.plan !== this.run?.plan.id)) this.guard.forget(true);
        takeUp(this, event);
        break;
      case 'run.ended':
        this.guard.runEnds(event.reason);
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
        restStarted(this, event);
        break;
      case 'rest.ended':
        restEnded(this, event);
        break;
      case 'mark.reached':
        marked(this, event.mark, event.mono);
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
        this.broken.push(...this.guard.starts(this.run?.plan, event));
        break;
      case 'attempt.ended':
        this.running.delete(event.task);
        break;
      case 'task.judged':
        this.broken.push(...this.guard.judges(this.run?.plan, event));
        this.settled.add(event.task);
        break;
      case 'task.skipped':
        this.settled.add(event.task);
        break;
      case 'hook.started':
      case 'hook.stopping':
      case 'hook.ended':
        this.#hooks(event);
        break;
      case 'protect.noting':
      case 'protect.noted':
      case 'protect.asked':
      case 'protect.answered':
        this.broken.push(...this.guard.see(event));
        if (event.type === 'protect.noted' && this.run) noted(this.run, event);
        break;
      case 'champion.chosen':
      case 'champion.kept':
      case 'champion.set-aside':
      case 'champion.confirmed':
        this.#champions(event);
        break;
      case 'receipts.asked':
        if (this.running.size > 0) this.say('the work tree was looked at while tasks ran');
        break;
      case 'receipts.told':
      case 'attempt.quiet':
      case 'attempt.stopping':
      case 'attempt.undoing':
      case 'attempt.undone':
      case 'task.asked':
      case 'task.answered':
      case 'task.locking':
      case 'task.waiting':
      case 'task.locked':
      case 'task.sought':
      case 'task.restored':
      case 'task.missed':
      case 'question.opened':
      case 'question.closed':
      case 'suspended':
      case 'noted':
      case 'recovered':
      case 'ledger.restored':
      case 'champion.restored':
      case 'baseline.recorded':
      case 'baseline.cleared':
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
    // A hook that is under way is waited for.
    if (isResting && !this.hooks.underWay && !this.guard.isNoting && mono > pause.dueMono + this.slackMs)
      this.say(`${type} ${seq} came when a pause was over, and nothing began`);
  }

  #opens(id: string): void {
    const before = this.run;
    if (!before) return;
    if (!before.end) this.say(`run ${id} began inside ${before.id}`);
    if (before.id === id) this.say(`run ${id} began twice`);
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
    if (due.reason !== 'storage-failed') this.broken.push(...this.champions.passes(run.plan));
    if (!told) marksAreSaid(this, run, event.mono);
    // Where protected files could not be noted nothing begins any more.
    const isUnnoted = due.reason === 'start-failed' && due.rule === 'protect';
    const wasForced =
      isUnnoted ||
      run.stop?.forcedBy !== undefined ||
      due.reason === 'storage-failed' ||
      due.reason === 'integrity';
    if (has(run.plan, 'end') && run.isBegun && run.endVerdict === undefined && !wasForced)
      this.say(`run ${run.id} ended without its phases at the end`);
    if (run.pause && run.endVerdict === undefined && !told) noLaterThanItsTime(this, run, event.mono);
  }

  #champions(event: Recorded<Exclude<ChampionEvent, { type: 'champion.restored' }>>): void {
    const { run, champions } = this;
    if (!run || this.open) return this.say(`${event.type} ${event.seq} inside a turn, or in no run`);
    if (event.type === 'champion.chosen') this.broken.push(...champions.chosen(event, run.plan));
    else if (event.type === 'champion.confirmed') this.broken.push(...champions.confirms.confirmed(event));
    else if (event.type === 'champion.set-aside') this.broken.push(...champions.setAside(event, run.plan));
    else if (champions.kept(event)) run.tally.crown();
    run.champion = champions.champion;
  }

  #hooks(event: HookEvent): void {
    const { run, open, best } = this;
    this.broken.push(...this.hooks.see(event, run, { isOpen: open !== undefined, best }));
    if (event.type === 'hook.ended' && run?.pause) heldUntil(run.pause, event.mono);
    if (!run || event.type !== 'hook.started' || !event.ending) return;
    marksAreSaid(this, run, event.mono);
    if (run.pause && run.endVerdict === undefined) noLaterThanItsTime(this, run, event.mono);
  }

  #begins(event: Recorded<CycleStarted>): void {
    const { run } = this;
    const key = `${event.cycle} ${event.turn}`;
    if (run) this.broken.push(...this.champions.passes(run.plan, event, this.cycle));
    if (this.#turns.has(key)) this.say(`turn ${key} began twice`);
    this.#turns.add(key);
    if (event.cycle !== this.cycle && event.cycle !== this.cycle + 1)
      this.say(`turn ${key} does not follow ${this.cycle}`);
    if (!run || run.isClosing || run.hasStorageFailed) this.say(`turn ${key} began in no run`);
    else if (event.turn === 'end') this.#beginsEnd(run, event);
    else this.#beginsCycle(run, event);
    this.broken.push(...this.guard.begins(run?.plan ?? this.plan));
    this.open = event;
    this.cycle = event.cycle;
    this.settled.clear();
    this.isSamePlan = true;
  }

  #beginsCycle(run: RunModel, event: Recorded<CycleStarted>): void {
    const { turn, cycle, mono, at } = event;
    const before = `${turn} ${cycle} began`;
    const hasStart = has(run.plan, 'start');
    if (run.pause) this.say(`${before} while a pause was under way`);
    if (run.stop) this.say(`${before} after a stop`);
    const due = run.due(this.best, mono - this.slackMs);
    if (due)
      this.say(`${before}, though ${due === 'try again' ? due : `${due.reason} (${due.rule})`} was due`);
    if (turn === 'confirm') this.broken.push(...this.champions.confirming(run.plan, event, this.cycle));
    // It uses the time before the pause.
    const rest = turn === 'confirm' ? undefined : restDue(this, run, Date.parse(at), false);
    if (rest !== undefined && rest !== 'unknown')
      this.say(`${before} without its pause: ${rest.cause} ${rest.forMs}`);
    if (turn === 'cycle') marksAreSaid(this, run, mono);
    if (turn !== 'start' && hasStart && run.verdict === undefined && run.startVerdict !== 'passed')
      this.say(`${before} before the phases at the start had passed`);
    if (turn === 'start' && (!hasStart || (run.isBegun && run.startVerdict !== 'limited')))
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
    if (run.pause) noLaterThanItsTime(this, run, mono);
  }

  #finishes(event: Recorded<CycleEnded>): void {
    const { run } = this;
    const isSettled = event.tasks.every(({ id }) => this.settled.has(id));
    const isWhole = isSettled && this.isSamePlan && this.guard.isWhole(run?.plan);
    if (!this.guard.isTampered && (event.verdict === 'interrupted') === isWhole)
      this.say(`cycle ${event.cycle} ended as ${event.verdict}, though it was ${isWhole ? '' : 'not '}whole`);
    this.broken.push(...this.guard.ends(run?.plan, event));
    this.lastTurn = this.open;
    this.open = undefined;
    this.running.clear();
    run?.finish(event);
    if (run) this.champions.ended(event, run.plan);
    if (event.turn !== 'cycle' || event.verdict === 'interrupted') return;
    this.startsInARow = 0;
    if (event.verdict === 'passed') this.failuresInARow = 0;
    if (event.verdict === 'failed' || event.verdict === 'broken') this.failuresInARow += 1;
    if (event.verdict !== 'integrity') this.#keepBest(event);
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
