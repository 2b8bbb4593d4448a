// The ends of turns, from the newest to the oldest: the last five of a million cost what five cost. It judges nothing;
// a line that is none is passed over, because whoever asks has read the state before.

import type { CycleEnded, Recorded } from '../core/loop/event.ts';
import { decodeLine } from '../core/loop/line.ts';
import type { Disk } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';
import { segmentsOf } from './segments.ts';

const PIECE_BYTES = 262_144;
const NEWLINE = 10;
/** The type stands in the first of them; what only looks like it is found out when the line is read. */
const HEAD_BYTES = 256;

/** Until `see` answers false; whether everything was seen. */
export function readTurnsBack(
  disk: Disk,
  paths: LedgerPaths,
  see: (ended: Recorded<CycleEnded>) => boolean,
): boolean {
  const segments = segmentsOf(disk, paths.history);
  if ('damaged' in segments) return true;
  return segments.toReversed().every(({ file }) => readFileBack(disk, file, see));
}

function readFileBack(disk: Disk, file: string, see: (ended: Recorded<CycleEnded>) => boolean): boolean {
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
      if (!seeLine(joined(piece.subarray(newline + 1, end), kept), see)) return false;
      kept = [];
      end = newline;
      if (newline === 0) break;
    }
    kept.push(piece.subarray(0, end));
    at = from;
  }
  return seeLine(joined(new Uint8Array(), kept), see);
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

function seeLine(line: Uint8Array, see: (ended: Recorded<CycleEnded>) => boolean): boolean {
  if (!decoder.decode(line.subarray(0, HEAD_BYTES)).includes('"type":"cycle.ended"')) return true;
  const event = decodeLine(line);
  return event?.type === 'cycle.ended' ? see(event) : true;
}
