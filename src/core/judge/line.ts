// The lines of JSON in which simulations say their values: `{"seed":7,"edge":381.2}`. Strict: a value is a finite number within its
// bounds, or the simulation has failed and why is said.

import { isMap } from '../is-map.ts';
import type { Reading } from './evidence.ts';
import { parseJson } from './json.ts';
import { finite, numberFrom } from './number.ts';

/** One line, read. */
export interface Line {
  /** Undefined where the line names none, or none that could be a seed. */
  readonly seed: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Undefined where the line is no JSON object. Bare NaN and Infinity are read, so that they can be called what they are. */
export function readLine(line: string): Line | undefined {
  const text = line.trim();
  if (!text.startsWith('{')) return undefined;
  const parsed = parseJson(text, 'the line');
  if ('unread' in parsed || !isMap(parsed.json)) return undefined;
  const { seed } = parsed.json;
  return {
    seed: typeof seed === 'number' && Number.isSafeInteger(seed) ? seed : undefined,
    fields: parsed.json,
  };
}

/** The last line of a text that is a JSON object. */
export function lastLine(text: string): Line | undefined {
  for (let end = text.length; end > 0;) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    const line = readLine(text.slice(start, end));
    if (line !== undefined) return line;
    end = start - 1;
  }
  return undefined;
}

export function fieldOf({ fields }: Line, field: string): Reading {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof value === 'number') return finite(value, 'its line');
  if (typeof value === 'string') return numberFrom(value, 'its line');
  if (value === undefined || value === null) return { unread: 'missing', detail: 'is not in its line' };
  return { unread: 'unreadable', detail: 'is no number in its line' };
}
