// What the lanes of a rung share: the book, the log, who is alive, and whether anything more may be started.

import type { ProcessEnd } from '../../core/judge/evidence.ts';
import { excerptOf } from '../../core/judge/excerpt.ts';
import { redactText } from '../../core/judge/redact-text.ts';
import type { SeedOutcome } from '../../core/judge/line.ts';
import type { Rung } from '../../core/judge/rung.ts';
import type { SimsFailure } from '../../core/judge/sims-failure.ts';
import type { SimsOrder, SimsProcess } from '../../core/plan/sims-order.ts';
import type { Order } from '../../ports.ts';
import type { Workshop } from '../attempt.ts';
import type { Environment } from '../environment.ts';
import type { TaskUnit } from '../units/unit.ts';
import type { RungLog } from './rung-log.ts';
import { bytesOf, type Scratch } from './scratch.ts';
import type { Ended, Simulation } from './simulation.ts';

/** Why gate-run ends a simulation before it is done. */
export type Because = 'timeout' | 'output' | 'decided';

export interface RoomParts {
  readonly order: Order;
  readonly sims: SimsOrder;
  readonly shop: Workshop;
  readonly rung: Rung;
  readonly log: RungLog;
  readonly unit: TaskUnit;
}

export class Room {
  readonly order: Order;
  readonly sims: SimsOrder;
  readonly shop: Workshop;
  readonly rung: Rung;
  readonly log: RungLog;
  /** Holds all of its simulations. */
  readonly unit: TaskUnit;
  readonly live: Map<Simulation, readonly Scratch[]> = new Map<Simulation, readonly Scratch[]>();
  /** Why the whole attempt cannot go on. */
  refusal: ProcessEnd | undefined;
  /** The attempt is being stopped: what still comes in is no answer. */
  isStopped = false;
  /** Of the first simulation that failed. */
  excerpt: string | undefined;
  leftBehind = 0;
  unkillable = 0;
  oomKills = 0;
  /** CPU time of what its lanes have started; undefined: not of each of them it is known. */
  cpuMs: number | undefined = 0;
  /** Grows with every sign of life. */
  signs = 0;

  constructor({ order, sims, shop, rung, log, unit }: RoomParts) {
    this.order = order;
    this.sims = sims;
    this.shop = shop;
    this.rung = rung;
    this.log = log;
    this.unit = unit;
  }

  /** Nothing more is to be started. */
  get isOver(): boolean {
    return this.isStopped || this.refusal !== undefined || this.rung.end() !== undefined;
  }

  environmentOf({ env }: SimsProcess): Environment {
    return this.shop.environmentOf({ pass: this.order.pass, env });
  }

  took(simulation: Simulation, ended: Ended): void {
    this.live.delete(simulation);
    this.leftBehind += ended.group.leftBehind;
    this.unkillable += ended.group.unkillable;
    this.oomKills += ended.oomKills;
    this.signs += 1;
  }

  spent(cpuMs: number | undefined): void {
    this.cpuMs = this.cpuMs === undefined || cpuMs === undefined ? undefined : this.cpuMs + cpuMs;
  }

  /** Of a simulation that has failed, `output` is what it said last. */
  settle(seed: number, outcome: SeedOutcome, failure?: SimsFailure, output = ''): void {
    this.signs += 1;
    const { secrets } = this.shop;
    const hasFailed = 'failed' in outcome;
    if (hasFailed) this.excerpt ??= excerptOf(redactText(output, secrets));
    const told = hasFailed ? { failed: redactText(outcome.failed, secrets) } : outcome;
    this.rung.settle(seed, told, hasFailed ? failure?.causes : []);
    this.#endWhatIsInVain();
  }

  refuse(end: ProcessEnd): void {
    this.refusal ??= end;
    this.endAll('decided');
  }

  endAll(because: Because): void {
    for (const simulation of this.live.keys()) simulation.finish(because);
  }

  /** The one that wrote most has to end. */
  endLoudest(): void {
    const loudest = [...this.live].toSorted(([, one], [, other]) => sizeOf(other) - sizeOf(one))[0];
    loudest?.[0].finish('output');
  }

  /** Of a rung that was decided for the candidate what runs is waited for: the rung above needs it. */
  #endWhatIsInVain(): void {
    const end = this.rung.end();
    if (end === 'too-many-failed' || (end === 'decided' && !this.rung.isDecidedAbove)) this.endAll('decided');
  }
}

export function sizeOf(scratches: readonly Scratch[]): number {
  return scratches.reduce((sum, scratch) => sum + bytesOf(scratch), 0);
}
