// The metrics that gate-run itself understands: `tokens` and `cost` are summed, `retry-at` says when a limit resets.

import type { Reading } from '../judge/evidence.ts';
import { isoTime } from '../time.ts';
import type { Spent } from './event.ts';

export const NOTHING_SPENT: Spent = { sum: 0, told: 0, silent: 0 };

/** From here on a number counts seconds since 1970, and from a thousand times as much milliseconds; below, seconds from now. */
const EPOCH_SECONDS_FROM = 1e9;
const EPOCH_MS_FROM = 1e12;
/** The last instant that ISO 8601 can write with four digits of a year. */
const LAST_MS = 253_402_300_799_999;

/** A reading that could not be made was asked for all the same: that is not nothing. */
export function spentWith(before: Spent, reading: Reading | undefined): Spent {
  if (reading === undefined) return before;
  if (!('value' in reading) || reading.value < 0) return { ...before, silent: before.silent + 1 };
  return { ...before, sum: before.sum + reading.value, told: before.told + 1 };
}

/** ISO 8601; `endedAt` is when the attempt ended, from which a duration counts. */
export function resetTime(reading: Reading | undefined, endedAt: string): string | undefined {
  if (reading === undefined || !('value' in reading) || !(reading.value >= 0)) return undefined;
  const { value } = reading;
  const ended = Date.parse(endedAt);
  const at =
    value >= EPOCH_MS_FROM ? value : value >= EPOCH_SECONDS_FROM ? value * 1000 : ended + value * 1000;
  return isoTime(Math.min(Math.round(at), LAST_MS));
}
