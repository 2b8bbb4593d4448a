// What each value of a label came to: how many cycles, how they went, and the best that they measured.

import type { CycleEnded } from '../../loop/event.ts';
import { valuesMeasured } from '../../loop/values.ts';
import type { Direction } from '../directions.ts';
import type { Step } from './points.ts';

export interface LabelFigures {
  readonly value: string;
  readonly cycles: number;
  readonly passed: number;
  readonly lastCycle: number;
  /** Of the metric that the groups are compared by, among tasks that passed. */
  readonly best: Step | null;
}

/** More different values than anybody compares; what comes beyond is only counted. */
const MOST_VALUES = 1000;
const VALUE_CHARACTERS = 200;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class LabelFold {
  readonly #label: string;
  readonly #metric: { readonly key: string; readonly better: Direction } | undefined;
  readonly #values = new Map<string, Mutable<LabelFigures>>();
  #others = 0;

  constructor(label: string, metric: { readonly key: string; readonly better: Direction } | undefined) {
    this.#label = label;
    this.#metric = metric;
  }

  /** Cycles come newest first. */
  see(cycle: CycleEnded): void {
    const seen = cycle.tasks.flatMap(({ labels }) =>
      Object.hasOwn(labels, this.#label) ? [labels[this.#label] ?? ''] : [],
    );
    for (const value of new Set(seen)) {
      const figures = this.#figuresOf(value.slice(0, VALUE_CHARACTERS), cycle.cycle);
      if (!figures) continue;
      figures.cycles += 1;
      if (cycle.verdict === 'passed') figures.passed += 1;
      const best = this.#bestOf(cycle);
      if (best && (figures.best === null || !this.#isWorse(best, figures.best))) figures.best = best;
    }
  }

  get figures(): readonly LabelFigures[] {
    return [...this.#values.values()].toSorted((one, other) => {
      if (one.best && other.best && one.best.value !== other.best.value)
        return this.#isWorse(one.best, other.best) ? 1 : -1;
      return Number(other.best !== null) - Number(one.best !== null) || other.cycles - one.cycles;
    });
  }

  /** Cycles whose value was not kept apart. */
  get others(): number {
    return this.#others;
  }

  #figuresOf(value: string, cycle: number): Mutable<LabelFigures> | undefined {
    const known = this.#values.get(value);
    if (known) return known;
    if (this.#values.size >= MOST_VALUES) {
      this.#others += 1;
      return undefined;
    }
    const figures = { value, cycles: 0, passed: 0, lastCycle: cycle, best: null };
    this.#values.set(value, figures);
    return figures;
  }

  #bestOf(cycle: CycleEnded): Step | undefined {
    const values = cycle.tasks.flatMap((task) =>
      task.verdict === 'passed' ? valuesMeasured(task).filter(([key]) => key === this.#metric?.key) : [],
    );
    const [first] = values;
    return first && { cycle: cycle.cycle, value: first[1] };
  }

  #isWorse(one: Step, than: Step): boolean {
    return this.#metric?.better === 'lower' ? one.value > than.value : one.value < than.value;
  }
}
