// Secrets out of an event before it is recorded: then no ledger, view or report can hold what the event does not.

import type { Event } from '../core/loop/event.ts';

/** Fields whose texts come from outside; the others hold ids and words of our own, which no value may change. */
const FOREIGN: ReadonlySet<string> = new Set([
  'after',
  'before',
  'command',
  'detail',
  'diff',
  'excerpt',
  'failed',
  'flags',
  'folder',
  'goal',
  'labels',
  'lock',
  'locks',
  'path',
  'reasons',
  'refused',
  'rule',
  'text',
  'unheld',
  'unmet',
  'weak',
  'what',
  'who',
  'why',
]);

/** By these, files that may only grow are found again; a path in them is what it is. */
const FOUND_BY = 'grown';

export function scrubbed<E extends Event>(event: E, redact: (text: string) => string): E {
  return cleaned(event, false, redact);
}

function cleaned<T>(value: T, isForeign: boolean, redact: (text: string) => string): T;
function cleaned(value: unknown, isForeign: boolean, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return isForeign ? redact(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return same(
      value,
      value.map((one) => cleaned(one, isForeign, redact)),
    );
  // Most events hold nothing that has to go, and are not copied.
  let changed: Record<string, unknown> | undefined;
  for (const [key, held] of Object.entries(value)) {
    if (key === FOUND_BY) continue;
    const clean: unknown = cleaned(held, isForeign || FOREIGN.has(key), redact);
    if (clean !== held) changed = { ...(changed ?? value), [key]: clean };
  }
  return changed ?? value;
}

function same(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((one, at) => one === before[at]) ? before : after;
}
