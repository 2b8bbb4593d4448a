// One value of a JSON text, by JSON pointer (RFC 6901). `null` and absent are missing, never zero.

import { isMap } from '../is-map.ts';
import type { Reading, Unread } from './evidence.ts';
import { finite, numberFrom } from './number.ts';

const NOT_FINITE = ['NaN', '-NaN', 'Infinity', '-Infinity'] as const;

export function readJson(at: string, text: string, where: string): Reading {
  const parsed = parseJson(text, where);
  if ('unread' in parsed) return parsed;
  const value = valueAt(parsed.json, at);
  if (value === undefined || value === null) return missingAt(at, where);
  if (typeof value === 'number') return finite(value, where);
  if (typeof value === 'string') return numberFrom(value, where);
  return { unread: 'unreadable', detail: `is ${kindOf(value)} at ${at} in ${where}, not a number` };
}

/** For labels: a text, a number or a boolean as text. */
export function readJsonText(at: string, text: string, where: string): string | Unread {
  const parsed = parseJson(text, where);
  if ('unread' in parsed) return parsed;
  const value = valueAt(parsed.json, at);
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return missingAt(at, where);
}

/** Python and others write NaN and Infinity bare; those are read as texts, so that they are called what they are. */
export function parseJson(text: string, where: string): { readonly json: unknown } | Unread {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (body.trim() === '') return { unread: 'missing', detail: `was not found: ${where} is empty` };
  const strict = parsed(body);
  if (strict !== undefined) return strict;
  const tolerant = /NaN|Infinity/.test(body) ? parsed(quoteNotFinite(body)) : undefined;
  return tolerant ?? { unread: 'unreadable', detail: `could not be read: ${where} is not JSON` };
}

/** Undefined where the pointer leads nowhere. */
export function valueAt(json: unknown, pointer: string): unknown {
  if (pointer === '') return json;
  if (!pointer.startsWith('/')) return undefined;
  let value: unknown = json;
  for (const step of pointer.slice(1).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value))
      value = /^(?:0|[1-9]\d*)$/.test(key) ? (value as readonly unknown[])[Number(key)] : undefined;
    else if (isMap(value) && Object.hasOwn(value, key)) value = value[key];
    else return undefined;
  }
  return value;
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** One pass, step by step: a pattern over whole texts would go back over hostile files, or overflow on long ones. */
function quoteNotFinite(text: string): string {
  let quoted = '';
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const word = notFiniteAt(text, at);
    if (word !== undefined) {
      quoted += `${text.slice(from, at)}"${word}"`;
      at += word.length;
      from = at;
    } else at = text[at] === '"' ? afterText(text, at) : at + 1;
  }
  return quoted + text.slice(from);
}

function notFiniteAt(text: string, at: number): string | undefined {
  const first = text[at];
  if (first !== 'N' && first !== 'I' && first !== '-') return undefined;
  return NOT_FINITE.find((word) => text.startsWith(word, at));
}

/** Behind the closing quote of the text that opens there, or at the end where none closes it. It leaps from quote to quote. */
function afterText(text: string, opening: number): number {
  let closing = text.indexOf('"', opening + 1);
  while (closing >= 0 && isEscaped(text, closing)) closing = text.indexOf('"', closing + 1);
  return closing < 0 ? text.length : closing + 1;
}

/** By an odd number of backslashes; a run of them stands before one quote only, so all are counted once. */
function isEscaped(text: string, at: number): boolean {
  let before = at;
  while (text[before - 1] === '\\') before -= 1;
  return (at - before) % 2 === 1;
}

function missingAt(at: string, where: string): Unread {
  return { unread: 'missing', detail: `was not found at \`${at}\` in ${where}` };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean' ? `\`${value}\`` : 'an object';
}
