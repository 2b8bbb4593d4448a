// Which cycles `history` shows, in which order, and what it shows of each beside the verdict. Pure; the cycles come newest first.

import type { Outcome } from '../judge/evidence.ts';
import type { CycleEnded, CycleVerdict, Recorded } from '../loop/event.ts';
import { metricKey } from '../loop/names.ts';
import { allMeasured, valuesMeasured } from '../loop/values.ts';
import type { Direction } from './directions.ts';
import { spreadUnder, type Spread } from './spread.ts';

export type EndedCycle = Recorded<CycleEnded>;

export interface HistoryWish {
  readonly last: number;
  /** Any of them; empty: every one. */
  readonly verdicts: readonly CycleVerdict[];
  /** Cycles in which a task ended so; empty: every one. */
  readonly outcomes: readonly Outcome[];
  /** A metric by its key; the best come first. Absent: the newest come last. */
  readonly sort?: { readonly key: string; readonly better: Direction };
}

export function isWanted(cycle: CycleEnded, { verdicts, outcomes, sort }: HistoryWish): boolean {
  return (
    (verdicts.length === 0 || verdicts.includes(cycle.verdict)) &&
    (outcomes.length === 0 || cycle.tasks.some(({ outcome }) => outcome && outcomes.includes(outcome))) &&
    (sort === undefined || valueOf(cycle, sort.key) !== undefined)
  );
}

/** As many as are wanted of those that are shown to it; never more are kept. */
export class Newest {
  readonly #wish: HistoryWish;
  readonly #kept: EndedCycle[] = [];
  /** Wanted ones beside those that are kept. */
  more = 0;
  seen = 0;

  constructor(wish: HistoryWish) {
    this.#wish = wish;
  }

  see(cycle: EndedCycle): void {
    this.seen += 1;
    if (!isWanted(cycle, this.#wish)) return;
    if (this.#wish.sort) this.#place(cycle, this.#wish.sort);
    else this.#kept.push(cycle);
    if (this.#kept.length <= this.#wish.last) return;
    this.#kept.pop();
    this.more += 1;
  }

  /** Whether no cycle before the ones seen can be shown. */
  get isFull(): boolean {
    return this.#wish.sort === undefined && this.#kept.length === this.#wish.last;
  }

  /** As they are shown. */
  get cycles(): readonly EndedCycle[] {
    return this.#wish.sort ? this.#kept : this.#kept.toReversed();
  }

  #place(cycle: EndedCycle, { key, better }: NonNullable<HistoryWish['sort']>): void {
    const value = valueOf(cycle, key) ?? 0;
    const isBetter = (other: number) => (better === 'lower' ? value < other : value > other);
    const at = this.#kept.findIndex((one) => isBetter(valueOf(one, key) ?? 0));
    this.#kept.splice(at < 0 ? this.#kept.length : at, 0, cycle);
  }
}

/** Of a confirmation none: its values are those of a champion of old, on other seeds. */
function valueOf(cycle: CycleEnded, key: string): number | undefined {
  if (cycle.turn === 'confirm') return undefined;
  for (const task of cycle.tasks) {
    const found = allMeasured(task).find(([name]) => name === key);
    if (found) return found[1];
  }
  return undefined;
}

/** What a cycle has under a name: a label, or a metric by its bare name or its key. */
export function shownUnder(cycle: CycleEnded, name: string): string | number | undefined {
  for (const task of cycle.tasks) {
    if (Object.hasOwn(task.labels, name)) return task.labels[name];
    const found = allMeasured(task).find(([key]) => key === name || key === metricKey(task.id, name));
    if (found) return found[1];
  }
  return undefined;
}

/** Of the simulations behind what is shown under a name; undefined: it is no mean of any. */
export function spreadShown({ tasks }: CycleEnded, name: string): Spread | undefined {
  for (const { id } of tasks) {
    const found = spreadUnder(tasks, name) ?? spreadUnder(tasks, metricKey(id, name));
    if (found) return found;
  }
  return undefined;
}

/** Every metric and every label of these cycles, in the order in which they come; of what is more than `most`, nothing. */
export function namesIn(cycles: readonly CycleEnded[], most: number): readonly string[] {
  const names = new Set<string>();
  for (const { tasks } of cycles)
    for (const task of tasks)
      for (const name of [...valuesMeasured(task).map(([key]) => key), ...Object.keys(task.labels)])
        if (names.size < most) names.add(name);
  return [...names];
}
