// The values that stand at the ends of a config, each with the words that say what was expected there.

import * as z from 'zod';
import { isDay } from '../day.ts';
import { parseCount, parseDuration, parseShareOrCount, parseSize } from './quantity.ts';

/** What a value was expected to be; the mends in mends.ts go by these words. */
export const EXPECTED = {
  text: 'expected text',
  scalar: 'expected text or a number',
  limit: 'expected a duration such as `90s`, `5m` or `1h30m`, above zero, or `never`',
  span: 'expected a duration such as `10s`, `5m` or `1h30m`',
  rest: 'expected a duration such as `30s`, or `sleep`, `backoff` or `reset`',
  conditions: 'expected a map of conditions such as `cycles: 30`',
  size: 'expected a size such as `512m` or `8g`',
  count: 'expected a whole number from 1 on',
  sizeLimit: 'expected a size such as `512m` or `8g`, above zero, or `never`',
  countLimit: 'expected a whole number from 1 on, or `never`',
  cpus: 'expected a number of CPUs such as `2` or `0.5`, above zero, or `never`',
  wholeNumber: 'expected a whole number from 0 on',
  shareOrCount: 'expected a share such as `1%`, or a whole number',
  confidence: 'expected a number from 0.5 to 0.999999, such as 0.99',
  number: 'expected a number',
  ids: 'expected a list of ids',
  texts: 'expected a list of texts',
  textOrTexts: 'expected text or a list of texts',
  boolean: 'expected `true` or `false`',
  day: 'expected a day such as `2026-12-31`',
  command: 'expected a command: text, or a list of words',
  id: 'expected an id',
  map: 'expected a map',
  codes: 'expected an exit code from 0 to 255, or a list of them',
} as const;

/** Whether a value waits for `{{vars.x}}` and is checked once that is filled in. */
export function isFilledIn(value: unknown): boolean {
  return typeof value === 'string' && value.includes('{{');
}

const pattern = {
  day: String.raw`^\d{4}-\d{2}-\d{2}$|\{\{`,
  limit: String.raw`^((\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?|never)$|\{\{`,
  span: String.raw`^(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$|\{\{`,
};

export const text: z.ZodType<string> = z.string(EXPECTED.text).min(1, EXPECTED.text);

/** Text, or a number that is taken as written. */
export const scalar: z.ZodType<string | number> = z.union([z.string(), z.number()], EXPECTED.scalar);

/** A duration that ends something: zero would end it at once, `never` switches it off. */
export const limit: z.ZodType<string> = z
  .string(EXPECTED.limit)
  .refine((value) => isFilledIn(value) || isLimit(value), EXPECTED.limit)
  .meta({ pattern: pattern.limit });

/** A duration that may be zero and cannot be switched off. */
export const span: z.ZodType<string> = z
  .string(EXPECTED.span)
  .refine((value) => isFilledIn(value) || isSpan(value), EXPECTED.span)
  .meta({ pattern: pattern.span });

/** A day of the calendar. */
export const day: z.ZodType<string> = z
  .string(EXPECTED.day)
  .refine((value) => isFilledIn(value) || isDay(value), EXPECTED.day)
  .meta({ pattern: pattern.day });

/** The pause after a cycle: a duration, or by what rule. */
export const restRule: z.ZodType<string> = z
  .string(EXPECTED.rest)
  .refine((value) => isFilledIn(value) || REST_WORDS.has(value) || isSpan(value), EXPECTED.rest)
  .meta({ pattern: `^(sleep|backoff|reset)$|${pattern.span}` });

export const size: z.ZodType<string | number> = z
  .union([z.string(), z.number()], EXPECTED.size)
  .refine((value) => isFilledIn(value) || (parseSize(value) ?? 0) > 0, EXPECTED.size);

export const jobs: z.ZodType<string | number> = z
  .union([z.string(), z.number()], EXPECTED.count)
  .refine((value) => isFilledIn(value) || (parseCount(value) ?? 0) > 0, EXPECTED.count);

export const wholeNumber: z.ZodType<string | number> = z
  .union([z.string(), z.number()], EXPECTED.wholeNumber)
  .refine((value) => isFilledIn(value) || parseCount(value) !== undefined, EXPECTED.wholeNumber);

/** How many of many: a share of them, or a number. */
export const shareOrCount: z.ZodType<string | number> = z
  .union([z.string(), z.number()], EXPECTED.shareOrCount)
  .refine((value) => isFilledIn(value) || parseShareOrCount(value) !== undefined, EXPECTED.shareOrCount);

export const count: z.ZodType<number> = z
  .number(EXPECTED.count)
  .int(EXPECTED.count)
  .min(1, EXPECTED.count)
  .max(1_000_000_000, EXPECTED.count);

export const number: z.ZodType<number> = z.number(EXPECTED.number);
export const boolean: z.ZodType<boolean> = z.boolean(EXPECTED.boolean);
export const id: z.ZodType<string> = z.string(EXPECTED.id).min(1, EXPECTED.id);
export const ids: z.ZodType<readonly string[]> = z.array(id, EXPECTED.ids);
export const texts: z.ZodType<readonly string[]> = z.array(text, EXPECTED.texts);
export const textOrTexts: z.ZodType<string | readonly string[]> = z.union(
  [text, z.array(text)],
  EXPECTED.textOrTexts,
);

/** One of some words, named in the message. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): z.ZodType<Word> {
  return z.enum(words, `expected ${either(words)}`);
}

/** "`a`, `b` or `c`". */
export function either(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

function isLimit(value: string): boolean {
  const read = parseDuration(value);
  return read === 'never' || (read ?? 0) > 0;
}

const REST_WORDS: ReadonlySet<string> = new Set(['sleep', 'backoff', 'reset']);

function isSpan(value: string): boolean {
  return typeof parseDuration(value) === 'number';
}
