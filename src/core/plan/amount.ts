// The values that conditions compare with, each in its own unit: counts, durations, shares, tokens, money, plain numbers.

import { parseCount, parseDuration } from '../config/quantity.ts';

export interface Amount {
  /** "`5x` is no …". */
  readonly what: string;
  readonly example: string;
  /** Undefined: no such value. In the unit of the measure: milliseconds, a share of 1, dollars. */
  readonly parse: (text: string) => number | undefined;
  readonly mend: (text: string) => string;
  /** Whether it is zero when a run begins, and never below. */
  readonly startsAtZero: boolean;
  /** Whether it moves by whatever it likes, so that it jumps over any one number. */
  readonly jumps?: true;
  /** More than that there is not. */
  readonly most?: number;
}

export type Unit = 'number' | 'count' | 'duration' | 'share' | 'rate' | 'tokens' | 'money';

/** More than that nobody means. */
const MOST_TOKENS = 1e15;
const MOST_MONEY = 1e9;
const MOST_RATE = 1e9;
const DECIMAL = String.raw`(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?`;
const SIGNED = /^-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?$/;
const THOUSAND = 1000;
const MILLION = 1_000_000;

export const AMOUNTS: Readonly<Record<Unit, Amount>> = {
  number: {
    what: 'number',
    example: '> 400',
    parse: (text) => {
      const value = SIGNED.test(text) ? Number(text) : Number.NaN;
      return Number.isFinite(value) ? value + 0 : undefined;
    },
    mend: () => 'write an operator and a plain number: "> 400", "<= 0.5"',
    startsAtZero: false,
  },
  count: {
    what: 'whole number',
    example: '>= 5',
    parse: parseCount,
    mend: () => 'digits only, up to a billion: no sign, no unit, no leading zero',
    startsAtZero: true,
  },
  duration: {
    what: 'duration',
    example: '10h',
    parse: (text) => {
      const value = parseDuration(text);
      return typeof value === 'number' ? value : undefined;
    },
    mend: (text) =>
      /^\d+$/.test(text) ? `add the unit: \`${text}s\`` : 'write a number with its unit: 90s, 5m, 1h30m, 10h',
    startsAtZero: true,
    jumps: true,
  },
  share: {
    what: 'share',
    example: '> 30%',
    parse: (text) => {
      const value = decimal(text, /^(.*)%$/);
      return value === undefined || value > 100 ? undefined : value / 100;
    },
    mend: (text) => (decimal(text) === undefined ? 'write a share from 0% to 100%' : `write \`${text}%\``),
    startsAtZero: true,
    most: 1,
  },
  rate: {
    what: 'number of cycles in an hour',
    example: '< 2 over 5',
    parse: (text) => atMost(decimal(text), MOST_RATE),
    mend: () => 'write a plain number above zero',
    startsAtZero: true,
    jumps: true,
  },
  tokens: {
    what: 'number of tokens',
    example: '2M',
    parse: (text) => {
      const [, amount = '', letter = ''] = /^(.*?)([kM]?)$/s.exec(text) ?? [];
      const factor = letter === 'M' ? MILLION : letter === 'k' ? THOUSAND : 1;
      const value = decimal(amount);
      return value === undefined ? undefined : atMost(Math.round(value * factor), MOST_TOKENS);
    },
    mend: () => 'write such as 500k or 2M',
    startsAtZero: true,
    jumps: true,
  },
  money: {
    what: 'amount of money',
    example: '5usd',
    parse: (text) => atMost(decimal(text, /^(.*)usd$/), MOST_MONEY),
    mend: (text) => (decimal(text) === undefined ? 'write such as 5usd or 0.50usd' : `write \`${text}usd\``),
    startsAtZero: true,
    jumps: true,
  },
};

function decimal(text: string, shape: RegExp = /^(.*)$/): number | undefined {
  const amount = shape.exec(text)?.[1];
  return amount !== undefined && new RegExp(`^${DECIMAL}$`).test(amount) ? Number(amount) : undefined;
}

function atMost(value: number | undefined, most: number): number | undefined {
  return value !== undefined && value <= most ? value : undefined;
}
