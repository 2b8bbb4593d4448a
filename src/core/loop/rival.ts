// The champion as a rung of simulations meets it: its value of each seed, so that a challenger is compared pair by pair.

import { readLine } from '../judge/line.ts';
import type { ObjectivePlan } from '../plan/champion-plan.ts';

export interface Rival {
  /** Of the champion. */
  readonly cycle: number;
  /** As its task calls it. */
  readonly metric: string;
  readonly better: 'higher' | 'lower';
  readonly minDelta: number;
  readonly confidence: number;
  /** By seed; one that failed is not there. */
  readonly values: ReadonlyMap<number, number>;
}

/** The lines of a rung's seeds alone, in their order and one a seed: the last word counts, as where a seed was tried again. */
export function seedLines(
  text: string,
  { base, count }: { readonly base: number; readonly count: number },
): readonly string[] {
  const lines = new Map<number, string>();
  for (const line of text.split('\n')) {
    const seed = readLine(line)?.seed;
    if (seed !== undefined && seed >= base && seed < base + count) lines.set(seed, line.trim());
  }
  return [...lines].toSorted(([one], [other]) => one - other).map(([, line]) => line);
}

/** `undefined` where the objective is no matter of pairs. */
export function rivalOf(cycle: number, objective: ObjectivePlan, text: string): Rival | undefined {
  const { pairing, name, better, minDelta } = objective;
  if (!pairing) return undefined;
  const values = new Map<number, number>();
  for (const line of text.split('\n')) {
    const read = readLine(line);
    const value = read && Object.hasOwn(read.fields, name) ? read.fields[name] : undefined;
    if (read?.seed !== undefined && typeof value === 'number' && Number.isFinite(value))
      values.set(read.seed, value);
  }
  return { cycle, metric: name, better, minDelta, confidence: pairing.confidence, values };
}
