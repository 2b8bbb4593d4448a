// One seed: a random plan, lived through crashes, power cuts, a full disk and stops, and held to what must be true.

import type { CycleEnded, Event, Recorded } from '../../src/core/loop/event.ts';
import { EMPTY, evolve } from '../../src/core/loop/evolve.ts';
import type { Progress } from '../../src/core/loop/progress.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { FactInbox } from '../../src/engine/inbox.ts';
import { eventsFile, readLines } from '../../src/engine/read.ts';
import { run } from '../../src/engine/run.ts';
import { VirtualClock } from '../../src/simulation/clock.ts';
import { Crash, NO_FAULTS, SimulatedDisk, type DiskFaults } from '../../src/simulation/disk.ts';
import { brokenPromises } from '../../src/simulation/invariants.ts';
import { randomPlan } from '../../src/simulation/plans.ts';
import { ScriptedProcesses } from '../../src/simulation/processes.ts';
import { KINDS } from './statistics.ts';
import { Dice } from '../../src/simulation/random.ts';
import type { View } from '../../src/ports.ts';

/** Lives with faults; the one after them meets none and must end well. */
const MOST_TROUBLED_LIVES = 4;
/** Bytes that a small disk holds at most: enough to begin on, too few to end on. */
const LARGEST_SMALL_DISK = 12_000;

export const PATHS = { history: '/state/history.jsonl', cycles: '/state/cycles' } as const;

export interface Night {
  readonly seed: number;
  readonly plan: Plan;
  readonly events: readonly Recorded[];
  readonly lives: readonly Life[];
  /** Broken promises, as sentences. */
  readonly broken: readonly string[];
}

export interface Life {
  readonly end: 'over' | 'crash' | 'power' | 'storage';
  /** The event that was being recorded when the crash fell; undefined: none, it fell between two. */
  readonly during: Event['type'] | undefined;
}

export async function playNight(seed: number): Promise<Night> {
  const night = new Playing(seed);
  const reference = await night.undisturbed();
  await night.live();
  return night.judged(reference);
}

class Playing {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #plan: Plan;
  readonly #disk: SimulatedDisk;
  readonly #trouble: number;
  /** The fates change from cycle to cycle, so that what failed passes later; nothing to compare with then. */
  readonly #isFickle: boolean;
  readonly #lives: Life[] = [];
  readonly #broken: string[] = [];
  readonly #lost = new Set<number>();
  #lastOperations = 60;

  constructor(seed: number) {
    this.#seed = seed;
    this.#dice = new Dice(seed, 'night');
    this.#plan = randomPlan(new Dice(seed, 'plan'), {
      dir: '/state',
      history: PATHS.history,
      latest: '/state/latest.json',
      cycles: PATHS.cycles,
    });
    this.#disk = new SimulatedDisk(new Dice(seed, 'disk'));
    this.#trouble = this.#dice.pick([0, 0.2, 0.5]);
    this.#isFickle = this.#dice.chance(0.3);
  }

  /** Verdicts of the first cycles on a good machine, by cycle number. */
  async undisturbed(): Promise<ReadonlyMap<string, string>> {
    const disk = new SimulatedDisk(new Dice(this.#seed, 'good disk'));
    const verdicts = new Map<string, string>();
    for (let life = 1; life <= MOST_TROUBLED_LIVES + 1; life += 1) {
      const { recorded } = await this.#start(disk, { life, faults: NO_FAULTS, isCalm: true });
      for (const event of recorded)
        if (event.type === 'cycle.ended') verdicts.set(keyOf(event), verdictsOf(event));
      this.#lastOperations = Math.max(disk.operations, 10);
    }
    return verdicts;
  }

  async live(): Promise<void> {
    for (let life = 1; life <= MOST_TROUBLED_LIVES; life += 1) {
      await this.#oneLife(life, this.#drawFaults());
      if (this.#dice.chance(0.4)) break;
    }
    await this.#oneLife(this.#lives.length + 1, NO_FAULTS);
    if (this.#lives.at(-1)?.end !== 'over') this.#broken.push('a life without faults did not end well');
  }

  judged(reference: ReadonlyMap<string, string>): Night {
    const events = this.#wholeLedger();
    this.#broken.push(...brokenPromises(this.#plan, events, this.#lost));
    for (const event of events) {
      if (event.type !== 'cycle.ended' || this.#isFickle || !isUndisturbed(event, events)) continue;
      const expected = reference.get(keyOf(event));
      if (expected === undefined || verdictsOf(event) === expected) continue;
      this.#broken.push(`cycle ${event.cycle} ended as ${verdictsOf(event)}, undisturbed as ${expected}`);
    }
    return { seed: this.#seed, plan: this.#plan, events, lives: this.#lives, broken: this.#broken };
  }

  async #oneLife(life: number, faults: DiskFaults): Promise<void> {
    const before = this.#historyBytes();
    const { recorded, live, during, end } = await this.#start(this.#disk, {
      life,
      faults,
      isCalm: faults === NO_FAULTS,
    });
    const isPower = end === 'crash' && this.#dice.chance(0.5);
    const acknowledged = recorded.at(-1)?.seq ?? 0;
    if (isPower) this.#cutPower(recorded);
    this.#lives.push({ end: isPower ? 'power' : end, during });
    this.#holdLedger({ before, live, acknowledged, isPower, end });
  }

  /** Only what nothing leaned on yet may be lost. */
  #cutPower(recorded: readonly Recorded[]): void {
    const before = new Set(this.#wholeLedger().map((event) => event.seq));
    this.#disk.cutPower();
    const after = this.#wholeLedger();
    const kept = new Set(after.map((event) => event.seq));
    for (const seq of before) if (!kept.has(seq)) this.#lost.add(seq);
    const safe = lastSafe(recorded);
    const history = recorded.filter((event) => !('task' in event) || event.type.startsWith('question.'));
    const gone = history.find((event) => event.seq <= safe && !kept.has(event.seq));
    if (gone) this.#broken.push(`${gone.type} ${gone.seq} was lost, though ${safe} was leaned on`);
    for (const ended of after.filter((event) => event.type === 'cycle.ended')) {
      const inside = recorded.filter((event) => event.seq < ended.seq && 'task' in event);
      const gone = inside.find((event) => !kept.has(event.seq));
      if (gone) this.#broken.push(`cycle ${ended.cycle} has its end, but lost seq ${gone.seq}`);
    }
  }

  /** What the files hold after a life must be what was acknowledged in it, byte for byte and event for event. */
  #holdLedger(life: {
    before: Uint8Array;
    live: Progress | undefined;
    acknowledged: number;
    isPower: boolean;
    end: string;
  }): void {
    const after = this.#historyBytes();
    if (!startsWith(after, life.before) && !(life.isPower && startsWith(life.before, after)))
      this.#broken.push(
        `life ${this.#lives.length} (${life.end}) changed bytes of the history: ${life.before.length} before, ${after.length} after`,
      );
    const folded = this.#fold();
    if (life.isPower) return;
    const extra = folded.seq - life.acknowledged;
    if (life.acknowledged > 0 && (extra < 0 || extra > 1)) {
      this.#broken.push(`acknowledged up to ${life.acknowledged}, on disk up to ${folded.seq}`);
    }
    if (life.end === 'over' && life.live && shown(folded) !== shown(life.live)) {
      this.#broken.push('the fold of the ledger is not the state the engine had');
    }
  }

  #drawFaults(): DiskFaults {
    const dice = this.#dice;
    const kind = dice.pick(['crash', 'crash', 'crash', 'full', 'sync', 'none'] as const);
    const isAimed = kind === 'crash' && dice.chance(0.4);
    return {
      crashOn: isAimed ? this.#aim() : undefined,
      crashAt: kind === 'crash' && !isAimed ? dice.whole(1, this.#lastOperations) : undefined,
      shortWrites: dice.chance(0.5) ? 0.3 : 0,
      capacity: kind === 'full' ? dice.whole(200, LARGEST_SMALL_DISK) : undefined,
      syncFailsAt: kind === 'sync' ? dice.whole(1, 4) : undefined,
    };
  }

  /** Rare kinds are aimed at where they can be met: only what passes after a failure closes a question. */
  #aim(): Event['type'] {
    if (this.#isFickle && this.#dice.chance(0.5)) return 'question.closed';
    return this.#dice.pick([
      ...KINDS,
      'run.resumed',
      'run.resumed',
      'attempt.quiet',
      'attempt.quiet',
      'recovered',
    ]);
  }

  async #start(disk: SimulatedDisk, how: { life: number; faults: DiskFaults; isCalm: boolean }) {
    const clock = new VirtualClock();
    const inbox = new FactInbox(() => clock.wake());
    const noise = new Dice(this.#seed, `noise ${how.life}`);
    const processes = new ScriptedProcesses({
      seed: this.#seed,
      clock,
      inbox,
      trouble: this.#trouble,
      isFickle: this.#isFickle,
      noise,
    });
    const witness = new Witness();
    const aim = how.faults.crashOn;
    const throws = aim === 'noted' || (!how.isCalm && noise.chance(0.3));
    const views = throws ? [witness, throwing] : [witness];
    if (!how.isCalm) disturb({ clock, inbox, noise, aim });
    disk.start(NO_FAULTS);
    disk.makeFolder(PATHS.cycles);
    disk.start(how.faults);
    const request = { run: `run-${how.life}`, version: '0.0.0', failOn: undefined };
    try {
      const end = await run({
        plan: this.#plan,
        request,
        world: { clock, disk, processes, inbox },
        paths: PATHS,
        surroundings: {
          folder: '/loop',
          node: 'node',
          bin: 'gate-run',
          stateDir: '/state',
          cycles: PATHS.cycles,
        },
        views,
      });
      if ('progress' in end && !end.failure && processes.alive > 0)
        this.#broken.push('a run ended while its attempts ran');
      if ('damaged' in end) this.#broken.push(`a start found damage: ${JSON.stringify(end)}`);
      const isOver = 'progress' in end && end.failure === undefined;
      return {
        recorded: witness.recorded,
        live: witness.live,
        end: isOver ? ('over' as const) : ('storage' as const),
        during: undefined,
      };
    } catch (error) {
      if (!(error instanceof Crash)) {
        this.#broken.push(String(error));
        return { recorded: witness.recorded, live: witness.live, end: 'over' as const, during: undefined };
      }
      return {
        recorded: witness.recorded,
        live: witness.live,
        end: 'crash' as const,
        during: typeOf(disk.writing),
      };
    }
  }

  #fold(): Progress {
    const state = this.#wholeLedger();
    let progress = EMPTY;
    for (const event of state) progress = evolve(progress, event);
    return progress;
  }

  /** History and every cycle's file, merged; torn tails are no lines. */
  #wholeLedger(): readonly Recorded[] {
    const history = this.#lines(PATHS.history);
    const turns = history.filter((event) => event.type === 'cycle.started');
    const inside = turns.flatMap((turn) => this.#lines(eventsFile(PATHS, turn)));
    return [...history, ...inside].toSorted((one, other) => one.seq - other.seq);
  }

  #lines(file: string): readonly Recorded[] {
    const lines = readLines(this.#disk, file);
    if ('events' in lines) return lines.events;
    this.#broken.push(`damage in ${file}`);
    return [];
  }

  /** Up to the last whole line: a torn tail may be cut. */
  #historyBytes(): Uint8Array {
    const bytes = this.#disk.read(PATHS.history) ?? new Uint8Array();
    return bytes.slice(0, bytes.lastIndexOf(10) + 1);
  }
}

/** Sees what the engine acknowledges. */
class Witness implements View {
  readonly recorded: Recorded[] = [];
  live: Progress | undefined;

  see(event: Recorded, progress: Progress): void {
    if (event.type === 'storage.failed') return;
    this.recorded.push(event);
    this.live = progress;
  }

  close(): void {}
}

/** Views do fail; a night's run must not. */
const throwing: View = {
  see(event) {
    if (event.type === 'cycle.started') throw new Error('a view that fails');
  },
  close() {},
};

const SYNCED: ReadonlySet<string> = new Set([
  'cycle.ended',
  'question.opened',
  'question.closed',
  'run.ended',
]);

/** The last event that a later start of something leaned on. */
function lastSafe(recorded: readonly Recorded[]): number {
  const leans = recorded.findLastIndex(
    (event) => event.type === 'cycle.started' || event.type === 'attempt.started',
  );
  const safe = recorded.slice(0, Math.max(0, leans)).findLast((event) => SYNCED.has(event.type));
  return safe?.seq ?? 0;
}

interface Disturbance {
  readonly clock: VirtualClock;
  readonly inbox: FactInbox;
  readonly noise: Dice;
  /** The kind of event that a crash waits for: it has to come. */
  readonly aim: string | undefined;
}

/** Stops by signal, a wall clock that is set, a machine that slept. */
function disturb({ clock, inbox, noise, aim }: Disturbance): void {
  const put = (fact: Event, within: number) => clock.in(noise.whole(0, within), () => inbox.put(fact));
  const stops = noise.chance(0.15) || aim === 'stop.seen';
  if (stops) put({ type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false }, 400);
  if (noise.chance(0.05)) put({ type: 'stop.seen', by: 'signal', signal: 'SIGINT', now: true }, 800);
  const sleeps = noise.chance(0.25) || aim === 'suspended';
  if (sleeps) put({ type: 'suspended', gapMs: noise.whole(5000, 50_000) }, 400);
  if (noise.chance(0.1))
    clock.in(noise.whole(0, 500), () => clock.setWall(noise.whole(-7_200_000, 3_600_000)));
}

/** A cycle that no stop touched and that was not cut off must end as it does on a good machine. */
function isUndisturbed(cycle: Recorded<CycleEnded>, events: readonly Recorded[]): boolean {
  if (cycle.verdict === 'interrupted') return false;
  return !events.some((event) => event.type === 'stop.seen' && event.run === cycle.run);
}

function keyOf({ cycle, turn }: CycleEnded): string {
  return `${cycle} ${turn}`;
}

function verdictsOf(event: CycleEnded): string {
  return `${event.verdict}: ${event.tasks.map((task) => `${task.id} ${task.verdict}`).join(', ')}`;
}

function typeOf(line: Uint8Array | undefined): Event['type'] | undefined {
  const type = line && /"type":"([^"]+)"/.exec(new TextDecoder().decode(line))?.[1];
  return KINDS.find((kind) => kind === type);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return bytes.length >= start.length && start.every((byte, at) => bytes[at] === byte);
}

/** A progress as text, maps and sets spelled out, so that two can be compared. */
function shown(progress: Progress): string {
  return JSON.stringify(progress, (_, value: unknown) => {
    if (value instanceof Map) return { map: [...value] };
    return value instanceof Set ? { set: [...value] } : value;
  });
}
