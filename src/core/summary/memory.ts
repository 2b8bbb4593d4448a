// A want of memory that comes back, over cycles: how often, at which limit, and which limit would have held, as far as that follows
// from what was seen.

import type { MemoryRun } from '../loop/memory-fold.ts';
import type { Progress } from '../loop/progress.ts';
import { countText, sizeText } from './amounts.ts';

export interface MemoryStatus {
  readonly task: string;
  /** Runs since it first ran out of memory, at most 20. */
  readonly runs: number;
  readonly oom: number;
  readonly lastCycle: number;
  /** The largest limit at which it ran out; null: unknown. */
  readonly limitBytes: number | null;
  /** The most that a run held which got through; null: none did, or nobody looked in time. */
  readonly heldBytes: number | null;
  readonly heldIn: number | null;
  /** A limit that would have held for every run that got through, and is above each that did not; null: none is known. */
  readonly wouldHoldBytes: number | null;
  /** The most that a run was seen to hold which ran out, where that is less than half of the limit: others had the rest. Else null. */
  readonly ownBytes: number | null;
}

/** Once may be chance. */
const FEWEST = 2;
const HALF = 0.5;
/** A limit just at the peak would be met again by the next run. */
const ROOM = 1.1;
const STEP_BYTES = 67_108_864;

/** Those that have run out most often first. */
export function memoryOf({ memory }: Pick<Progress, 'memory'>): readonly MemoryStatus[] {
  return [...memory]
    .map(([task, runs]) => statusOf(task, runs))
    .filter(({ oom }) => oom >= FEWEST)
    .toSorted((one, other) => other.oom - one.oom);
}

function statusOf(task: string, runs: readonly MemoryRun[]): MemoryStatus {
  const out = runs.filter(({ isOom }) => isOom);
  const held = largestOf(runs.filter(({ isOom }) => !isOom));
  const limitBytes = mostOf(out.map((one) => one.limitBytes));
  const peakBytes = mostOf(out.map((one) => one.peakBytes));
  const isAbove = held !== undefined && limitBytes !== null && held.peakBytes > limitBytes;
  const isCrowded = peakBytes !== null && limitBytes !== null && peakBytes < limitBytes * HALF;
  return {
    task,
    runs: runs.length,
    oom: out.length,
    lastCycle: out.at(-1)?.cycle ?? 0,
    limitBytes,
    heldBytes: held?.peakBytes ?? null,
    heldIn: held?.cycle ?? null,
    wouldHoldBytes: isAbove ? roomy(held.peakBytes) : null,
    ownBytes: isCrowded ? peakBytes : null,
  };
}

function mostOf(sizes: readonly (number | undefined)[]): number | null {
  const known = sizes.flatMap((size) => size ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

interface Held {
  readonly cycle: number;
  readonly peakBytes: number;
}

function largestOf(runs: readonly MemoryRun[]): Held | undefined {
  const known = runs.flatMap(({ cycle, peakBytes }) =>
    peakBytes === undefined ? [] : [{ cycle, peakBytes }],
  );
  return known.toSorted((one, other) => other.peakBytes - one.peakBytes)[0];
}

function roomy(bytes: number): number {
  return Math.ceil((bytes * ROOM) / STEP_BYTES) * STEP_BYTES;
}

/** `ran out of memory in 3 of its last 5 cycles, at 8.0 GiB; 10.1 GiB would have held: cycle 9 got through with 9.2 GiB`. */
export function memoryText(one: MemoryStatus): string {
  const { oom, runs, limitBytes } = one;
  const at = limitBytes === null ? '' : `, at ${sizeText(limitBytes)}`;
  return `ran out of memory in ${oom} of its last ${countText(runs, 'cycle')}${at}; ${knownText(one)}`;
}

function knownText({ runs, oom, heldBytes, heldIn, wouldHoldBytes, ownBytes }: MemoryStatus): string {
  const held = heldBytes === null ? '' : `cycle ${heldIn} got through with ${sizeText(heldBytes)}`;
  if (wouldHoldBytes !== null) return `a limit of ${sizeText(wouldHoldBytes)} would have held: ${held}`;
  if (ownBytes !== null)
    return `it held ${sizeText(ownBytes)} of that at most, so what ran beside it had the rest`;
  const unknown = 'how much it needs is not known, since it was ended at the limit each time';
  if (held !== '') return `${held}, and how much the others need is not known`;
  return oom === runs ? unknown : 'how much it needs is not known, since nobody looked in time';
}
