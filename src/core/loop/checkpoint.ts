// The fold as a text that proves itself: kept beside the ledger, so that a start need not read all of it again.
// Whether the ledger still holds the line that it stands on is not known here.

import { crc32Text } from '../crc32.ts';
import { isMap } from '../is-map.ts';
import type { CycleEnded, RunEnded } from './event.ts';
import type { Progress, RunProgress } from './progress.ts';

/** Raised whenever the progress, or what `evolve` makes of an event, changes. A test knows the shape that belongs to it. */
export const FOLD_VERSION = 17;

/** The last line of the history that was folded. */
export interface LastLine {
  /** Number of its segment, from 1. */
  readonly segment: number;
  readonly offset: number;
  /** Length with its newline. */
  readonly bytes: number;
  readonly seq: number;
  readonly crc: number;
}

export interface Checkpoint {
  readonly at: LastLine;
  readonly progress: Progress;
}

const FORMAT = 1;
const CRC = ',"crc":';

/** `build`: the code that folded. Only between turns, when the history alone gives the whole progress. */
export function encodeCheckpoint({ at, progress }: Checkpoint, build: string): string {
  if (progress.open) throw new Error('bug: no checkpoint inside a turn');
  const whole = { v: FORMAT, fold: FOLD_VERSION, build, at, progress: spelled(progress) };
  const body = JSON.stringify(whole).slice(0, -1);
  return `${body}${CRC}${crc32Text(body)}}\n`;
}

/** Whether two folds say the same: one of a living run may hold as undefined what a line of the ledger does not hold at all. */
export function isSameFold(one: Progress, other: Progress): boolean {
  return bare(one) === bare(other);
}

function bare(progress: Progress): string {
  return JSON.stringify(spelled(progress), (_, held: unknown) =>
    isMap(held) && Object.hasOwn(held, NOTHING) ? undefined : held,
  );
}

/** Undefined for anything but what this very build has written. */
export function decodeCheckpoint(text: string, build: string): Checkpoint | undefined {
  const end = text.lastIndexOf(CRC);
  const body = text.slice(0, Math.max(0, end));
  if (end < 0 || text.slice(end) !== `${CRC}${crc32Text(body)}}\n`) return undefined;
  const whole = parsed(`${body}}`);
  if (!isMap(whole) || whole['v'] !== FORMAT || whole['fold'] !== FOLD_VERSION) return undefined;
  const { at } = whole;
  const progress = unspelled(whole['progress']);
  if (whole['build'] !== build || !isLastLine(at) || !isProgress(progress)) return undefined;
  return progress.seq === at.seq ? { at, progress } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isLastLine(value: unknown): value is LastLine {
  if (!isMap(value)) return false;
  const { segment, offset, bytes, seq, crc } = value;
  return (
    [segment, offset, bytes, seq, crc].every((one) => Number.isSafeInteger(one) && Number(one) >= 0) &&
    Number(segment) >= 1 &&
    Number(bytes) >= 1
  );
}

/** The checksum vouches for every byte and the build for their meaning; this holds them to the shape all the same. */
function isProgress(value: unknown): value is Progress {
  if (!isMap(value) || !isLike(PROGRESS, value)) return false;
  const { open, cut, run, last, lastTurn } = value;
  if (open !== undefined || cut !== undefined) return false;
  if (![last, lastTurn].every((turn) => turn === undefined || isLike(TURN, turn))) return false;
  return run === undefined || (isLike(RUN, run) && isEnd(run['ended']));
}

type Kind = 'number' | 'string' | 'boolean' | 'object' | 'map' | 'list';

/** By field, what holds more than JSON does, and what every decision leans on. */
const PROGRESS: Readonly<Partial<Record<keyof Progress, Kind>>> = {
  seq: 'number',
  mono: 'number',
  cycle: 'number',
  failuresInARow: 'number',
  startsInARow: 'number',
  questions: 'map',
  metrics: 'map',
  passes: 'map',
  gates: 'map',
  memory: 'map',
  baselines: 'map',
  confirming: 'object',
  storageFailed: 'boolean',
};

const RUN: Readonly<Partial<Record<keyof RunProgress, Kind>>> = {
  id: 'string',
  plan: 'string',
  flags: 'list',
  holder: 'string',
  isClosing: 'boolean',
  earlierMs: 'number',
  bornMono: 'number',
  watch: 'object',
  cycles: 'number',
  streaks: 'object',
  hooks: 'object',
  recent: 'list',
  series: 'map',
  distinct: 'map',
  marks: 'map',
};

const TURN: Readonly<Partial<Record<keyof CycleEnded, Kind>>> = {
  cycle: 'number',
  turn: 'string',
  verdict: 'string',
  durationMs: 'number',
  tasks: 'list',
};

const END: Readonly<Partial<Record<keyof RunEnded, Kind>>> = {
  reason: 'string',
  verdict: 'string',
  exit: 'number',
  why: 'string',
};

function isEnd(value: unknown): boolean {
  return value === undefined || isLike(END, value);
}

function isLike(
  kinds: Readonly<Record<string, Kind>>,
  value: unknown,
): value is Readonly<Record<string, unknown>> {
  return isMap(value) && Object.entries(kinds).every(([key, kind]) => kindOf(value[key]) === kind);
}

function kindOf(value: unknown): string {
  if (value instanceof Map) return 'map';
  return Array.isArray(value) ? 'list' : value === null ? 'null' : typeof value;
}

/** What JSON cannot hold stands as an object with one of these keys; no name that people give has a list behind it. */
const MAP = '$map';
const SET = '$set';
const NOTHING = '$nothing';

function spelled(value: unknown): unknown {
  if (value === undefined) return { [NOTHING]: [] };
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(spelled);
  if (value instanceof Map) return { [MAP]: [...value].map(([key, held]) => [key, spelled(held)]) };
  if (value instanceof Set) return { [SET]: [...value] };
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, spelled(held)]));
}

function unspelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unspelled);
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only && Array.isArray(only[1])) {
    const held: readonly unknown[] = only[1];
    if (only[0] === NOTHING) return undefined;
    if (only[0] === SET) return new Set(held);
    if (only[0] === MAP) return new Map(held.map(pairOf));
  }
  return Object.fromEntries(entries.map(([key, one]) => [key, unspelled(one)]));
}

function pairOf(pair: unknown): [unknown, unknown] {
  return Array.isArray(pair) ? [pair[0], unspelled(pair[1])] : [undefined, undefined];
}
