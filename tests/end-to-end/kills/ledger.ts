// What must hold of the ledger's files whenever they are looked at, read without any code of gate-run's own.
// It knows the format alone: lines, checksums, one sequence over all files, starts and ends.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export interface Line {
  readonly seq: number;
  readonly type: string;
  readonly run: string;
  readonly cycle?: number;
  readonly turn?: string;
  readonly task?: string;
  readonly rung?: number;
  readonly attempt?: number;
  readonly verdict?: string;
  readonly exit?: number;
  readonly prunedAt?: number;
  readonly interrupted?: readonly string[];
  readonly end?: Readonly<Record<string, unknown>>;
  readonly tasks?: readonly Line[];
  readonly id?: string;
  readonly [field: string]: unknown;
}

/** The bytes of each file of a ledger, by its path from the state directory. */
export type Files = ReadonlyMap<string, Buffer>;

export function ledgerFiles(state: string): Files {
  const cycles = join(state, 'cycles');
  const folders = existsSync(cycles) ? readdirSync(cycles).toSorted() : [];
  const segments = existsSync(state) ? readdirSync(state).filter((name) => SEGMENT.test(name)) : [];
  const names = [...segments.toSorted(), ...folders.map((folder) => `cycles/${folder}/events.jsonl`)];
  return new Map(
    names
      .filter((name) => existsSync(join(state, name)))
      .map((name) => [name, readFileSync(join(state, name))] as const),
  );
}

/** The newest has no number. */
const SEGMENT = /^history(\.\d+)?\.jsonl$/;

/** Everything but a last line that was cut off: what a reader may count on. */
export function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
}

const NEWLINE = 10;

/** Files of which a byte that was there before is not there any more. A cut-off last line may go. */
export function changedFiles(before: Files, after: Files): readonly string[] {
  return [...before].flatMap(([name, old]) => {
    const kept = wholeLines(old);
    const now = after.get(name)?.subarray(0, kept.length);
    return now?.equals(kept) === true ? [] : [name];
  });
}

/** All lines of one file; a line that is not as it was written is told, by its number. */
export function linesOf(bytes: Buffer): { readonly lines: readonly Line[]; readonly bad: readonly number[] } {
  const lines: Line[] = [];
  const bad: number[] = [];
  for (const [at, text] of wholeLines(bytes).toString('utf8').split('\n').slice(0, -1).entries()) {
    const mark = text.lastIndexOf(',"crc":');
    if (mark > 0 && text.slice(mark) === `,"crc":${crc32(text.slice(0, mark))}}`)
      lines.push(JSON.parse(text));
    else bad.push(at + 1);
  }
  return { lines, bad };
}

/** The events of all files, in the order of their one sequence. */
export function eventsIn(files: Files): readonly Line[] {
  return [...files.values()]
    .flatMap((bytes) => linesOf(bytes).lines)
    .toSorted((one, other) => one.seq - other.seq);
}

/** What is wrong with a ledger, in words; empty when nothing is. `isAtRest`: no run is under way and none was cut off. */
export function faultsOf(files: Files, isAtRest: boolean): readonly string[] {
  const faults: string[] = [];
  for (const [name, bytes] of files) {
    for (const line of linesOf(bytes).bad) faults.push(`${name}:${line} is not what was written`);
    if (isAtRest && wholeLines(bytes).length < bytes.length) faults.push(`${name} ends within a line`);
  }
  const events = eventsIn(files);
  for (const [at, { seq, type }] of events.entries())
    if (seq !== at + 1) return [...faults, `event ${at + 1} in order has seq ${seq} (${type})`];
  return [...faults, ...faultsOfAttempts(events, isAtRest), ...faultsOfCycles(events, isAtRest)];
}

function faultsOfAttempts(events: readonly Line[], isAtRest: boolean): readonly string[] {
  const ends = new Map<string, number>();
  const faults: string[] = [];
  let turn = '';
  for (const event of events) {
    if (event.type === 'cycle.started') turn = turnOf(event);
    const key = `attempt ${event.attempt} of ${event.task} ${event.rung ?? ''} in ${turn}`;
    if (event.type === 'attempt.started') {
      if (ends.has(key)) faults.push(`${key} was started twice`);
      ends.set(key, 0);
    }
    if (event.type !== 'attempt.ended') continue;
    if (!ends.has(key)) faults.push(`${key} ended without a start`);
    ends.set(key, (ends.get(key) ?? 0) + 1);
  }
  for (const [key, count] of ends) {
    if (count > 1) faults.push(`${key} ended ${count} times`);
    if (count === 0 && isAtRest) faults.push(`${key} never ended`);
  }
  return faults;
}

/** A cycle's number is given once; the turns around it carry the same. */
function faultsOfCycles(events: readonly Line[], isAtRest: boolean): readonly string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  let open: string | undefined;
  let last = 0;
  for (const event of events) {
    const turn = turnOf(event);
    if (event.type === 'cycle.started') {
      if (open !== undefined) faults.push(`${turn} began within ${open}`);
      if (seen.has(turn)) faults.push(`${turn} began twice`);
      if (event.cycle !== last && event.cycle !== last + 1) faults.push(`${turn} came after cycle ${last}`);
      seen.add(turn);
      open = turn;
      last = event.cycle ?? 0;
    }
    if (event.type !== 'cycle.ended') continue;
    if (turn !== open) faults.push(`${turn} ended while ${open ?? 'nothing'} was open`);
    open = undefined;
  }
  if (isAtRest && open !== undefined) faults.push(`${open} never ended`);
  if (isAtRest && events.findLast(({ type }) => type.startsWith('run.'))?.type !== 'run.ended')
    faults.push('the last run has no end');
  return faults;
}

export function turnOf({ cycle, turn }: Pick<Line, 'cycle' | 'turn'>): string {
  return `turn ${turn} of cycle ${cycle}`;
}

/** Verdicts of a cycle's tasks, and where a ladder stopped: what two cycles over the same folder have in common. */
export function verdictsOf(ended: Line): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (ended.tasks ?? []).map(({ id, verdict, rung }) => [id ?? '', `${verdict} ${rung ?? ''}`.trim()]),
  );
}
