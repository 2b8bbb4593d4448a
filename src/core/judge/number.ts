// Text → number, strictly, and number → text for people. It never guesses: `1,234` and `12abc` are no numbers.

import { cutAt } from '../cut-text.ts';
import type { Reading } from './evidence.ts';

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(?:nan|inf|infinity)$/i;
const SHOWN_LENGTH = 40;

/** Details are verb phrases (`was not found in the output`), so that the caller can put the metric's name before. */
export function numberFrom(written: string, where: string): Reading {
  const text = written.trim();
  if (text === '') return { unread: 'missing', detail: `is empty in ${where}` };
  if (NOT_FINITE.test(text)) return notFinite(text, where);
  if (!PLAIN.test(text)) {
    return {
      unread: 'unreadable',
      detail: `is \`${cutAt(text, SHOWN_LENGTH)}\` in ${where}, which is no plain number`,
    };
  }
  return finite(Number(text), where, text);
}

/** Guards a number that a parser made: 1e999 reads as infinity, and -0 would not survive the ledger. */
export function finite(value: number, where: string, text: string = String(value)): Reading {
  return Number.isFinite(value) ? { value: value + 0 } : notFinite(text, where);
}

/** At most six decimals, or six significant digits where that would show nothing. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = Math.abs(value) >= 1e-4 ? value.toFixed(6) : value.toPrecision(6);
  return String(Number(digits));
}

function notFinite(text: string, where: string): Reading {
  return {
    unread: 'not-finite',
    detail: `is ${cutAt(text, SHOWN_LENGTH)} in ${where}, which is not a finite number`,
  };
}
