// Numbers over cycles in a bounded number of points. Where there are more, neighbours share one, which keeps the least, the
// most, the mean and the newest of them; a point never stands for less than it says.

import type { Direction } from '../directions.ts';

export interface Point {
  /** The cycles that it stands for. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  readonly newest: number;
}

export interface Step {
  readonly cycle: number;
  readonly value: number;
}

/** Between half of it and all of it is used: wide enough for any screen. */
const MOST_POINTS = 1000;

interface Bucket {
  from: number;
  to: number;
  count: number;
  sum: number;
  least: number;
  most: number;
  newest: number;
  /** Of the values that may become a best one. */
  best: Step | undefined;
}

/** Cycles may come in any order. */
export class Points {
  readonly better: Direction | undefined;
  #width = 1;
  #buckets = new Map<number, Bucket>();

  constructor(better?: Direction) {
    this.better = better;
  }

  /** `mayBeBest`: only what passed may become what later cycles are held to. */
  add(cycle: number, value: number, mayBeBest = false): void {
    const best = mayBeBest && this.better !== undefined ? { cycle, value } : undefined;
    this.#put({
      from: cycle,
      to: cycle,
      count: 1,
      sum: value,
      least: value,
      most: value,
      newest: value,
      best,
    });
    if (this.#buckets.size <= MOST_POINTS) return;
    const before = this.#buckets;
    this.#width *= 2;
    this.#buckets = new Map();
    for (const bucket of before.values()) this.#put(bucket);
  }

  get list(): readonly Point[] {
    return this.#sorted().map(({ from, to, count, sum, least, most, newest }) => {
      return { from, to, count, mean: sum / count, least, most, newest };
    });
  }

  /** Each value that was better than all before it; of those that share a point, the best. */
  get steps(): readonly Step[] {
    const steps: Step[] = [];
    for (const { best } of this.#sorted()) if (best && this.#isBetter(best, steps.at(-1))) steps.push(best);
    return steps;
  }

  #sorted(): readonly Bucket[] {
    return [...this.#buckets.values()].toSorted((one, other) => one.from - other.from);
  }

  #put(more: Bucket): void {
    const index = Math.floor(more.from / this.#width);
    const known = this.#buckets.get(index);
    if (!known) return void this.#buckets.set(index, more);
    if (more.to > known.to) known.newest = more.newest;
    known.from = Math.min(known.from, more.from);
    known.to = Math.max(known.to, more.to);
    known.count += more.count;
    known.sum += more.sum;
    known.least = Math.min(known.least, more.least);
    known.most = Math.max(known.most, more.most);
    if (more.best && this.#isBetter(more.best, known.best)) known.best = more.best;
  }

  /** Of equal values the earlier one. */
  #isBetter(one: Step, than: Step | undefined): boolean {
    if (!than || (one.value === than.value && one.cycle < than.cycle)) return true;
    return this.better === 'lower' ? one.value < than.value : one.value > than.value;
  }
}
