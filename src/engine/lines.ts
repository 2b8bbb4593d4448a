// The lines of one file, in bounded pieces and in order. What they mean is not asked here, and nothing is mended.

import type { Recorded } from '../core/loop/event.ts';
import { decodeLine, isKnown, isNewer } from '../core/loop/line.ts';
import type { Disk, Failure } from '../ports.ts';

/** A whole line with its place. */
export interface Line {
  readonly event: Recorded;
  /** Without its newline. */
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** What a crash leaves at the end of a file: bytes that are no line. */
export interface Torn {
  readonly file: string;
  readonly goodBytes: number;
  /** Of the tail. */
  readonly bytes: number;
}

/** Something that no crash does. Nothing is cut, and nothing may be started on it. */
export interface Damage {
  readonly damaged: string;
  /** From 1. */
  readonly line: number;
  readonly offset: number;
  readonly why: DamageKind;
}

/**
 * `bad`: no line, with good ones behind it. `order`: a whole line in the wrong place. `gap`: lines before it are gone.
 * `start`: the beginning of the ledger is gone. `missing`: a whole segment is. `newer`: written by a later gate-run. `restoring`: no
 * line at all, but the mark of a restoring that was cut off.
 */
export type DamageKind = 'bad' | 'order' | 'gap' | 'start' | 'missing' | 'newer' | 'restoring';

export interface Walked {
  /** Bytes up to the end of the last whole line. */
  readonly end: number;
  readonly torn: Torn | undefined;
}

const PIECE_BYTES = 1_048_576;
/** No line of ours is longer: a cycle of 10,000 tasks makes about 10 MB. */
const LONGEST_LINE_BYTES = 134_217_728;
const NEWLINE = 10;

/** From `offset`, which is the start of a line; `see` may refuse a line. A file that is not there has none. */
export function walkLines(
  disk: Disk,
  file: string,
  offset: number,
  see: (line: Line) => DamageKind | undefined,
): Walked | Damage | Failure {
  let why: DamageKind | undefined;
  const walked = eachLine(disk, file, offset, (bytes, at) => {
    const event = isNewer(bytes) ? 'newer' : (decodeLine(bytes) ?? 'bad');
    if (typeof event === 'string') why = event;
    else why = isKnown(event) ? see({ event, bytes, offset: at }) : 'newer';
    return why === undefined;
  });
  if ('failed' in walked) return walked;
  const { end, rest } = walked;
  if (why === undefined && rest <= LONGEST_LINE_BYTES) return { end, torn: tornAt(file, end, rest) };
  return spoilt(disk, { file, offset: end, rest, why: why ?? 'bad' });
}

interface Spoilt {
  readonly file: string;
  readonly offset: number;
  readonly rest: number;
  readonly why: DamageKind;
}

/** A crash tears the last line and no other: a whole one behind a bad one, good or not, proves that something else happened. */
function spoilt(disk: Disk, { file, offset, rest, why }: Spoilt): Walked | Damage | Failure {
  const damage = { damaged: file, offset, why };
  if (why !== 'bad' || rest > LONGEST_LINE_BYTES) return { ...damage, line: lineAt(disk, file, offset) };
  let lines = 0;
  const walked = eachLine(disk, file, offset, () => {
    lines += 1;
    return lines < 2;
  });
  if ('failed' in walked) return walked;
  if (lines > 1) return { ...damage, line: lineAt(disk, file, offset) };
  return { end: offset, torn: tornAt(file, offset, walked.end + walked.rest - offset) };
}

function tornAt(file: string, goodBytes: number, bytes: number): Torn | undefined {
  return bytes > 0 ? { file, goodBytes, bytes } : undefined;
}

interface Ended {
  /** Where the line begins that was refused, or that has no newline yet. */
  readonly end: number;
  /** Bytes behind it that were looked at. */
  readonly rest: number;
}

/** Bytes up to each newline, whatever they are, until `see` has had enough. */
function eachLine(
  disk: Disk,
  file: string,
  offset: number,
  see: (bytes: Uint8Array, offset: number) => boolean,
): Ended | Failure {
  for (let at = offset, size = PIECE_BYTES; ;) {
    const piece = disk.readFrom(file, at, size);
    if (piece === undefined) return { end: 0, rest: 0 };
    if ('failed' in piece) return piece;
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
      if (!see(piece.subarray(start, end), at + start)) return { end: at + start, rest: end + 1 - start };
      start = end + 1;
    }
    const rest = piece.length - start;
    if (piece.length < size || rest > LONGEST_LINE_BYTES) return { end: at + start, rest };
    size = start === 0 ? size * 2 : PIECE_BYTES;
    at += start;
  }
}

/** A segment was set aside with its last line whole: one that is torn now was spoilt by no crash. */
export function tornInside(disk: Disk, { file, goodBytes }: Torn): Damage {
  return { damaged: file, line: lineAt(disk, file, goodBytes), offset: goodBytes, why: 'bad' };
}

/** Counted only where people have to be told. */
function lineAt(disk: Disk, file: string, offset: number): number {
  let line = 1;
  eachLine(disk, file, 0, (_, at) => {
    if (at < offset) line += 1;
    return at < offset;
  });
  return line;
}
