// Plays seeds one after the other, each twice, and says of each what it broke; made smaller when it is to be shown.

import { FAULT_KINDS, type FaultKind } from './faults.ts';
import { playNight, type Night } from './night.ts';
import { added, countsOf, NO_COUNTS, type Counts } from './statistics.ts';

export interface Stretch {
  readonly from: number;
  readonly seeds: number;
  /** Every so many seeds one is played: threads take turns. */
  readonly step: number;
}

export interface Failing {
  readonly seed: number;
  readonly broken: string;
}

export interface Played {
  readonly counts: Counts;
  readonly failing: readonly Failing[];
}

export async function playStretch({ from, seeds, step }: Stretch): Promise<Played> {
  let counts = NO_COUNTS;
  const failing: Failing[] = [];
  for (let seed = from; seed < from + seeds; seed += step) {
    const night = await playedTwice(seed);
    counts = added(counts, countsOf(night));
    const [broken] = night.broken;
    if (broken !== undefined) failing.push({ seed, broken });
  }
  return { counts, failing };
}

/** The same seed must leave the same trace; what the second night says beyond the first is itself a fault. */
export async function playedTwice(seed: number, without: readonly FaultKind[] = []): Promise<Night> {
  const night = await playNight(seed, without);
  const again = await playNight(seed, without);
  return traceOf(night) === traceOf(again)
    ? night
    : { ...night, broken: [...night.broken, 'the same seed left another trace'] };
}

function traceOf({ events, lives }: Night): string {
  return JSON.stringify([events, lives]);
}

/** Leaves out one kind of trouble after the other as long as something stays broken. */
export async function shrunk(seed: number): Promise<{ night: Night; without: readonly FaultKind[] }> {
  let night = await playedTwice(seed);
  let without: readonly FaultKind[] = [];
  for (const kind of FAULT_KINDS) {
    if (night.broken.length === 0 || !night.swarm.has(kind)) continue;
    const smaller = await playedTwice(seed, [...without, kind]);
    if (smaller.broken.length > 0) [night, without] = [smaller, [...without, kind]];
  }
  return { night, without };
}
