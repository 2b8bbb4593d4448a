// The ledger read back: the same fold over the same events. It repairs nothing; a torn tail is only reported.

import type { Recorded, Turn } from '../core/loop/event.ts';
import { decodeLine } from '../core/loop/line.ts';
import { cycleFolder } from '../core/loop/names.ts';
import { EMPTY, evolve } from '../core/loop/evolve.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';

export interface LedgerState {
  readonly progress: Progress;
  /** Files whose last line was cut off by a crash, with the size up to which they are good. */
  readonly torn: readonly Torn[];
}

export interface Torn {
  readonly file: string;
  readonly goodBytes: number;
  readonly tail: Uint8Array;
}

/** A bad line before good ones: nothing is cut, and nothing may be started on it. */
export interface Damage {
  readonly damaged: string;
  readonly line: number;
  readonly offset: number;
}

export function readState(disk: Disk, paths: LedgerPaths): LedgerState | Damage | Failure {
  const history = readLines(disk, paths.history);
  if (!('events' in history)) return history;
  const [first] = history.events;
  // The start of the history is never lost to a crash, so something else took it.
  if (first && first.seq !== 1) return { damaged: paths.history, line: 1, offset: 0 };
  const open = openTurn(history.events);
  const cycle = open ? readLines(disk, eventsFile(paths, open.started)) : { events: [], torn: undefined };
  if (!('events' in cycle)) return cycle;
  const events = open ? merged(history.events, open.at, cycle.events) : history.events;
  let progress = EMPTY;
  for (const event of events) progress = evolve(progress, event);
  return { progress, torn: [history.torn, cycle.torn].filter((torn) => torn !== undefined) };
}

export function eventsFile(paths: LedgerPaths, { cycle, turn }: { cycle: number; turn: Turn }): string {
  return `${paths.cycles}/${cycleFolder(cycle, turn)}/events.jsonl`;
}

interface Lines {
  readonly events: readonly Recorded[];
  readonly torn: Torn | undefined;
}

/** Every line of one file, in order; absent means none. */
export function readLines(disk: Disk, file: string): Lines | Damage | Failure {
  const bytes = disk.read(file);
  if (bytes === undefined) return { events: [], torn: undefined };
  if ('failed' in bytes) return bytes;
  const events: Recorded[] = [];
  let from = 0;
  for (let line = 1; from < bytes.length; line += 1) {
    const end = bytes.indexOf(NEWLINE, from);
    const event = end < 0 ? undefined : decodeLine(bytes.subarray(from, end));
    if (!event) {
      const isLast = !hasGoodLineAfter(bytes, from);
      const torn = { file, goodBytes: from, tail: bytes.slice(from) };
      return isLast ? { events, torn } : { damaged: file, line, offset: from };
    }
    // A line that stands twice, or behind a later one, is whole and yet was not written there.
    if (event.seq <= (events.at(-1)?.seq ?? 0)) return { damaged: file, line, offset: from };
    events.push(event);
    from = end + 1;
  }
  return { events, torn: undefined };
}

const NEWLINE = 10;

/** A crash tears only the end: one good line behind a bad one proves that something else happened. */
function hasGoodLineAfter(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0;) {
    const end = bytes.indexOf(NEWLINE, at + 1);
    if (end < 0) return false;
    if (decodeLine(bytes.subarray(at + 1, end))) return true;
    at = end;
  }
  return false;
}

interface OpenTurn {
  readonly at: number;
  readonly started: { readonly cycle: number; readonly turn: Turn };
}

function openTurn(history: readonly Recorded[]): OpenTurn | undefined {
  for (let at = history.length - 1; at >= 0; at -= 1) {
    const event = history[at];
    if (event?.type === 'cycle.ended') return undefined;
    if (event?.type === 'cycle.started') return { at, started: event };
  }
  return undefined;
}

/** History and the open cycle's file share one sequence. */
function merged(history: readonly Recorded[], at: number, cycle: readonly Recorded[]): readonly Recorded[] {
  const behind = [...history.slice(at + 1), ...cycle].toSorted((one, other) => one.seq - other.seq);
  return [...history.slice(0, at + 1), ...behind];
}
