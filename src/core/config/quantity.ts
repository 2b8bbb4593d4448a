// Durations, sizes and counts as people write them, to numbers and back; strict, so that no typo becomes "unlimited".
// On the path of every run: no imports.

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** Ten years: longer is a typo or means `never`. */
export const MAX_DURATION_MS: number = 3_652 * 86_400_000;
const MAX_COUNT = 1_000_000_000;
const KIBI = 1024;
const SIZE_LETTERS = 'kmgt';
const DURATION = /^(?:(\d{1,12})d)?(?:(\d{1,12})h)?(?:(\d{1,12})m(?!s))?(?:(\d{1,12})s)?(?:(\d{1,15})ms)?$/;

/** Milliseconds of `1h30m`, `250ms`, `0s`; units descending, none twice, no sign, no space. */
export function parseDuration(text: string): number | 'never' | undefined {
  if (text === 'never') return text;
  const total = millisecondsOf(text);
  return total !== undefined && total <= MAX_DURATION_MS ? total : undefined;
}

function millisecondsOf(text: string): number | undefined {
  const match = text === '' ? null : DURATION.exec(text);
  if (match === null) return undefined;
  let total = 0;
  UNITS.forEach(([, size], index) => (total += Number(match[index + 1] ?? 0) * size));
  return total;
}

/** Why a text is none, as the end of a sentence. */
export function durationFault(text: string): string {
  const isTooLong = (millisecondsOf(text) ?? 0) > MAX_DURATION_MS;
  return isTooLong ? `is longer than ten years (${formatDuration(MAX_DURATION_MS)})` : 'is no duration';
}

/** The shortest text that `parseDuration` reads back as the same whole number of milliseconds. */
export function formatDuration(ms: number | 'never'): string {
  if (ms === 'never') return ms;
  let rest = Math.max(0, Math.round(ms));
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text === '' ? '0s' : text;
}

/** Bytes of `8g` (GiB), `512k`, `100` (bytes). */
export function parseSize(written: string | number): number | undefined {
  const match = /^(\d{1,16})([kmgt]?)$/i.exec(String(written));
  if (match === null) return undefined;
  const power = SIZE_LETTERS.indexOf((match[2] ?? '').toLowerCase() || ' ') + 1;
  const bytes = Number(match[1]) * KIBI ** power;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest text that `parseSize` reads back as the same whole number of bytes. */
export function formatSize(bytes: number): string {
  let amount = Math.max(0, Math.round(bytes));
  let power = 0;
  while (amount > 0 && amount % KIBI === 0 && power < SIZE_LETTERS.length) {
    amount /= KIBI;
    power += 1;
  }
  return power === 0 ? String(amount) : `${amount}${SIZE_LETTERS.charAt(power - 1)}`;
}

/** CPUs above zero, with at most two decimals: `2`, `0.5`. */
export function parseCpus(written: string | number): number | undefined {
  const text = String(written);
  const cpus = /^(?:0|[1-9]\d{0,5})(?:\.\d{1,2})?$/.test(text) ? Number(text) : 0;
  return cpus > 0 ? cpus : undefined;
}

/** A whole number from 0 up to a billion; no sign, no leading zero, no exponent. */
export function parseCount(written: string | number): number | undefined {
  const text = String(written);
  if (!/^(?:0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const count = Number(text);
  return count <= MAX_COUNT ? count : undefined;
}

/** `1%` of a number of things, or so many of them. */
export type ShareOrCount = { readonly share: number } | { readonly count: number };

/** A share from `0%` to `100%` with at most six decimals, or a whole number. */
export function parseShareOrCount(written: string | number): ShareOrCount | undefined {
  const count = parseCount(written);
  if (count !== undefined) return { count };
  const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(String(written));
  const share = match === null ? Number.NaN : Number(match[1]) / 100;
  return share <= 1 ? { share } : undefined;
}
