// What the nights held, so that nobody has to believe that they held it.

import type { Event } from '../../src/core/loop/event.ts';
import type { Night } from './night.ts';

/** Every kind that a ledger can hold must have been cut by a crash somewhere in a large enough run. */
export const KINDS: readonly Event['type'][] = [
  'run.started',
  'run.resumed',
  'run.ended',
  'stop.seen',
  'cycle.started',
  'cycle.ended',
  'question.opened',
  'question.closed',
  'suspended',
  'noted',
  'recovered',
  'task.asked',
  'task.answered',
  'attempt.started',
  'attempt.quiet',
  'attempt.stopping',
  'attempt.ended',
  'task.judged',
  'task.skipped',
];

/** At least this share of the seeds has to hold each thing, or the seeds prove little about it. */
export const LEAST_SHARE = 0.05;

type Holds = (night: Night) => boolean;

const THINGS: Readonly<Record<string, Holds>> = {
  retries: ({ events }) => events.some((event) => event.type === 'attempt.started' && event.attempt > 1),
  needs: ({ plan }) => tasks(plan).some((task) => task.needs.length > 0),
  'soft failures': ({ events }) =>
    events.some((event) => event.type === 'task.judged' && event.verdict === 'soft-failed'),
  timeouts: ({ events }) =>
    events.some((event) => event.type === 'attempt.stopping' && event.cause === 'timeout'),
  stalls: ({ events }) =>
    events.some((event) => event.type === 'attempt.stopping' && event.cause === 'stall'),
  ladders: ({ events }) => events.some((event) => event.type === 'attempt.started' && (event.rung ?? 0) > 10),
  'finish-running': ({ plan }) => plan.phases.some((phase) => phase.policy === 'finish-running'),
  'keep-going': ({ plan }) => plan.phases.some((phase) => phase.policy === 'keep-going'),
  kill: ({ plan }) => plan.phases.some((phase) => phase.policy === 'kill'),
  always: ({ plan }) => plan.phases.some((phase) => phase.always),
  stops: ({ events }) => events.some((event) => event.type === 'stop.seen'),
  crashes: ({ lives }) => lives.some((life) => life.end === 'crash'),
  'power cuts': ({ lives }) => lives.some((life) => life.end === 'power'),
  'full disks': ({ lives }) => lives.some((life) => life.end === 'storage'),
};

export class Statistics {
  readonly #held = new Map<string, number>();
  readonly #cut = new Map<string, number>();
  #nights = 0;

  add(night: Night): void {
    this.#nights += 1;
    for (const [thing, holds] of Object.entries(THINGS)) if (holds(night)) count(this.#held, thing);
    for (const life of night.lives) if (life.during !== undefined) count(this.#cut, life.during);
  }

  get text(): string {
    const share = (thing: string) => ((this.#held.get(thing) ?? 0) / this.#nights) * 100;
    const held = Object.keys(THINGS).map((thing) => `${thing} ${share(thing).toFixed(1)} %`);
    const cut = KINDS.map((kind) => `${kind} ${this.#cut.get(kind) ?? 0}`);
    return `seeds that held: ${held.join(', ')}\nevents cut by a crash: ${cut.join(', ')}\n`;
  }

  /** What the seeds did not hold often enough; only worth asking after a thousand of them. */
  get missing(): readonly string[] {
    const rare = Object.keys(THINGS).filter(
      (thing) => (this.#held.get(thing) ?? 0) < this.#nights * LEAST_SHARE,
    );
    return [...rare, ...KINDS.filter((kind) => !this.#cut.has(kind)).map((kind) => `a crash at ${kind}`)];
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function tasks(plan: Night['plan']) {
  return plan.phases.flatMap((phase) => phase.tasks);
}
