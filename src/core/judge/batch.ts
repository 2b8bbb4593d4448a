// What one process said about the seeds that it was given, line by line: answers, and which of them cannot be believed.

import type { MetricPlan } from '../plan/plan.ts';
import { outcomeOfLine, readLine, shownLine, type SeedOutcome } from './line.ts';

export class BatchAnswers {
  readonly #seeds: ReadonlySet<number>;
  readonly #metrics: readonly MetricPlan[];
  readonly #outcomes = new Map<number, SeedOutcome>();
  #strange: string | undefined;
  #halfLine: string | undefined;

  constructor(seeds: readonly number[], metrics: readonly MetricPlan[]) {
    this.#seeds = new Set(seeds);
    this.#metrics = metrics;
  }

  /** What is no JSON object is talk. */
  hear(text: string): void {
    const line = readLine(text);
    if (!line) {
      if (text.trim().startsWith('{')) this.#halfLine = shownLine(text);
      return;
    }
    const { seed } = line;
    if (seed === undefined) this.#strange ??= `a line names no seed: ${shownLine(text)}`;
    else if (!this.#seeds.has(seed)) this.#strange ??= `it answered seed ${seed}, which it was not given`;
    else if (this.#outcomes.has(seed)) this.#outcomes.set(seed, { failed: 'it was answered twice' });
    else this.#outcomes.set(seed, outcomeOfLine(line, this.#metrics));
  }

  /** By seed; of a process that answers what nobody asked, nothing is believed. */
  outcomes(): ReadonlyMap<number, SeedOutcome> {
    const why = this.#strange;
    if (why === undefined) return this.#outcomes;
    return new Map([...this.#seeds].map((seed) => [seed, { failed: why }]));
  }

  /** Why a seed has no answer. */
  missing(seed: number): string {
    const half = this.#halfLine === undefined ? '' : `; a line is no whole JSON object: ${this.#halfLine}`;
    return `no line of the output answers seed ${seed}${half}`;
  }
}
