// What the processes of one attempt used, look by look, in bounded memory: what lies further back is kept more coarsely, and no peak
// is ever lost. One look is one line of JSON in the cycle's folder.

import { isMap } from '../is-map.ts';

/** One process at one look. */
export interface ProcessLook {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Resident; pages that are shared count for each process that has them. */
  readonly memoryBytes: number;
}

export interface UsageLook {
  /** Since the attempt began. */
  readonly atMs: number;
  /** Of all its processes together. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** Since the attempt began, as far as the looks have seen it; absent where too much of it runs in between. */
  readonly cpuMs?: number;
  /** The most memory of all looks so far. */
  readonly peakBytes: number;
  /** The largest of its processes. */
  readonly largest: readonly ProcessLook[];
}

export const MOST_LOOKS = 600;
/** What is half a minute old is kept to the second, what is an hour old to two minutes. */
const AGE_PER_SPAN = 30;
/** Beyond some months even these would be too many. */
const MOST_THINNED = 540;
/** Of each look. */
export const MOST_LARGEST = 5;

export class UsageSeries {
  #looks: UsageLook[] = [];

  get looks(): readonly UsageLook[] {
    return this.#looks;
  }

  /** Whether older looks were merged for it: then what was written of them is to be written anew. */
  add(look: UsageLook): boolean {
    const isFull = this.#looks.length >= MOST_LOOKS;
    if (isFull) this.#looks = thinned(this.#looks, look.atMs);
    this.#looks.push(look);
    return isFull;
  }
}

/** Neighbours become one where together they span no more than their age allows. */
function thinned(looks: readonly UsageLook[], nowMs: number): UsageLook[] {
  const kept: UsageLook[] = [];
  for (const look of looks) {
    const last = kept.at(-1);
    const spanMs = look.atMs - (kept.at(-2)?.atMs ?? 0);
    if (last && spanMs <= (nowMs - look.atMs) / AGE_PER_SPAN) kept[kept.length - 1] = merged(last, look);
    else kept.push(look);
  }
  return kept.length > MOST_THINNED ? halved(kept) : kept;
}

function halved(looks: readonly UsageLook[]): UsageLook[] {
  return looks.flatMap((look, at) => {
    const other = looks[at + 1];
    return at % 2 === 1 ? [] : [other ? merged(look, other) : look];
  });
}

/** When it was and what was used up since the beginning are the later one's; the memory is that of the larger one. */
function merged(one: UsageLook, other: UsageLook): UsageLook {
  const { memoryBytes, largest } = one.memoryBytes > other.memoryBytes ? one : other;
  return { ...other, memoryBytes, largest, processes: Math.max(one.processes, other.processes) };
}

/** Undefined where the line is none, or not whole. */
export function lookIn(line: string): UsageLook | undefined {
  try {
    const look: unknown = JSON.parse(line);
    return isLook(look) ? look : undefined;
  } catch {
    return undefined;
  }
}

/** The file lies where a task may write too. */
function isLook(value: unknown): value is UsageLook {
  if (!isMap(value) || !Array.isArray(value['largest'])) return false;
  const { atMs, memoryBytes, processes, peakBytes, cpuMs = 0, largest } = value;
  return (
    [atMs, memoryBytes, processes, peakBytes, cpuMs].every(Number.isFinite) && largest.every(isProcessLook)
  );
}

function isProcessLook(value: unknown): boolean {
  if (!isMap(value)) return false;
  const { pid, parent, name, memoryBytes } = value;
  return [pid, parent, memoryBytes].every(Number.isFinite) && typeof name === 'string';
}

export function lookLine(look: UsageLook): string {
  return `${JSON.stringify(look)}\n`;
}
