// The book of one rung under way: which seeds still have to run, what became of the others, and when enough is known.
// It starts nothing; both worlds keep it in the same way.

import type { MetricPlan } from '../plan/plan.ts';
import type { Rival } from '../loop/rival.ts';
import type { SeedOutcome } from './line.ts';
import type { EarlyEnd, SimsEvidence } from './sims.ts';
import { pairedOf, statisticsOf, type PairedStatistics } from './statistics.ts';

/** Sees the seeds of a rung in their order, whichever was finished first, so that no decision depends on how fast they were. */
export interface SeedWatch {
  see(seed: number, outcome: SeedOutcome): EarlyEnd | undefined;
}

export interface RungFacts {
  readonly base: number;
  readonly planned: number;
  /** How many may fail. */
  readonly mayFail: number;
  readonly metrics: readonly MetricPlan[];
  /** Of the bounds; undefined: the usual one. */
  readonly confidence: number | undefined;
  /** The rung ends with a decision for the candidate too. */
  readonly endsAbove: boolean;
  /** What rungs below, or attempts before, have found out in this cycle, by seed. */
  readonly known: ReadonlyMap<number, SeedOutcome>;
  readonly watch?: SeedWatch | undefined;
  readonly rival?: Rival | undefined;
}

/** Why nothing more has to run. */
export type RungEnd = 'whole' | 'decided' | 'too-many-failed';

/** How a rung stands, for whoever looks on. */
export interface RungGlance {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly metric: string | undefined;
  /** Of that metric so far; undefined before the first value. */
  readonly mean: number | undefined;
}

const CAUSES_KEPT = 8;

export class Rung {
  readonly #facts: RungFacts;
  /** By seed; what was taken over from below is in it. */
  readonly #outcomes: Map<number, SeedOutcome>;
  readonly #reused: number;
  /** Given back, to be run again before others. */
  readonly #again: number[] = [];
  readonly #causes = new Set<string>();
  #next: number;
  /** The first seed of which nothing is known yet: all before it have been shown to the watch. */
  #prefix: number;
  /** Of this rung's own seeds. */
  #known = 0;
  #failed = 0;
  /** Of the first metric. */
  #sum = 0;
  #early: EarlyEnd | undefined;

  constructor(facts: RungFacts) {
    this.#facts = facts;
    this.#next = facts.base;
    this.#prefix = facts.base;
    this.#outcomes = new Map(facts.known);
    for (const [seed, outcome] of facts.known) if (this.#isOwn(seed)) this.#count(outcome, 1);
    this.#reused = this.#known;
    this.#show();
  }

  get planned(): number {
    return this.#facts.planned;
  }

  /** Up to `most` seeds in a row that nobody runs; those given back come first, each alone. */
  take(most: number): readonly number[] {
    const again = this.#again.shift();
    if (again !== undefined) return [again];
    const end = this.#facts.base + this.#facts.planned;
    while (this.#next < end && this.#outcomes.has(this.#next)) this.#next += 1;
    const taken: number[] = [];
    while (taken.length < most && this.#next < end && !this.#outcomes.has(this.#next)) {
      taken.push(this.#next);
      this.#next += 1;
    }
    return taken;
  }

  /** It was taken and is not known, for no fault of its own. */
  giveBack(seed: number): void {
    this.#again.push(seed);
  }

  /**
   * A later word on a seed takes the place of an earlier one, as where an answer turned out to be no answer. `causes`: in the words of
   * `retry.when`, where it failed.
   */
  settle(seed: number, outcome: SeedOutcome, causes: readonly string[] = []): void {
    if (!this.#isOwn(seed)) throw new Error(`bug: seed ${seed} is none of this rung`);
    const before = this.#outcomes.get(seed);
    if (before) this.#count(before, -1);
    this.#outcomes.set(seed, outcome);
    this.#count(outcome, 1);
    for (const cause of causes) if (this.#causes.size < CAUSES_KEPT) this.#causes.add(cause);
    this.#show();
  }

  /** Undefined: something is still to be run, or is running. */
  end(): RungEnd | undefined {
    if (this.#failed > this.#facts.mayFail) return 'too-many-failed';
    if (this.#early && (this.#early.side === 'below' || this.#facts.endsAbove)) return 'decided';
    return this.#known === this.#facts.planned ? 'whole' : undefined;
  }

  get isDecidedAbove(): boolean {
    return this.#early?.side === 'above';
  }

  glance(): RungGlance {
    const { planned, metrics } = this.#facts;
    const done = this.#known - this.#failed;
    const metric = metrics[0]?.name;
    return { planned, done, failed: this.#failed, metric, mean: done === 0 ? undefined : this.#sum / done };
  }

  /**
   * Of a rung that was decided early what counts is the prefix that decided: what else had been finished by chance is kept for the rungs above,
   * and must not change a mean.
   */
  evidence(): Omit<SimsEvidence, 'values'> {
    const { base, planned, mayFail, metrics, confidence } = this.#facts;
    const within = this.end() === 'decided' && this.#early ? this.#early.at : planned;
    const seen = this.#outcomesWithin(within);
    const [failed, first] = failures(seen, base);
    const known = seen.filter((outcome) => outcome !== undefined).length;
    const paired = this.#paired(seen);
    return {
      planned,
      done: known - failed,
      failed,
      reused: Math.min(this.#reused, known),
      mayFail,
      base,
      metrics: Object.fromEntries(
        metrics.flatMap(({ name }) => {
          const values = seen.map((outcome) => valueIn(outcome, name)).filter((value) => value !== undefined);
          const statistics = statisticsOf(values, confidence);
          return statistics ? [[name, statistics] as const] : [];
        }),
      ),
      ...(paired && { paired }),
      ...(this.#early && { early: this.#early }),
      ...(first && { firstFailed: first }),
      ...(this.#causes.size > 0 && { causes: [...this.#causes] }),
    };
  }

  /** Everything that is known, for a rung above. */
  known(): ReadonlyMap<number, SeedOutcome> {
    return this.#outcomes;
  }

  #isOwn(seed: number): boolean {
    return seed >= this.#facts.base && seed < this.#facts.base + this.#facts.planned;
  }

  #count(outcome: SeedOutcome, by: 1 | -1): void {
    this.#known += by;
    if ('failed' in outcome) this.#failed += by;
    else this.#sum += by * (outcome.values[this.#facts.metrics[0]?.name ?? ''] ?? 0);
  }

  #show(): void {
    const { base, planned, watch } = this.#facts;
    for (; this.#prefix < base + planned; this.#prefix += 1) {
      const outcome = this.#outcomes.get(this.#prefix);
      if (!outcome) return;
      if (!this.#early) this.#early = watch?.see(this.#prefix, outcome);
    }
  }

  /** In the order of the seeds. */
  #outcomesWithin(within: number): readonly (SeedOutcome | undefined)[] {
    return Array.from({ length: within }, (_, index) => this.#outcomes.get(this.#facts.base + index));
  }

  #paired(seen: readonly (SeedOutcome | undefined)[]): PairedStatistics | undefined {
    const { rival, base } = this.#facts;
    if (!rival) return undefined;
    const challenger = seen.map((outcome) => valueIn(outcome, rival.metric));
    const champion = seen.map((_, index) => rival.values.get(base + index));
    const lost = seen.filter((outcome, at) => outcome && 'failed' in outcome && champion[at] !== undefined);
    const { confidence, minDelta, better } = rival;
    return pairedOf(challenger, champion, { confidence, minDelta, better, lost: lost.length });
  }
}

export function valueIn(outcome: SeedOutcome | undefined, metric: string): number | undefined {
  return outcome && 'values' in outcome ? outcome.values[metric] : undefined;
}

function failures(
  seen: readonly (SeedOutcome | undefined)[],
  base: number,
): readonly [count: number, first: SimsEvidence['firstFailed']] {
  let count = 0;
  let first: SimsEvidence['firstFailed'];
  for (const [index, outcome] of seen.entries()) {
    if (!outcome || !('failed' in outcome)) continue;
    count += 1;
    first ??= { seed: base + index, why: outcome.failed };
  }
  return [count, first];
}
