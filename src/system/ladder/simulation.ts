// One process of a rung while it lives: a simulation, a batch of them, or a worker. It is started, limited, signalled, and over once its group is empty.

import type { ProcessEnd } from '../../core/judge/evidence.ts';
import { signalOf } from '../../core/judge/outcome.ts';
import type { Clock } from '../../ports.ts';
import { endGroup, isGone, type GroupEnd } from '../group.ts';
import type { OomLook, OomWatch } from '../oom.ts';
import type { TaskUnit } from '../units/unit.ts';

export interface SimulationParts {
  readonly clock: Clock;
  readonly oom: OomWatch;
  readonly killAfterMs: number;
  readonly unit: TaskUnit;
}

export interface Ended {
  readonly end: ProcessEnd;
  readonly group: GroupEnd;
  readonly durationMs: number;
  readonly oomKills: number;
  /** Why gate-run ended it by itself, in its owner's words. */
  readonly because: string | undefined;
}

/** After KILL the kernel may hold a process for longer than anybody should wait. */
const UNREAPED_MS = 5_000;
/** One that is being started is signalled as soon as its group is known. */
const COMING_MS = 1;
const EMPTY: GroupEnd = { leftBehind: 0, unkillable: 0 };

export class Simulation {
  readonly over: Promise<Ended>;
  readonly #parts: SimulationParts;
  readonly #startedMono: number;
  readonly #oom: OomLook;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #resolve: (ended: Ended) => void;
  #leaderIsGone = false;
  #wasKilled = false;
  #because: string | undefined;
  #group = 0;
  /** Of the signal that waits for the group, and whether it is KILL, which no later TERM takes the place of. */
  #coming: NodeJS.Timeout | undefined;
  #killIsComing = false;
  /** Who knows the group, where it was not known at once. */
  #askGroup: (() => number) | undefined;

  /** `start` gives the group, or whom to ask for it; it tells the end to `exited`, once, or why there is none to `refused`. */
  constructor(
    parts: SimulationParts,
    start: (told: {
      readonly exited: (end: ProcessEnd) => void;
      readonly refused: (end: ProcessEnd) => void;
    }) => number | (() => number) | undefined,
  ) {
    this.#parts = parts;
    this.#startedMono = parts.clock.now().mono;
    this.#oom = parts.oom.begin();
    const { promise, resolve } = Promise.withResolvers<Ended>();
    this.over = promise;
    this.#resolve = resolve;
    const group = start({
      exited: (end) => this.#leaderExited(end),
      refused: (end) => this.#finish(end, EMPTY),
    });
    if (this.#leaderIsGone) return;
    if (typeof group === 'function') this.#askGroup = group;
    else this.#group = group ?? 0;
  }

  /** The leader's process id; 0 when there is nobody to signal. */
  get group(): number {
    if (this.#group === 0) this.#group = this.#askGroup?.() ?? 0;
    return this.#group;
  }

  get isOver(): boolean {
    return this.#leaderIsGone;
  }

  /** gate-run has begun to end it by itself. */
  get isEnding(): boolean {
    return this.#because !== undefined;
  }

  /** Of the attempt's stop: who sends KILL is somebody else's matter. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    const { group } = this;
    if (group === 0) {
      if (this.#askGroup) this.#signalOnceKnown(signal);
      return;
    }
    this.#parts.unit.signalOne(group, signal);
    if (signal !== 'SIGKILL') return;
    this.#wasKilled = true;
    this.#timer(UNREAPED_MS, () => this.#leaderExited({ signal: 'SIGKILL' }));
  }

  /** TERM, the grace period, KILL. The first reason counts. */
  finish(because: string): void {
    if (this.#because !== undefined || (this.group === 0 && !this.#askGroup)) return;
    this.#because = because;
    this.signal('SIGTERM');
    this.#timer(this.#parts.killAfterMs, () => this.signal('SIGKILL'));
  }

  /** As long as whoever starts it may take for that, behind which it has ended. */
  #signalOnceKnown(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#killIsComing ||= signal === 'SIGKILL';
    clearTimeout(this.#coming);
    this.#coming = setTimeout(() => this.signal(this.#killIsComing ? 'SIGKILL' : 'SIGTERM'), COMING_MS);
  }

  #timer(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }

  #leaderExited(end: ProcessEnd): void {
    if (this.#leaderIsGone) return;
    this.#leaderIsGone = true;
    const { group } = this;
    if (group === 0 || isGone(group)) {
      this.#finish(end, EMPTY);
      return;
    }
    const { killAfterMs, clock } = this.#parts;
    void endGroup(group, killAfterMs, clock).then((ended) => this.#finish(end, ended));
  }

  #finish(end: ProcessEnd, group: GroupEnd): void {
    this.#leaderIsGone = true;
    // From here on its number may soon be somebody else's.
    this.#group = 0;
    this.#askGroup = undefined;
    for (const timer of [...this.#timers, this.#coming]) clearTimeout(timer);
    this.#resolve({
      end,
      group,
      durationMs: Math.round(this.#parts.clock.now().mono - this.#startedMono),
      oomKills: this.#oom(!this.#wasKilled && signalOf({ end }) === 'SIGKILL'),
      because: this.#because,
    });
  }
}
