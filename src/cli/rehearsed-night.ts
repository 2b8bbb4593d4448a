// One night of a rehearsal: the real engine in virtual time, started again after each crash, until its rule, its morning or its limit.

import type { Recorded } from '../core/loop/event.ts';
import { cycleFolder } from '../core/loop/names.ts';
import { TURNS } from '../core/loop/words.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Evaluate } from '../core/loop/request.ts';
import type { Plan } from '../core/plan/plan.ts';
import { NightFacts, type NightEnd, type RehearsedNight } from '../core/summary/rehearsal.ts';
import { FactInbox } from '../engine/inbox.ts';
import { run } from '../engine/run.ts';
import type { Outcomes } from '../simulation/act.ts';
import { VirtualClock } from '../simulation/clock.ts';
import { Crash, SimulatedDisk } from '../simulation/disk.ts';
import { brokenPromises } from '../simulation/invariants.ts';
import { Dice } from '../simulation/random.ts';
import { unreachable } from '../core/unreachable.ts';
import { RehearsalDisk } from '../simulation/rehearsal-disk.ts';
import { RehearsedProcesses } from '../simulation/rehearsal-processes.ts';
import { disturbances, type Disturbance, type FaultKind } from '../simulation/rehearsal-trouble.ts';

export const NIGHT_MS: number = 10 * 3_600_000;
/** A night in which more happens is cut short, so that a rehearsal stays quick and small. */
export const MOST_CYCLES = 2000;
export const MOST_ATTEMPTS = 20_000;
/** Starts in one night; disturbances are fewer. */
const MOST_LIVES = 40;

/** The first night begins in the evening of a fixed day, and each other one a day later: the real day must not show. */
const FIRST_EVENING = Date.UTC(2026, 1, 9, 21);
const DAY_MS = 24 * 3_600_000;

const STATE = '/rehearsal/state';
const PATHS = { stateDir: STATE, history: `${STATE}/history.jsonl`, cycles: `${STATE}/cycles` };
const SURROUNDINGS = {
  folder: '/rehearsal',
  stateDir: STATE,
  cycles: PATHS.cycles,
  node: 'node',
  bin: 'gate-run',
};

export interface NightWish {
  readonly plan: Plan;
  /** From 1. */
  readonly night: number;
  readonly seed: number;
  readonly faults: ReadonlySet<FaultKind>;
  readonly outcomes: Outcomes;
  readonly nextFire?: ((wall: number) => number) | undefined;
  readonly evaluate?: Evaluate | undefined;
}

export interface PlayedNight {
  readonly facts: RehearsedNight;
  readonly events: readonly Recorded[];
}

export async function playNight(wish: NightWish): Promise<PlayedNight> {
  return new Night(wish).played();
}

/** Thrown into the engine where the night is over, whatever is under way. */
class NightOver extends Error {
  override readonly name = 'NightOver';
  readonly end: NightEnd;

  constructor(end: NightEnd) {
    super(end.how);
    this.end = end;
  }
}

/** What invariants cannot see in a ledger. */
interface Told {
  readonly slackMs: number;
  readonly nextFire?: (wall: number) => number;
  readonly evaluate?: Evaluate;
}

type Promises = (
  plan: Plan,
  events: readonly Recorded[],
  lost: ReadonlySet<number>,
  told: Told,
) => readonly string[];

const promises: Promises = brokenPromises;

/** How a life was over. */
type LifeEnd =
  | { readonly end: NightEnd }
  | { readonly lost: 'crash' | 'full disk'; readonly backAfterMs: number };

class Night {
  readonly #wish: NightWish;
  readonly #facts: NightFacts;
  readonly #disk: RehearsalDisk;
  readonly #events: Recorded[] = [];
  readonly #hurt: string[] = [];
  /** Still to come. */
  #disturbances: readonly Disturbance[];
  #clock: VirtualClock;
  /** Time of the night before the life under way, and what the clock of that life does not see. */
  #beforeMs = 0;
  #cycle = 0;
  #clockSteps = 0;
  #steppedMs = 0;
  #suspendedMs = 0;
  #backAfterMs = 0;

  constructor(wish: NightWish) {
    const { plan, seed, night, faults } = wish;
    this.#wish = wish;
    this.#facts = new NightFacts(plan);
    this.#disk = new RehearsalDisk(new SimulatedDisk(new Dice(seed, 'disk')));
    this.#disturbances = disturbances(seed, NIGHT_MS, faults);
    this.#clock = new VirtualClock(FIRST_EVENING + (night - 1) * DAY_MS);
  }

  async played(): Promise<PlayedNight> {
    this.#disk.makeFolder(PATHS.cycles);
    const end = await this.#live();
    const { plan, night } = this.#wish;
    const facts = this.#facts.whole({
      night,
      end,
      atMs: Math.min(NIGHT_MS, Math.round(this.#nowMs)),
      clockSteps: this.#clockSteps,
      suspendedMs: this.#suspendedMs,
      hurt: [...this.#hurt, ...promises(plan, this.#events, new Set(), this.#told())],
    });
    return { facts, events: this.#events };
  }

  /** What no line of the ledger tells: the calendar, and by how much clocks were set or stood still. */
  #told(): Told {
    const { nextFire, evaluate } = this.#wish;
    const slackMs = this.#steppedMs + this.#suspendedMs;
    return { slackMs, ...(nextFire && { nextFire }), ...(evaluate && { evaluate }) };
  }

  async #live(): Promise<NightEnd> {
    for (let life = 1; life <= MOST_LIVES; life += 1) {
      const over = await this.#oneLife(life);
      if ('end' in over) return over.end;
      const goneAtMs = this.#nowMs;
      this.#begin(goneAtMs + over.backAfterMs);
      if (this.#nowMs >= NIGHT_MS) return { how: 'lasted' };
      this.#facts.restarted(over.lost, goneAtMs, this.#nowMs);
    }
    return { how: 'cut', limit: `${MOST_LIVES} starts` };
  }

  get #nowMs(): number {
    return this.#beforeMs + this.#clock.now().mono;
  }

  /** A process of its own: its clock begins anew, what was planned in the old one is gone with it. */
  #begin(nowMs: number): void {
    const { wall } = this.#clock.now();
    this.#clock = new VirtualClock(wall + nowMs - this.#nowMs);
    this.#beforeMs = nowMs;
    this.#disk.makeRoom();
  }

  async #oneLife(life: number): Promise<LifeEnd> {
    const { plan, night, seed, nextFire, evaluate } = this.#wish;
    const clock = this.#clock;
    const inbox = new FactInbox(() => clock.wake());
    const { outcomes } = this.#wish;
    const processes = new RehearsedProcesses({ clock, inbox, outcomes, cycle: () => this.#cycle });
    this.#disturb();
    try {
      const end = await run({
        plan,
        request: {
          run: `rehearsal-${seed}-${night}-${life}`,
          version: '0.0.0',
          failOn: plan.failOn,
          ...(nextFire && { nextFire }),
          ...(evaluate && { evaluate }),
        },
        world: { clock, disk: this.#disk, processes, inbox },
        paths: PATHS,
        surroundings: SURROUNDINGS,
        views: [{ see: (event, progress) => this.#see(event, progress), close: () => undefined }],
        lookForStop: () => this.#holdLimits(),
      });
      return this.#after(end, processes.alive);
    } catch (error) {
      if (error instanceof NightOver) return { end: error.end };
      if (error instanceof Crash) return { lost: 'crash', backAfterMs: this.#backAfterMs };
      this.#hurt.push(`the engine failed: ${String(error)}`);
      return { end: { how: 'hurt' } };
    }
  }

  #after(end: Awaited<ReturnType<typeof run>>, alive: number): LifeEnd {
    const { ended } = this.#facts;
    if ('progress' in end && ended && !end.failure) {
      if (alive > 0) this.#hurt.push(`the run ended while ${alive} of its attempts ran`);
      const { reason, rule = null, exit, why } = ended;
      return { end: { how: 'ended', reason, rule, exit, why } };
    }
    const failure = 'failed' in end ? end.failed : 'progress' in end ? end.failure?.failed : undefined;
    if (failure === 'ENOSPC') return { lost: 'full disk', backAfterMs: this.#backAfterMs };
    this.#hurt.push(`a start could not go on: ${JSON.stringify('progress' in end ? end.failure : end)}`);
    return { end: { how: 'hurt' } };
  }

  #see(event: Recorded, progress: Progress): void {
    // What could not be recorded may stand in no ledger: its number is given again.
    if (this.#events.at(-1)?.seq === event.seq) this.#events.pop();
    this.#events.push(event);
    if (event.type === 'cycle.started') this.#cycle = event.cycle;
    if (event.type === 'cycle.started' && event.turn === 'cycle') this.#forget(event.cycle - 2);
    this.#facts.see(event, progress, this.#nowMs);
  }

  /** Folders of finished cycles hold nothing that the ledger needs. */
  #forget(cycle: number): void {
    for (const turn of TURNS)
      if (cycle > 0) this.#disk.removeFolder(`${PATHS.cycles}/${cycleFolder(cycle, turn)}`);
  }

  #holdLimits(): void {
    if (this.#facts.cycles >= MOST_CYCLES) this.#cut(`${MOST_CYCLES} cycles`);
    if (this.#facts.attempts >= MOST_ATTEMPTS) this.#cut(`${MOST_ATTEMPTS} attempts`);
  }

  #cut(limit: string): never {
    throw new NightOver({ how: 'cut', limit });
  }

  #disturb(): void {
    for (const disturbance of this.#disturbances) {
      this.#clock.in(Math.max(0, disturbance.atMs - this.#nowMs), () => {
        this.#disturbances = this.#disturbances.filter((one) => one !== disturbance);
        this.#befall(disturbance);
      });
    }
    this.#watchMorning();
  }

  #befall(disturbance: Disturbance): void {
    switch (disturbance.kind) {
      case 'crash':
        this.#backAfterMs = disturbance.backAfterMs;
        if (!disturbance.tears) throw new Crash();
        this.#disk.tearNext();
        return;
      case 'full-disk':
        this.#backAfterMs = disturbance.backAfterMs;
        this.#disk.fill();
        return;
      case 'clock':
        this.#clockSteps += 1;
        this.#steppedMs += Math.abs(disturbance.byMs);
        this.#clock.setWall(disturbance.byMs);
        return;
      case 'suspend':
        // The machine sleeps: the calendar goes on, the clock that limits are counted by stands still.
        this.#suspendedMs += disturbance.forMs;
        this.#clock.setWall(disturbance.forMs);
        this.#beforeMs += disturbance.forMs;
        this.#watchMorning();
        return;
      default:
        unreachable(disturbance);
    }
  }

  #watchMorning(): void {
    this.#clock.in(Math.max(0, NIGHT_MS - this.#nowMs), () => {
      throw new NightOver({ how: 'lasted' });
    });
  }
}
