// Troubles that need several things at once: drawn blindly they hardly ever meet, so plan, place and time are chosen for them.

import type { Event, Recorded, RestStarted } from '../../src/core/loop/event.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { Condition } from '../../src/core/plan/ends-plan.ts';
import type { FactInbox } from '../../src/engine/inbox.ts';
import type { View } from '../../src/ports.ts';
import type { VirtualClock } from '../../src/simulation/clock.ts';
import { NO_FAULTS, type DiskFaults } from '../../src/simulation/disk.ts';
import { counted, LONGEST_NIGHT_MS } from '../../src/simulation/loop-plans.ts';
import type { Dice } from '../../src/simulation/random.ts';
import type { FaultKind, Swarm } from './faults.ts';

const AIMED: readonly FaultKind[] = ['stop-in-a-turn', 'crash-in-a-turn', 'clock-back'];
const HOUR_MS = 3_600_000;
const MOST_CYCLES = 8;
/** How far a clock is set back: further than any pause may be prolonged by it. */
const BACK_MS = { least: 3 * HOUR_MS, most: 9 * HOUR_MS };
/** Soon after a turn has begun it has something under way, and something left to do. */
const SOON_MS = 60;

/** The plan with what the troubles of this night need to matter at all. */
export function aimedPlan(dice: Dice, plan: Plan, swarm: Swarm): Plan {
  if (plan.loop.mode === 'once') return plan;
  const isByCalendar = swarm.has('clock-back') && dice.chance(0.4);
  const mayEnd = swarm.has('stop-in-a-turn') || swarm.has('crash-in-a-turn');
  let { loop, ends } = plan;
  const runtime = counted('runtime', '>=', LONGEST_NIGHT_MS);
  const most = counted('cycles', '>=', MOST_CYCLES);
  const target = dice.chance(0.4) ? metricTarget(dice, plan) : undefined;
  if (target !== undefined && !isByCalendar) {
    ends = { target: [target], budget: [most, runtime], giveUp: [], halfOpen: undefined };
  } else if (dice.chance(0.1)) {
    const isOom = swarm.has('oom-row');
    const giveUp = isOom ? [counted('oom-in-a-row', '>=', 2)] : [];
    const budget = isOom ? [most, runtime] : [counted('tokens', '>', 10), most, runtime];
    ends = { ...ends, budget, giveUp, halfOpen: undefined };
  } else if (swarm.has('hopeless') && !isByCalendar && dice.chance(0.55)) {
    ends = {
      target: [],
      budget: [most, runtime],
      giveUp: [counted('failures-in-a-row', '>=', dice.whole(1, 2))],
      halfOpen: { afterMs: dice.pick([1000, 60_000]), times: 2 },
    };
  } else if (mayEnd && !isByCalendar && dice.chance(0.9)) {
    const spent = ends.budget.filter(({ name }) => name === 'tokens' || name === 'cost');
    ends = { ...ends, budget: [counted('cycles', '>=', dice.pick([1, 1, 2])), ...spent, runtime] };
  }
  if (isByCalendar) {
    const cron = { expression: '*/30 * * * *', timezone: 'UTC' };
    ends = { ...ends, target: [], giveUp: [], budget: [most, runtime] };
    loop = { ...loop, cron, rest: { ...loop.rest, passed: 'sleep', failed: 'sleep', broken: 'sleep' } };
  }
  return { ...plan, loop, ends };
}

/** A target over a measured gate, low enough to be met now and then by a cycle that something else spoilt. */
function metricTarget(dice: Dice, { phases }: Plan): Condition | undefined {
  const tasks = phases.filter(({ at }) => at === 'cycle').flatMap((phase) => phase.tasks);
  const measuring = tasks.find(({ metrics }) => metrics.some(({ name }) => name === 'score'));
  if (!measuring) return undefined;
  const key = `${measuring.id}.score`;
  const value = dice.whole(0, 30);
  const measure = { kind: 'metric', key, statistic: 'value', better: 'higher' } as const;
  return { name: key, measure, operator: '>', value, over: undefined, text: `> ${value}` };
}

/** The one trouble that a life is for, undisturbed by all others; undefined: it meets the others instead. */
export function drawAim(dice: Dice, swarm: Swarm): FaultKind | undefined {
  const known = [...AIMED, 'stop-in-a-turn' as const].filter((kind) => swarm.has(kind));
  return known.length > 0 && dice.chance(0.65) ? dice.pick(known) : undefined;
}

/** What a life with this aim meets. */
export function aimedSwarm(swarm: Swarm, aim: FaultKind | undefined): Swarm {
  return new Set([...swarm].filter((kind) => (aim === undefined ? !AIMED.includes(kind) : kind === aim)));
}

/** A crash while the phases at the start or at the end are under way. */
export function crashInATurn(dice: Dice): DiskFaults {
  const crashOn = dice.pick(['attempt.started', 'attempt.ended', 'task.judged'] as const);
  return { ...NO_FAULTS, crashOn, crashHolding: dice.chance(0.9) ? '-end"' : '-start"' };
}

export interface AimScene {
  readonly clock: VirtualClock;
  readonly inbox: FactInbox;
  readonly swarm: Swarm;
  readonly dice: Dice;
  /** A signal that reaches all that runs. */
  readonly strike: (signal: string, code: number) => void;
}

/** Watches a life and strikes where it matters: a stop inside a turn, a clock set back inside a pause that ends by it. */
export class Aim implements View {
  readonly #scene: AimScene;
  readonly #stopsIn: 'start' | 'end' | undefined;
  readonly #setsBack: boolean;
  #isDone = false;

  constructor(scene: AimScene) {
    const { swarm, dice } = scene;
    this.#scene = scene;
    const turn = dice.chance(0.35) ? 'start' : 'end';
    this.#stopsIn = swarm.has('stop-in-a-turn') ? turn : undefined;
    this.#setsBack = swarm.has('clock-back');
  }

  see(event: Recorded): void {
    if (event.type === 'cycle.started' && this.#stopsIn === event.turn && !this.#isDone) this.#stop();
    if (event.type === 'rest.started' && event.by === 'wall' && this.#setsBack) this.#setBack(event);
  }

  close(): void {}

  #stop(): void {
    const { clock, inbox, dice, strike } = this.#scene;
    const stop: Event = { type: 'stop.seen', by: 'signal', signal: 'SIGTERM', now: false };
    this.#isDone = true;
    clock.in(dice.whole(0, SOON_MS), () => {
      inbox.put(stop);
      if (dice.chance(0.5)) strike('SIGTERM', 143);
    });
  }

  #setBack({ forMs }: RestStarted): void {
    const { clock, dice } = this.#scene;
    clock.in(dice.whole(0, forMs), () => clock.setWall(-dice.whole(BACK_MS.least, BACK_MS.most)));
  }
}
