// An instant as a person at this machine reads it: local time with its zone, and the exact instant behind it.

const SECONDS_BELOW_MS = 600_000;

/** `14:10:03 CET (2026-02-10T13:10:03.000Z)`; with the date when it is another day than `from`, seconds when it is soon. */
export function localText(until: string, from: string, zone?: string): string {
  const end = partsOf(until, zone);
  const start = partsOf(from, zone);
  const date = end.date === start.date ? '' : `${end.date} `;
  const isSoon = Date.parse(until) - Date.parse(from) < SECONDS_BELOW_MS;
  const time = isSoon ? end.time : end.time.slice(0, -':00'.length);
  return `${date}${time} ${end.zone} (${until})`;
}

interface LocalParts {
  readonly date: string;
  readonly time: string;
  readonly zone: string;
}

function partsOf(iso: string, timeZone: string | undefined): LocalParts {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone !== undefined && { timeZone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  const parts = new Map<string, string>(
    format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]),
  );
  const of = (type: string) => parts.get(type) ?? '';
  return {
    date: `${of('year')}-${of('month')}-${of('day')}`,
    time: `${of('hour')}:${of('minute')}:${of('second')}`,
    zone: of('timeZoneName'),
  };
}
