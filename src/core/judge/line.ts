// The lines of JSON in which simulations say their values: `{"seed":7,"edge":381.2}`. Strict: a value is a finite number within its
// bounds, or the simulation has failed and why is said.

import { cutAt } from '../cut-text.ts';
import { isMap } from '../is-map.ts';
import type { MetricPlan } from '../plan/plan.ts';
import type { Reading } from './evidence.ts';
import { parseJson } from './json.ts';
import { finite, numberFrom, numberText } from './number.ts';

/** What became of one simulation. */
export type SeedOutcome =
  | { readonly values: Readonly<Record<string, number>> }
  /** Why, for people. */
  | { readonly failed: string };

/** One line, read. */
export interface Line {
  /** Undefined where the line names none, or none that could be a seed. */
  readonly seed: number | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

const SHOWN_LENGTH = 80;

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

/** The last line of a text, where it began to be a JSON object and was not finished: whoever was cut off there has not answered. */
export function halfLine(text: string): string | undefined {
  const last = text.slice(text.lastIndexOf('\n') + 1);
  return last.trimStart().startsWith('{') && readLine(last) === undefined ? shownLine(last) : undefined;
}

export function fieldOf({ fields }: Line, field: string): Reading {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof value === 'number') return finite(value, 'its line');
  if (typeof value === 'string') return numberFrom(value, 'its line');
  if (value === undefined || value === null) return { unread: 'missing', detail: 'is not in its line' };
  return { unread: 'unreadable', detail: 'is no number in its line' };
}

/** Every metric, or the first one that there is not. */
export function outcomeFrom(
  metrics: readonly MetricPlan[],
  readingOf: (metric: MetricPlan) => Reading,
): SeedOutcome {
  const values: Record<string, number> = {};
  for (const metric of metrics) {
    const { name, bounds } = metric;
    const reading = readingOf(metric);
    if ('unread' in reading) {
      const isNamed = reading.detail.startsWith('metric ');
      return { failed: isNamed ? reading.detail : `\`${name}\` ${reading.detail}` };
    }
    const { value } = reading;
    if (bounds && (value < bounds[0] || value > bounds[1])) {
      return {
        failed: `\`${name}\` is ${numberText(value)}, outside its bounds ${bounds[0]} to ${bounds[1]}`,
      };
    }
    values[name] = value;
  }
  return { values };
}

/** What a line says about the simulation that it is of. */
export function outcomeOfLine(line: Line, metrics: readonly MetricPlan[]): SeedOutcome {
  return outcomeFrom(metrics, ({ name }) => fieldOf(line, name));
}

/** A line for people, on one line and cut. */
export function shownLine(line: string): string {
  const text = line.replace(/\p{Cc}+/gu, ' ').trim();
  return `\`${cutAt(text, SHOWN_LENGTH)}\``;
}
