// What people and machines do to a run from outside: signals, the stop file, a kill, a clock that is set, a lid that is shut.

import type { Recorded } from '../../src/core/loop/event.ts';
import type { Plan } from '../../src/core/plan/plan.ts';
import type { FactInbox } from '../../src/engine/inbox.ts';
import type { VirtualClock } from '../../src/simulation/clock.ts';
import type { Dice } from '../../src/simulation/random.ts';
import type { Swarm } from './faults.ts';

/** Within which something happens: inside a cycle, between some of them, late in the night. */
const HORIZONS_MS = [300, 400, 800, 20_000, 20 * 60_000, 3 * 3_600_000];
const POLL_MS = 250;
/** Of graceful wishes to stop, so many are another start's that takes the run's place. */
const REPLACED_EVERY = 4;
/** With which a shell passes them on. */
const CODES = { SIGTERM: 143, SIGINT: 130 } as const;

interface Outside {
  readonly clock: VirtualClock;
  readonly inbox: FactInbox;
  readonly noise: Dice;
  /** The kind of event that a crash waits for: it has to come. */
  readonly aim: string | undefined;
  readonly swarm: Swarm;
  readonly stopFile: StopFile;
  readonly kill: () => never;
  /** A signal that reaches all that runs. */
  readonly strike: (signal: string, code: number) => void;
}

export function disturb({ clock, inbox, noise, aim, swarm, stopFile, kill, strike }: Outside): void {
  const later = (act: (afterMs: number) => void) => {
    const afterMs = noise.whole(0, noise.pick(HORIZONS_MS));
    clock.in(afterMs, () => act(afterMs));
  };
  const happens = (kind: Parameters<Swarm['has']>[0], share: number) =>
    swarm.has(kind) && noise.chance(share);
  const signalled = (signal: keyof typeof CODES, now: boolean) =>
    later((afterMs) => {
      // Another start asks for the place, which reaches no task. Taken from what is drawn already, so that old seeds stay what they are.
      if (!now && afterMs % REPLACED_EVERY === 0) {
        inbox.put({ type: 'stop.seen', by: 'replace', who: 'process 4242 on elsewhere', now });
        return;
      }
      inbox.put({ type: 'stop.seen', by: 'signal', signal, now });
      if (happens('struck-tasks', 0.8)) strike(signal, CODES[signal]);
    });
  if (happens('signal', 0.5) || aim === 'stop.seen') signalled('SIGTERM', false);
  if (happens('second-signal', 0.15)) signalled('SIGINT', true);
  if (happens('stop-file', 0.6)) later(() => stopFile.appear(noise.chance(0.15)));
  if (happens('kill', 0.5)) later(kill);
  if (happens('suspend', 0.5) || aim === 'suspended') later(() => sleep(clock, inbox, noise));
  if (happens('wall-jump', 0.5)) later(() => clock.setWall(noise.whole(-7_200_000, 3_600_000)));
}

function sleep(clock: VirtualClock, inbox: FactInbox, noise: Dice): void {
  const gapMs = noise.whole(5000, 50_000);
  clock.stall(gapMs);
  inbox.put({ type: 'suspended', gapMs });
}

/** Seen by a look, and by a poll at the next quarter of a second. */
export class StopFile {
  readonly #clock: VirtualClock;
  readonly #inbox: FactInbox;
  #since: number | undefined;
  #isNow = false;
  #isTold = false;

  constructor(clock: VirtualClock, inbox: FactInbox) {
    this.#clock = clock;
    this.#inbox = inbox;
  }

  appear(isNow: boolean): void {
    this.#since = this.#clock.now().mono;
    this.#isNow = isNow;
    this.#clock.in(POLL_MS - (Math.round(this.#since) % POLL_MS), () => this.look());
  }

  look(): void {
    if (this.#since === undefined || this.#isTold) return;
    this.#isTold = true;
    this.#inbox.put({ type: 'stop.seen', by: 'file', path: '/state/stop', now: this.#isNow });
  }

  /** Nothing but cleaning up starts once the file is there, and it is seen within the time of one poll. */
  missedBy(plan: Plan, recorded: readonly Recorded[], stalledMs: number): readonly string[] {
    const since = this.#since;
    if (since === undefined) return [];
    const cleaners = new Set(
      plan.phases
        .filter(({ always, at }) => always || at === 'end')
        .flatMap(({ tasks }) => tasks.map(({ id }) => id)),
    );
    const seen = recorded.find(({ type }) => type === 'stop.seen');
    const broken: string[] = [];
    for (const event of recorded) {
      if (event.mono <= since || (seen && event.seq > seen.seq)) continue;
      if (event.type === 'cycle.started' && event.turn !== 'end')
        broken.push(`cycle ${event.cycle} began, though the stop file was there`);
      if (event.type === 'attempt.started' && !cleaners.has(event.task))
        broken.push(`${event.task} started, though the stop file was there`);
      if (event.mono > since + POLL_MS + stalledMs)
        broken.push(`${event.type} ${event.seq} came, and the stop file was not seen`);
    }
    return broken.slice(0, 1);
  }
}
