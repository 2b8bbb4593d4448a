// What the fold keeps of confirmations, and how their events change that. What they say of a champion is decided in confirm.ts.

import type { ChampionConfirmed, FreshSeeds } from './champion-event.ts';
import type { CycleEnded, CycleStarted } from './event.ts';

/** Crashes in a row in one confirmation, after which it waits until the next one is due: it may be what ends gate-run. */
export const MOST_CUTS = 3;

/** What the fold keeps of confirmations. */
export interface Confirming {
  /** Number of the last one, so that no two share a folder; 0: there was none. */
  readonly ran: number;
  /** The seed behind the last one that was ever used. */
  readonly usedTo: number;
  /** The last one, until it is decided what it says. */
  readonly fresh: FreshSeeds | undefined;
  readonly ended: CycleEnded | undefined;
  /** Crashes in a row that cut one off. */
  readonly cuts: number;
  /** By the champion's cycle, of those that were confirmed last. */
  readonly results: ReadonlyMap<number, Confirmed>;
}

export interface Confirmed extends Pick<ChampionConfirmed, 'ran' | 'verdict' | 'value' | 'why' | 'count'> {
  /** When, ISO 8601. */
  readonly at: string;
  /** How many of its confirmations measured it. */
  readonly nth: number;
  /** What the confirmation said that called it lucky: no later one takes that back. */
  readonly lucky: string | undefined;
}

export const NOT_CONFIRMING: Confirming = {
  ran: 0,
  usedTo: 0,
  fresh: undefined,
  ended: undefined,
  cuts: 0,
  results: new Map(),
};

/** Champions whose confirmations are remembered: as many as keep their files. */
const MOST_RESULTS = 20;

export function confirmingFrom(before: Confirming, { cycle, confirm }: CycleStarted): Confirming {
  if (!confirm) return before.ended ? { ...before, ended: undefined } : before;
  const cuts = before.fresh?.champion === confirm.champion ? before.cuts : 0;
  return {
    ...before,
    ran: cycle,
    usedTo: confirm.base + confirm.count,
    fresh: confirm,
    ended: undefined,
    cuts,
  };
}

/** A stop is nobody's fault: it is done again, however often. */
export function confirmingAfter(before: Confirming, event: CycleEnded): Confirming {
  if (event.verdict === 'interrupted') return { ...before, cuts: before.cuts + 1 };
  return event.verdict === 'stopped' ? { ...before, cuts: 0 } : { ...before, ended: event };
}

export function confirmedBy(
  before: Confirming,
  event: ChampionConfirmed & { readonly at: string },
): Confirming {
  const { cycle, ran, verdict, value, why, count, at } = event;
  const last = before.results.get(cycle);
  const results = new Map(before.results);
  results.delete(cycle);
  results.set(cycle, {
    ran,
    verdict,
    ...(value !== undefined && { value }),
    why,
    count,
    at,
    nth: (last?.nth ?? 0) + (verdict === 'unknown' ? 0 : 1),
    lucky: last?.lucky ?? (verdict === 'lucky' ? why : undefined),
  });
  const [oldest] = results.keys();
  if (results.size > MOST_RESULTS && oldest !== undefined) results.delete(oldest);
  return { ...before, fresh: undefined, ended: undefined, cuts: 0, results };
}
