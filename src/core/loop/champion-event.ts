// What can happen to the best that a loop has found.

import type { Shortfall } from '../judge/shortfall.ts';
import type { SimsEvidence } from '../judge/sims.ts';

/** All that is known of a champion, whatever becomes of its cycle's folder. */
export interface ChampionFacts {
  readonly cycle: number;
  /** As people wrote it, and as the fold keeps it: `edge`, `sims.edge`. */
  readonly metric: string;
  readonly key: string;
  readonly better: 'higher' | 'lower';
  readonly value: number;
  /** Of the ladder's top rung. */
  readonly count?: number;
  /** What its simulations left on that rung, where gate-run runs them; the values of each seed lie with its files. */
  readonly sims?: SimsEvidence;
  /** Checksum of what measured it. */
  readonly measuredBy: string;
  /** Of the work tree when its cycle ended, where that was looked at. */
  readonly tree?: string;
  /** Id of the plan that judged it. */
  readonly plan: string;
  /** What else its cycle measured, by key, and read: `valueOfChampion` looks it up. In old ledgers every statistic too. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Keys of `metrics` that are of a rung in which a simulation failed: no mean of another n is held to them. Absent: none. */
  readonly incomplete?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The cycle of the champion that it took the place of, and its value. */
  readonly before?: { readonly cycle: number; readonly value: number };
}

/** Decision: this cycle is the best so far; its files are kept now. */
export interface ChampionChosen extends ChampionFacts {
  readonly type: 'champion.chosen';
  /** One sentence for people. */
  readonly why: string;
}

/** Fact: its files are kept, and it is the champion; or they could not be, and the one before stays. */
export interface ChampionKept {
  readonly type: 'champion.kept';
  readonly cycle: number;
  readonly files: number;
  readonly bytes: number;
  /** Of its record, which holds those of its files. */
  readonly sum?: string;
  /** Why not. */
  readonly failed?: string;
}

/** Decision: nothing can be compared with this champion any more; its files stay. */
export interface ChampionSetAside {
  readonly type: 'champion.set-aside';
  readonly cycle: number;
  readonly why: string;
}

/** Somebody made an earlier champion the champion again. */
export interface ChampionRestored extends ChampionFacts {
  readonly type: 'champion.restored';
  readonly files: number;
  readonly bytes: number;
  readonly sum: string;
}

/** What a champion is measured again on: no seed of its crowning, and none of an earlier confirmation. */
export interface FreshSeeds {
  /** The champion's cycle. */
  readonly champion: number;
  /** The first seed, and how many. */
  readonly base: number;
  readonly count: number;
}

/** Decision: what a confirmation says of the champion. It dethrones nobody. */
export interface ChampionConfirmed {
  readonly type: 'champion.confirmed';
  /** Of the champion. */
  readonly cycle: number;
  /** The number under which the confirmation ran, for its logs. */
  readonly ran: number;
  readonly base: number;
  readonly count: number;
  /** `lucky`: on fresh seeds it is worse than it was crowned on; `unknown`: it could not be measured whole. */
  readonly verdict: 'held' | 'lucky' | 'unknown';
  readonly metric: string;
  /** On the seeds that it was crowned on. */
  readonly crowned: number;
  /** On the fresh ones; absent where that is unknown. */
  readonly value?: number;
  readonly shortfall?: Shortfall;
  /** One sentence for people. */
  readonly why: string;
}

export type ChampionEvent =
  | ChampionChosen
  | ChampionKept
  | ChampionSetAside
  | ChampionRestored
  | ChampionConfirmed;
