// Calendars: when a cron expression fires next in a time zone, and what is wrong with one. The only door to `cron`,
// loaded only where a calendar is written.

import { CronTime } from 'cron';
import { nearest } from '../core/config/nearest.ts';
import type { ScheduleProblem } from '../core/plan/pauses.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** The Gregorian calendar repeats itself, weekdays included, after so long. */
const CALENDAR_MS = 146_097 * DAY_MS;
/** The library looks no further than eight years beyond today, so later times are asked for in an earlier round of the calendar. */
const LATER_FROM_MS: number = Date.UTC(2030, 0, 1);
/** A leap year, so that whatever fires at all fires within the next eight. */
const CHECKED_FROM_MS: number = Date.UTC(2024, 0, 1);
const HOUR_FIELD = 2;

/**
 * From one wall time to the next firing after it, both in milliseconds since 1970. Where clocks go back, an expression for every hour
 * fires in both passes of the hour and any other in the first alone; where they go forward, what the gap swallowed fires once,
 * at its end, unless it is for every hour.
 */
export function nextFireOf(expression: string, timezone: string): (wall: number) => number {
  const calendar = calendarOf(expression);
  const zone = zoneOf(timezone);
  return isHourly(calendar)
    ? (wall) => nextHourly(calendar, zone, wall)
    : (wall) => reached(zone, nextLocal(calendar, furthest(zone, wall)));
}

/** Undefined when the expression will fire. */
export function scheduleProblem(expression: string, timezone: string): ScheduleProblem | undefined {
  if (!isZone(timezone)) {
    const near = nearest(timezone, Intl.supportedValuesOf('timeZone'));
    const message = `unknown time zone \`${timezone}\`${near === undefined ? '' : ` — did you mean \`${near}\`?`}`;
    return { key: 'timezone', message, mend: 'write such as `Europe/Berlin` or `UTC`' };
  }
  try {
    const calendar = calendarOf(expression);
    try {
      nextLocal(calendar, CHECKED_FROM_MS);
      return undefined;
    } catch {
      return { key: 'cron', message: `\`${expression}\` never fires`, mend: 'there is no such day' };
    }
  } catch (error) {
    const why = error instanceof Error ? error.message.toLowerCase() : 'it cannot be read';
    const mend = 'five fields: minute, hour, day, month, weekday, such as "*/30 * * * *"';
    return { key: 'cron', message: `\`${expression}\` is no calendar: ${why}`, mend };
  }
}

/** The machine's. */
export function ownTimezone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** In a zone where no clock is ever changed: what clocks do is reckoned here. */
function calendarOf(expression: string): CronTime {
  return new CronTime(expression, 'UTC');
}

function isHourly(calendar: CronTime): boolean {
  return calendar.toJSON()[HOUR_FIELD] === '*';
}

/** Local times are written as if they were UTC. */
function nextLocal(calendar: CronTime, local: number): number {
  const shift = Math.max(0, Math.floor((local - LATER_FROM_MS) / CALENDAR_MS) + 1) * CALENDAR_MS;
  return calendar.getNextDateFrom(new Date(local - shift), 'UTC').toMillis() + shift;
}

/** By how much local time is ahead of UTC, milliseconds. */
type Zone = (wall: number) => number;

function zoneOf(timezone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
  return (wall) => {
    const name = format.formatToParts(wall).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
      /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(name) ?? [];
    const ahead = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * SECOND_MS;
    return sign === '-' ? -ahead : ahead;
  };
}

function isZone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: timezone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

/** For every hour: time simply goes on, and where clocks change the search begins anew in the new time. */
function nextHourly(calendar: CronTime, zone: Zone, wall: number): number {
  const ahead = zone(wall);
  const at = nextLocal(calendar, wall + ahead) - ahead;
  if (zone(at) === ahead) return at;
  const changed = changeBetween(zone, wall, at);
  return reachedAfter(zone, nextLocal(calendar, changed + zone(changed) - SECOND_MS), changed);
}

function reachedAfter(zone: Zone, local: number, from: number): number {
  const at = local - zone(from);
  return zone(at) === zone(from) ? at : reached(zone, local);
}

/** The latest local time that any clock of the zone has shown by now: after it went back, it shows what it showed before. */
function furthest(zone: Zone, wall: number): number {
  const local = wall + zone(wall);
  if (zone(wall - DAY_MS) <= zone(wall)) return local;
  const changed = changeBetween(zone, wall - DAY_MS, wall);
  return Math.max(local, changed + zone(changed - SECOND_MS) - SECOND_MS);
}

/** The first instant at which local clocks show `local` or have jumped over it. */
function reached(zone: Zone, local: number): number {
  const [before, after] = [zone(local - DAY_MS), zone(local + DAY_MS)];
  const exact = [local - before, local - after].filter((at) => at + zone(at) === local);
  if (exact.length > 0) return Math.min(...exact);
  return changeBetween(zone, local - DAY_MS, local + DAY_MS);
}

/** The instant, to the second, from which on the zone has the offset that it has at `to`. */
function changeBetween(zone: Zone, from: number, to: number): number {
  const after = zone(to);
  let [low, high] = [Math.floor(from / SECOND_MS), Math.ceil(to / SECOND_MS)];
  // Halved until one second is left: two days take eighteen rounds.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone(middle * SECOND_MS) === after) high = middle;
    else low = middle;
  }
  return high * SECOND_MS;
}
