// Secrets out of an event before it is recorded: then no ledger, view or report can hold what the event does not.

import type { Event } from '../core/loop/event.ts';

/** Fields whose texts come from outside; the others hold ids and words of our own, which no value may change. */
const FOREIGN: ReadonlySet<string> = new Set([
  'command',
  'detail',
  'diff',
  'excerpt',
  'failed',
  'flags',
  'goal',
  'labels',
  'reasons',
  'text',
  'what',
  'why',
]);

export function scrubbed<E extends Event>(event: E, redact: (text: string) => string): E {
  return cleaned(event, false, redact);
}

function cleaned<T>(value: T, isForeign: boolean, redact: (text: string) => string): T;
function cleaned(value: unknown, isForeign: boolean, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return isForeign ? redact(value) : value;
  if (Array.isArray(value)) return value.map((one) => cleaned(one, isForeign, redact));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, held]) => [
    key,
    cleaned(held, isForeign || FOREIGN.has(key), redact),
  ]);
  return Object.fromEntries(entries);
}
