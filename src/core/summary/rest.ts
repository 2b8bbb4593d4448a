// A rest under way, for people and monitors: what it waits for, until when. How it came about is in core/loop/rest.ts.

import type { RestCause } from '../loop/event.ts';

/** Waiting for a limit is nobody's choice; any other rest is. */
export type RestState = 'resting' | 'waiting';

export function restState(cause: RestCause): RestState {
  return cause === 'limit' ? 'waiting' : 'resting';
}

export function restWord(cause: RestCause): string {
  return cause === 'limit' ? 'waiting for a limit' : 'resting';
}

/** `waiting for a limit until 10:00 UTC: cycle 12 met a limit`. */
export function restText(rest: {
  readonly cause: RestCause;
  readonly why: string;
  /** ISO 8601, both. */
  readonly startedAt: string;
  readonly until: string;
}): string {
  return `${restWord(rest.cause)} until ${untilText(rest.until, rest.startedAt)}: ${rest.why}`;
}

/** In a rest longer than this nobody asks for the second. */
const SECONDS_BELOW_MS = 600_000;
const DATE_LENGTH = '2026-02-10'.length;

/** `10:00 UTC`; with the date when `from` is another day, with seconds when it is soon. */
function untilText(until: string, from: string): string {
  const isSoon = Date.parse(until) - Date.parse(from) < SECONDS_BELOW_MS;
  const time = until.slice(DATE_LENGTH + 1, DATE_LENGTH + (isSoon ? 9 : 6));
  const date = until.slice(0, DATE_LENGTH);
  return from.startsWith(date) ? `${time} UTC` : `${date} ${time} UTC`;
}
