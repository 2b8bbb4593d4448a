// A ledger line: one plain JSON object, so that `jq` and `tail -f` work on it, with a checksum as its last field.

import { crc32 } from '../crc32.ts';
import { isMap } from '../is-map.ts';
import type { Event, Recorded } from './event.ts';

const CRC = ',"crc":';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder();

export function encodeLine(event: Recorded): Uint8Array {
  const body = JSON.stringify(event).slice(0, -1);
  return encoder.encode(`${body}${CRC}${crc32(encoder.encode(body))}}\n`);
}

/** One line without its newline; undefined when it is torn, changed, or not ours. */
export function decodeLine(bytes: Uint8Array): Recorded | undefined {
  const text = decoded(bytes);
  const at = text?.lastIndexOf(CRC) ?? -1;
  if (text === undefined || at < 0) return undefined;
  const tail = text.slice(at);
  // The sum is plain ASCII, so that all bytes before it are those that it was taken of.
  const body = bytes.subarray(0, Math.max(0, bytes.length - tail.length));
  if (tail !== `${CRC}${crc32(body)}}`) return undefined;
  const event = parsed(`${text.slice(0, at)}}`);
  return isEvent(event) ? event : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The checksum vouches for every byte, so behind these fields the shape is the one that was written. */
function isEvent(value: unknown): value is Recorded {
  if (!isMap(value)) return false;
  const { seq, type, at, run } = value;
  return Number.isSafeInteger(seq) && [type, at, run].every((field) => typeof field === 'string');
}

/** False: a later gate-run knows more types than this one. */
export function isKnown({ type }: Recorded): boolean {
  return Object.hasOwn(TYPES, type);
}

const TYPES: Readonly<Record<Event['type'], true>> = {
  'run.started': true,
  'run.resumed': true,
  'run.ended': true,
  'stop.seen': true,
  'rest.started': true,
  'rest.ended': true,
  'mark.reached': true,
  'cycle.started': true,
  'cycle.ended': true,
  'question.opened': true,
  'question.closed': true,
  'hook.started': true,
  'hook.stopping': true,
  'hook.ended': true,
  'champion.chosen': true,
  'champion.kept': true,
  'champion.set-aside': true,
  'champion.restored': true,
  'champion.confirmed': true,
  suspended: true,
  noted: true,
  recovered: true,
  'ledger.restored': true,
  'baseline.recorded': true,
  'baseline.cleared': true,
  'storage.failed': true,
  'protect.noting': true,
  'protect.noted': true,
  'protect.asked': true,
  'protect.answered': true,
  'receipts.asked': true,
  'receipts.told': true,
  'task.asked': true,
  'task.answered': true,
  'task.sought': true,
  'task.restored': true,
  'task.missed': true,
  'task.locking': true,
  'task.waiting': true,
  'task.locked': true,
  'attempt.started': true,
  'attempt.quiet': true,
  'attempt.stopping': true,
  'attempt.ended': true,
  'attempt.undoing': true,
  'attempt.undone': true,
  'task.judged': true,
  'task.skipped': true,
};

/** Whether a later gate-run wrote it: then its checksum may be made otherwise, and nothing else about it is believed. */
export function isNewer(bytes: Uint8Array): boolean {
  if (OURS.every((byte, at) => bytes[at] === byte)) return false;
  const start = decoded(bytes.subarray(0, HEAD_BYTES));
  const version = start === undefined ? undefined : /^\{"v":(\d{1,9}),"seq":\d/.exec(start)?.[1];
  if (version === undefined || Number(version) <= VERSION) return false;
  // A flipped bit in an old line must not look like a new one.
  const old = new Uint8Array(bytes);
  old.set(encoder.encode(String(VERSION)), VERSION_AT);
  return version.length > 1 || decodeLine(old) === undefined;
}

/** The checksum that a whole line ends with. */
export function crcOf(line: Uint8Array): number {
  const text = lenient.decode(line.subarray(Math.max(0, line.length - TAIL_BYTES)));
  return Number(/(\d+)\}\s*$/.exec(text)?.[1] ?? Number.NaN);
}

const VERSION = 1;
const VERSION_AT = '{"v":'.length;
/** How nearly every line begins: it need not be looked at any closer. */
const OURS: Uint8Array = encoder.encode(`{"v":${VERSION},`);
const HEAD_BYTES = 32;
/** Ten digits, a brace, a newline, and a character in front of them. */
const TAIL_BYTES = 13;

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `attempt.*`, `task.*` and what is compared inside a turn stand in the cycle's file, everything else in the history. */
export function isOfCycle(type: Event['type']): boolean {
  if (type === 'protect.asked' || type === 'protect.answered') return true;
  if (type === 'receipts.asked' || type === 'receipts.told') return true;
  return type.startsWith('attempt.') || type.startsWith('task.');
}
