// A ledger line: one plain JSON object, so that `jq` and `tail -f` work on it, with a checksum as its last field.

import { crc32 } from '../crc32.ts';
import type { Event, Recorded } from './event.ts';

const MARK = ',"crc":';
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encodeLine(event: Recorded): Uint8Array {
  const body = JSON.stringify(event).slice(0, -1);
  return encoder.encode(`${body}${MARK}${crc32(encoder.encode(body))}}\n`);
}

/** One line without its newline; undefined when it is torn, changed, or not ours. */
export function decodeLine(bytes: Uint8Array): Recorded | undefined {
  const text = decoded(bytes);
  const at = text?.lastIndexOf(MARK) ?? -1;
  if (text === undefined || at < 0) return undefined;
  const body = text.slice(0, at);
  if (text.slice(at) !== `${MARK}${crc32(encoder.encode(body))}}`) return undefined;
  // The checksum vouches for every byte, so the shape is the one that was written.
  const event: Recorded = JSON.parse(`${body}}`);
  return event;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** `attempt.*` and `task.*` stand in the cycle's file, everything else in the history. */
export function isOfCycle(type: Event['type']): boolean {
  return type.startsWith('attempt.') || type.startsWith('task.');
}
