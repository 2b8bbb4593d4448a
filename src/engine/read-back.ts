// The history from the newest line to the oldest: the last five cycles of a million cost what five cost. It judges nothing;
// a line that is none is passed over, because whoever asks has read the state before.

import type { CycleEnded, Event, Recorded } from '../core/loop/event.ts';
import { decodeLine } from '../core/loop/line.ts';
import type { Disk } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';
import { segmentsOf } from './segments.ts';

const PIECE_BYTES = 262_144;
const NEWLINE = 10;
/** The type stands in the first of them, before any text from outside. */
const HEAD_BYTES = 256;

const ENDS: ReadonlySet<Event['type']> = new Set(['cycle.ended']);

/** The ends of turns, until `see` answers false; whether everything was seen. */
export function readTurnsBack(
  disk: Disk,
  paths: LedgerPaths,
  see: (ended: Recorded<CycleEnded>) => boolean,
): boolean {
  return readBack(disk, paths, { types: ENDS, see: (event) => event.type !== 'cycle.ended' || see(event) });
}

export interface LookBack {
  /** Lines of other types are not even decoded. */
  readonly types: ReadonlySet<Event['type']>;
  readonly see: (event: Recorded) => boolean;
}

/** Until `see` answers false; whether everything was seen. */
export function readBack(disk: Disk, paths: LedgerPaths, look: LookBack): boolean {
  const segments = segmentsOf(disk, paths.history);
  if ('damaged' in segments) return true;
  return segments.toReversed().every(({ file }) => readFileBack(disk, file, look));
}

function readFileBack(disk: Disk, file: string, look: LookBack): boolean {
  // The bytes from `at` on were seen; `kept` pieces, newest first, belong to a line that begins before them.
  let kept: Uint8Array[] = [];
  for (let at = disk.size(file) ?? 0; at > 0;) {
    const from = Math.max(0, at - PIECE_BYTES);
    const piece = disk.readFrom(file, from, at - from);
    if (!(piece instanceof Uint8Array) || piece.length === 0) return true;
    let end = piece.length;
    for (
      let newline = piece.lastIndexOf(NEWLINE);
      newline >= 0;
      newline = piece.lastIndexOf(NEWLINE, end - 1)
    ) {
      if (!seeLine(joined(piece.subarray(newline + 1, end), kept), look)) return false;
      kept = [];
      end = newline;
      if (newline === 0) break;
    }
    kept.push(piece.subarray(0, end));
    at = from;
  }
  return seeLine(joined(new Uint8Array(), kept), look);
}

function joined(start: Uint8Array, kept: readonly Uint8Array[]): Uint8Array {
  if (kept.length === 0) return start;
  const parts = [start, ...kept.toReversed()];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const decoder = new TextDecoder();
const TYPE = /"type":"([a-z.]+)"/;

function seeLine(line: Uint8Array, { types, see }: LookBack): boolean {
  const type = TYPE.exec(decoder.decode(line.subarray(0, HEAD_BYTES)))?.[1];
  if (type === undefined || !isAmong(types, type)) return true;
  const event = decodeLine(line);
  return event && types.has(event.type) ? see(event) : true;
}

function isAmong(types: ReadonlySet<string>, type: string): boolean {
  return types.has(type);
}
