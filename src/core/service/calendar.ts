// A crontab expression taken apart, and the same calendar in systemd's words. It knows no time zone and no clock.

/** The values of a field; `any`: it was written with a star in front, which decides how days and weekdays are joined. */
interface Field {
  readonly any: boolean;
  /** All of the range: undefined. */
  readonly values: readonly number[] | undefined;
}

export interface Calendar {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const RANGES = {
  minute: { from: 0, to: 59 },
  hour: { from: 0, to: 23 },
  day: { from: 1, to: 31 },
  month: { from: 1, to: 12, names: MONTHS },
  weekday: { from: 0, to: 7, names: WEEKDAYS },
} as const satisfies Record<string, Range>;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** As people and crontab write it, in its five fields; undefined when cron itself would not take it. */
export function fiveFields(text: string): string | undefined {
  const fields = (NICKNAMES[text.trim().toLowerCase()] ?? text.trim()).split(/\s+/);
  return fields.length === 5 ? fields.join(' ') : undefined;
}

/** Undefined when a field is none that cron takes. */
export function readCalendar(text: string): Calendar | undefined {
  const [minute, hour, day, month, weekday] = (fiveFields(text) ?? '').split(' ');
  const read = {
    minute: fieldOf(minute, RANGES.minute),
    hour: fieldOf(hour, RANGES.hour),
    day: fieldOf(day, RANGES.day),
    month: fieldOf(month, RANGES.month),
    weekday: fieldOf(weekday, RANGES.weekday),
  };
  return isWhole(read) ? read : undefined;
}

/** A stepped star beside a restricted day: one cron fires when both fit, another when either does. */
export function isAmbiguous({ day, weekday }: Calendar): boolean {
  const areBothRestricted = day.values !== undefined && weekday.values !== undefined;
  return areBothRestricted && (day.any || weekday.any);
}

function isWhole(read: { readonly [Key in keyof Calendar]: Field | undefined }): read is Calendar {
  return Object.values(read).every((field) => field !== undefined);
}

function fieldOf(text: string | undefined, range: Range): Field | undefined {
  if (text === undefined || text === '') return undefined;
  const any = text.startsWith('*');
  if (text === '*') return { any, values: undefined };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const found = partOf(part, range);
    if (!found) return undefined;
    for (const value of found) values.add(value);
  }
  return { any, values: [...values].toSorted((a, b) => a - b) };
}

function partOf(part: string, range: Range): readonly number[] | undefined {
  const [, first = '', last, step = '1'] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
  const isStar = first === '*';
  // `5/10` means one thing to one cron and another to the next, so it is none.
  if (isStar ? last !== undefined : part.includes('/') && last === undefined) return undefined;
  const from = isStar ? range.from : valueOf(first, range);
  const to = isStar ? range.to : last === undefined ? from : valueOf(last, range);
  const by = Number(step);
  if (from === undefined || to === undefined || from > to || by < 1) return undefined;
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, at) => from + at * by);
}

function valueOf(text: string, { from, to, names = [] }: Range): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + from : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= from && value <= to ? value : undefined;
}

/** One line for `OnCalendar=`, or two: cron fires when either the day or the weekday fits, systemd when both do. Of none that is ambiguous. */
export function onCalendar(
  { minute, hour, day, month, weekday }: Calendar,
  timezone?: string,
): readonly string[] {
  const zone = timezone === undefined ? '' : ` ${timezone}`;
  const time = `${numbers(hour)}:${numbers(minute)}:00`;
  const date = (days: string) => `*-${numbers(month)}-${days} ${time}${zone}`;
  const named = [...new Set((weekday.values ?? []).map((value) => WEEKDAYS[value % WEEKDAYS.length] ?? ''))];
  const days = named.map((name) => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`).join(',');
  const isEither = !day.any && !weekday.any;
  if (days === '') return [date(numbers(day))];
  return isEither ? [date(numbers(day)), `${days} ${date('*')}`] : [`${days} ${date(numbers(day))}`];
}

function numbers({ values }: Field): string {
  return values === undefined ? '*' : values.map((value) => String(value).padStart(2, '0')).join(',');
}
