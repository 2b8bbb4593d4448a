// What a worker says, line by line, held against what it was asked. It is asked one seed at a time, and answers each in one line.

import type { MetricPlan } from '../plan/plan.ts';
import { outcomeOfLine, readLine, shownLine, type SeedOutcome } from './line.ts';

export interface Heard {
  /** Of the seed that was asked. */
  readonly answer?: SeedOutcome;
  /** The answer that came before was none. */
  readonly before?: { readonly seed: number; readonly failed: string };
  /** Nothing that it says from here on can be believed. */
  readonly isOver: boolean;
}

export class Conversation {
  readonly #metrics: readonly MetricPlan[];
  #asked: number | undefined;
  #answered: number | undefined;

  constructor(metrics: readonly MetricPlan[]) {
    this.#metrics = metrics;
  }

  ask(seed: number): string {
    this.#asked = seed;
    return `${JSON.stringify({ seed })}\n`;
  }

  /** Undefined for an empty line. */
  hear(text: string): Heard | undefined {
    if (text.trim() === '') return undefined;
    const line = readLine(text);
    const before = this.#answered;
    if (before !== undefined && line?.seed === before) return this.#twice(before, 'it was answered twice');
    if (this.#asked === undefined) {
      if (before === undefined) return { isOver: true };
      return this.#twice(before, `its worker said more than its answer: ${shownLine(text)}`);
    }
    if (!line)
      return { answer: { failed: `its worker said no JSON object: ${shownLine(text)}` }, isOver: true };
    if (line.seed !== this.#asked) {
      const what = line.seed === undefined ? 'a line without a seed' : `seed ${line.seed}`;
      return { answer: { failed: `its worker answered ${what}: ${shownLine(text)}` }, isOver: true };
    }
    this.#answered = this.#asked;
    this.#asked = undefined;
    return { answer: outcomeOfLine(line, this.#metrics), isOver: false };
  }

  #twice(seed: number, failed: string): Heard {
    return { before: { seed, failed }, isOver: true };
  }
}
