// Days of the calendar in UTC, as `2026-12-31`. Texts of this form sort as their days do, so nothing here needs a clock.

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;
/** `2026-12-31` of an instant in ISO 8601. */
const DAY_LENGTH = 10;

/** Whether there is such a day: `2026-02-30` is none. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text) ?? [];
  return day !== undefined && day !== '00' && Number(day) <= daysIn(Number(year), Number(month));
}

/** The day of an instant, both in UTC. */
export function dayOf(at: string): string {
  return at.slice(0, DAY_LENGTH);
}

/** Whole days from the instant to the end of the day: 0 on the day itself, negative behind it. */
export function daysLeft(day: string, at: string): number {
  return Math.round((Date.parse(day) - Date.parse(dayOf(at))) / DAY_MS);
}

/** `still 5 days`, `the last day`, `over for 1 day`. */
export function leftText(days: number): string {
  if (days === 0) return 'this is the last day';
  const count = `${Math.abs(days)} ${Math.abs(days) === 1 ? 'day' : 'days'}`;
  return days > 0 ? `${count} left` : `over for ${count}`;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  if (month < 1 || month > 12) return 0;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
