// Instants as text; the instant is always given.

/** ISO 8601 in UTC with milliseconds, of milliseconds since 1970. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
