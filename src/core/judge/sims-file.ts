// The file of a ladder's values, one line a seed: `{"seed":7,"edge":381.2}`, `{"seed":8,"failed":"exit 3"}`. Rungs above read what rungs
// below have found out, and so does a retry.

import { isMap } from '../is-map.ts';
import type { SeedOutcome } from './line.ts';

/** In the order of the seeds, so that the same outcomes are the same bytes, whichever simulation was faster. */
export function valuesText(outcomes: ReadonlyMap<number, SeedOutcome>): string {
  const lines = [...outcomes].toSorted(([one], [other]) => one - other);
  return lines.map(([seed, outcome]) => `${JSON.stringify(lineOf(seed, outcome))}\n`).join('');
}

/** Undefined where a line is none of ours: then nothing in it can be trusted. */
export function readValues(text: string): ReadonlyMap<number, SeedOutcome> | undefined {
  const outcomes = new Map<number, SeedOutcome>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const read = readLine(line);
    if (!read || outcomes.has(read.seed)) return undefined;
    outcomes.set(read.seed, read.outcome);
  }
  return outcomes;
}

/** `failed` cannot be a metric's name, so the two kinds of line are told apart by it. */
function lineOf(seed: number, outcome: SeedOutcome): Readonly<Record<string, unknown>> {
  return 'failed' in outcome ? { seed, failed: outcome.failed } : { seed, ...outcome.values };
}

function readLine(line: string): { readonly seed: number; readonly outcome: SeedOutcome } | undefined {
  const fields = parsed(line);
  if (!isMap(fields)) return undefined;
  const { seed, failed, ...rest } = fields;
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed)) return undefined;
  if (typeof failed === 'string') return { seed, outcome: { failed } };
  const values: Record<string, number> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    values[name] = value;
  }
  return { seed, outcome: { values } };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
