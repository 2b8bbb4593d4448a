// One seed: a random loop, lived through a random half of all troubles, and held to what must be true.

import { readReceipts } from '../../src/core/plan/receipts.ts';
import { expressions } from '../../src/core/expression.ts';
import type { CycleEnded, Event, Recorded } from '../../src/core/loop/event.ts';
import { EMPTY, evolve } from '../../src/core/loop/evolve.ts';
import { crc32 } from '../../src/core/crc32.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import { damageOf } from '../../src/engine/champion-found.ts';
import { readState } from '../../src/engine/read.ts';
import { NO_FAULTS, SimulatedDisk, type DiskFaults } from '../../src/simulation/disk.ts';
import { brokenPromises } from '../../src/simulation/invariants.ts';
import { LoopWitness } from '../../src/simulation/loop-invariants.ts';
import { disagreements } from '../../src/simulation/loop-lives.ts';
import { changedPlan, LONGEST_NIGHT_MS, nextHalfHour } from '../../src/simulation/loop-plans.ts';
import { randomPlan } from '../../src/simulation/plans.ts';
import { withCaches, type Answers } from '../../src/simulation/cache.ts';
import { withResources } from '../../src/simulation/locks.ts';
import { Dice } from '../../src/simulation/random.ts';
import { flipBit } from '../../src/simulation/troubled-disk.ts';
import { aimedPlan, crashInATurn, drawAim } from './aims.ts';
import { Chronicle } from './chronicle.ts';
import { drawDiskFaults, drawSwarm, type FaultKind, type Swarm } from './faults.ts';
import { live, PATHS, type LifeEnd, type Lived } from './life.ts';
import { KINDS } from './kinds.ts';
import { measured } from './measuring.ts';
import { searching } from './searching.ts';

/** Lives with faults; in a night of liveness the one after them meets none and must end well. */
const MOST_TROUBLED_LIVES = 4;
/** Starts that die early, one after the other: more than a loop bears without a rest. */
const DYING_STARTS = 22;
const MODES = ['once', 'iterations', ...Array<'continuous'>(5).fill('continuous')] as const;
const HOUR_MS = 3_600_000;
const PROTECTED = {
  paths: ['loop.config.yaml'],
  appendOnly: ['log.txt'],
  implied: [],
  except: [],
};
const DAWN = Date.UTC(2026, 1, 10, 6, 30);

export interface Night {
  readonly seed: number;
  readonly plan: Plan;
  readonly swarm: Swarm;
  /** Faults end and everything must finish; else they never do, and only nothing may be wrong. */
  readonly isLiveness: boolean;
  readonly events: readonly Recorded[];
  readonly lives: readonly Life[];
  /** Broken promises, as sentences. */
  readonly broken: readonly string[];
}

export interface Life {
  readonly end: LifeEnd;
  /** The event that was being recorded when the crash fell; undefined: none, it fell between two. */
  readonly during: Event['type'] | undefined;
}

/** `without`: troubles that the seed knows and that are left out, to find the ones that matter. */
export async function playNight(seed: number, without: readonly FaultKind[] = []): Promise<Night> {
  const night = new Playing(seed, without);
  const reference = await night.undisturbed();
  await night.live();
  return night.judged(reference);
}

class Playing {
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #swarm: Swarm;
  readonly #isLiveness: boolean;
  readonly #disk: SimulatedDisk;
  readonly #chronicle: Chronicle;
  readonly #trouble: number;
  /** The fates change from cycle to cycle, so that what failed passes later; nothing to compare with then. */
  readonly #isFickle: boolean;
  readonly #lives: Life[] = [];
  readonly #broken: string[] = [];
  readonly #plans = new Map<string, Plan>();
  readonly #answers: Answers | undefined;
  readonly #first: Plan;
  #plan: Plan;
  #lastOperations = 300;
  #wall = DAWN;
  #mono = 0;
  #stalledMs = 0;
  /** Attempts that a crash cut off, which the next start has to name. */
  #cut: readonly string[] = [];

  constructor(seed: number, without: readonly FaultKind[]) {
    this.#seed = seed;
    this.#dice = new Dice(seed, 'night');
    const drawn = drawSwarm(new Dice(seed, 'swarm'));
    this.#swarm = new Set([...drawn].filter((kind) => !without.includes(kind)));
    this.#isLiveness = this.#dice.chance(0.6);
    const mode = this.#dice.pick(MODES);
    const drawnPlan = randomPlan(
      new Dice(seed, 'plan'),
      { dir: '/state', history: PATHS.history, latest: '/state/latest.json', cycles: PATHS.cycles },
      {
        mode,
        mayBeLimited: drawn.has('limited-row'),
        hasEdges: drawn.has('stop-in-a-turn') || drawn.has('crash-in-a-turn'),
      },
    );
    const bent = aimedPlan(new Dice(seed, 'aim'), drawnPlan, drawn);
    const search = new Dice(seed, 'search');
    const sought = search.chance(0.15) ? searching(search, bent) : bent;
    const receipts = readReceipts(sought);
    const aimed = receipts ? { ...sought, receipts } : sought;
    const guarded = new Dice(seed, 'protect').chance(0.3) ? { ...aimed, protect: PROTECTED } : aimed;
    const caches = new Dice(seed, 'cache');
    this.#answers = caches.chance(0.4) ? new Map() : undefined;
    const kept = this.#answers ? withCaches(caches, guarded) : guarded;
    const sharing = new Dice(seed, 'resources');
    this.#first = sharing.chance(0.5) ? withResources(sharing, kept) : kept;
    this.#plan = this.#dice.chance(0.1)
      ? { ...this.#first, keep: { ...this.#first.keep, cycles: this.#dice.whole(1, 3) } }
      : this.#first;
    this.#plans.set(this.#plan.id, this.#plan);
    this.#disk = new SimulatedDisk(new Dice(seed, 'disk'));
    this.#chronicle = new Chronicle(this.#disk);
    this.#trouble = this.#swarm.has('troubled-tasks') ? this.#dice.pick([0.1, 0.2, 0.5]) : 0;
    this.#isFickle = mode === 'once' ? this.#dice.chance(0.3) : this.#dice.chance(0.9);
  }

  /** Of one cycle alone: its verdicts on a good machine, by cycle number. */
  async undisturbed(): Promise<ReadonlyMap<string, string>> {
    const verdicts = new Map<string, string>();
    if (this.#plan.loop.mode !== 'once') return verdicts;
    const disk = new SimulatedDisk(new Dice(this.#seed, 'good disk'));
    const answers: Answers = new Map();
    for (let life = 1; life <= MOST_TROUBLED_LIVES + 1; life += 1) {
      const wish = this.#wish(life, NO_FAULTS, true);
      const { recorded } = await live(disk, wish.answers ? { ...wish, answers } : wish);
      for (const event of recorded)
        if (event.type === 'cycle.ended') verdicts.set(keyOf(event), verdictsOf(event));
      this.#lastOperations = Math.max(disk.operations, 10);
    }
    return verdicts;
  }

  async live(): Promise<void> {
    const isDying = this.#swarm.has('dying-starts') && this.#dice.chance(0.1);
    const most = isDying ? DYING_STARTS : MOST_TROUBLED_LIVES;
    for (let life = 1; life <= most; life += 1) {
      const aim = isDying ? undefined : drawAim(this.#dice, this.#swarm);
      const faults = isDying ? { ...NO_FAULTS, crashOn: 'attempt.started' } : this.#drawFaults(aim);
      const end = await this.#oneLife(life, faults, false, aim);
      if (end === 'damaged' || (!isDying && this.#dice.chance(0.35))) break;
    }
    if (this.#isLiveness) {
      await this.#oneLife(this.#lives.length + 1, NO_FAULTS, true);
      if (this.#lives.at(-1)?.end !== 'over') this.#broken.push('a life without faults did not end well');
    } else if (this.#swarm.has('bit-flip')) await this.#turnOneBit();
  }

  judged(reference: ReadonlyMap<string, string>): Night {
    const { events, lost } = this.#chronicle;
    this.#holdPromises(events, lost);
    // A clock that ran on, another plan, a cache that takes its time, or somebody else's lock is reason enough for another end.
    const mayBeTampered = this.#swarm.has('tampering') && this.#first.protect !== undefined;
    const isSteady =
      !this.#isFickle && this.#answers === undefined && this.#stalledMs === 0 && !hasLocks(this.#first);
    const isComparable = !mayBeTampered && isSteady && this.#plans.size === 1;
    for (const event of isComparable ? events : []) {
      if (event.type !== 'cycle.ended' || !isUndisturbed(event, events)) continue;
      const expected = reference.get(keyOf(event));
      if (expected === undefined || verdictsOf(event) === expected) continue;
      this.#broken.push(`cycle ${event.cycle} ended as ${verdictsOf(event)}, undisturbed as ${expected}`);
    }
    return {
      seed: this.#seed,
      plan: this.#first,
      swarm: this.#swarm,
      isLiveness: this.#isLiveness,
      events,
      lives: this.#lives,
      broken: [...new Set([...this.#broken, ...this.#chronicle.broken])],
    };
  }

  #holdPromises(events: readonly Recorded[], lost: ReadonlySet<number>): void {
    const told = {
      plans: this.#plans,
      nextFire: nextHalfHour,
      evaluate: expressions.holds,
      slackMs: this.#stalledMs,
    };
    this.#broken.push(...brokenPromises(this.#first, events, lost, told));
    const witness = new LoopWitness(this.#first, told);
    let progress = EMPTY;
    for (const event of events) {
      witness.see(event);
      progress = evolve(progress, event);
    }
    this.#broken.push(...disagreements(witness, progress));
  }

  async #oneLife(life: number, faults: DiskFaults, isCalm: boolean, aim?: FaultKind): Promise<LifeEnd> {
    this.#comeBack(life);
    await this.#measure(life, isCalm);
    const before = this.#disk.read(PATHS.history);
    const wish = { ...this.#wish(life, faults, isCalm), aim };
    const lived = await live(this.#disk, wish);
    this.#wall = lived.wall;
    this.#stalledMs += lived.stalledMs;
    this.#mono = lived.mono;
    const tookMs = lived.mono - wish.mono;
    if (isCalm && tookMs > LONGEST_NIGHT_MS + HOUR_MS)
      this.#broken.push(`a life without faults took ${tookMs} ms`);
    this.#broken.push(...lived.broken);
    const isPower = lived.end === 'crash' && this.#swarm.has('power') && this.#dice.chance(0.5);
    const end = isPower ? 'power' : lived.end;
    // Answers are not synced; and of one whose attempt the cut takes out of the ledger nobody could tell that it is genuine.
    if (isPower) this.#answers?.clear();
    this.#lives.push({ end, during: typeOf(lived.writing) });
    this.#holdNamed(lived);
    if (end === 'damaged') this.#broken.push('a start found damage that nobody did');
    if (end === 'refused') this.#holdRefusal(wish.acceptConfig, before);
    if (isPower) {
      // What the cut takes has been seen all the same.
      this.#chronicle.hold(lived);
      this.#holdPromises(this.#chronicle.events, this.#chronicle.lost);
      this.#chronicle.holdCut(lived.recorded);
    } else this.#chronicle.hold(lived);
    this.#holdChampion();
    this.#cut = lived.end === 'crash' && !isPower ? lived.running : isPower ? [] : this.#cut;
    return end;
  }

  /** Whatever happened, the files of the champion that the ledger names are there, whole. */
  #holdChampion(): void {
    const state = readState(this.#disk, PATHS);
    const champion = 'progress' in state ? state.progress.champion : undefined;
    const place = {
      disk: this.#disk,
      stateDir: PATHS.stateDir,
      digest: (bytes: Uint8Array) => String(crc32(bytes)),
    };
    const damage = champion && damageOf(place, champion.cycle, champion.sum);
    if (damage !== undefined) this.#broken.push(`the champion is not whole: ${damage}`);
  }

  /** Some time later, perhaps on a machine that was started anew, perhaps with another plan. */
  #comeBack(life: number): void {
    if (life === 1) return;
    const dice = this.#dice;
    const downMs = this.#swarm.has('downtime')
      ? dice.pick([0, 1000, 600_000, dice.whole(0, 12 * HOUR_MS)])
      : 0;
    this.#wall += downMs;
    this.#mono = this.#swarm.has('reboot') ? dice.whole(0, 100) : this.#mono + downMs;
    if (!this.#swarm.has('changed-plan') || !dice.chance(0.4)) return;
    this.#plan = changedPlan(dice, this.#plan);
    this.#plans.set(this.#plan.id, this.#plan);
  }

  /** Somebody records a baseline between two starts. */
  async #measure(life: number, isCalm: boolean): Promise<void> {
    const dice = new Dice(this.#seed, `baseline ${life}`);
    if (!dice.chance(0.2)) return;
    const mayDie = !isCalm && this.#swarm.has('kill');
    const at = { plan: this.#plan, dice, mayDie, wall: this.#wall, mono: this.#mono };
    const lived = await measured(this.#disk, at);
    if (lived.end === 'damaged') this.#broken.push('a baseline found damage that nobody did');
    this.#chronicle.hold(lived);
  }

  #wish(life: number, faults: DiskFaults, isCalm: boolean): Parameters<typeof live>[1] {
    return {
      seed: this.#seed,
      life,
      plan: this.#plan,
      acceptConfig: isCalm || this.#plan.id.length % 2 === 0,
      faults,
      isCalm,
      swarm: this.#swarm,
      trouble: this.#trouble,
      isFickle: this.#isFickle,
      ...(this.#answers && { answers: this.#answers }),
      isHopeless: this.#swarm.has('hopeless') && this.#plan.ends.halfOpen?.times === 2,
      wall: this.#wall,
      mono: this.#mono,
    };
  }

  /** The start after a crash says which attempts it repeats. */
  #holdNamed({ recorded }: Lived): void {
    const resumed = recorded.find((event) => event.type === 'run.resumed');
    if (!resumed) return;
    const missing = this.#cut.filter((one) => !resumed.interrupted.includes(one));
    if (missing.length > 0) this.#broken.push(`run.resumed ${resumed.seq} does not name ${missing.join()}`);
    this.#cut = [];
  }

  #holdRefusal(acceptConfig: boolean, before: Uint8Array | undefined): void {
    if (acceptConfig) this.#broken.push('a start refused a plan that somebody had accepted');
    const after = this.#disk.read(PATHS.history) ?? new Uint8Array();
    const torn = (before?.length ?? 0) - ((before?.lastIndexOf(10) ?? -1) + 1);
    if (after.length + torn !== (before?.length ?? 0) && after.length !== before?.length)
      this.#broken.push('a start that refused its plan wrote to the history');
  }

  /** Found, or harmless: never believed. */
  async #turnOneBit(): Promise<void> {
    this.#disk.start(NO_FAULTS);
    const files = [PATHS.history, '/state/checkpoint.json', PATHS.history];
    if (!flipBit(this.#disk, this.#dice.pick(files), new Dice(this.#seed, 'bit'))) return;
    const lived = await live(this.#disk, this.#wish(this.#lives.length + 1, NO_FAULTS, true));
    this.#broken.push(...lived.broken);
    this.#lives.push({ end: lived.end, during: undefined });
  }

  #drawFaults(aim: FaultKind | undefined): DiskFaults {
    const dice = this.#dice;
    if (aim !== undefined) return aim === 'crash-in-a-turn' ? crashInATurn(dice) : NO_FAULTS;
    const operations = dice.pick([60, this.#lastOperations, this.#lastOperations]);
    return drawDiskFaults(dice, { swarm: this.#swarm, operations, kinds: KINDS });
  }
}

/** A cycle that no stop touched and that was not cut off must end as it does on a good machine. */
function isUndisturbed(cycle: Recorded<CycleEnded>, events: readonly Recorded[]): boolean {
  if (cycle.verdict === 'interrupted') return false;
  return !events.some(({ type, run }) => run === cycle.run && (type === 'stop.seen' || type === 'suspended'));
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

function hasLocks({ phases }: Plan): boolean {
  return phases.some(({ tasks }) => tasks.some(({ resources }) => (resources?.locks.length ?? 0) > 0));
}
