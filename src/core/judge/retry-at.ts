// When a limit resets, as tools write it: a number, an instant with its zone, or a duration; made into one number.
// What that number counts from is said in core/loop/meanings.ts.

import { cutAt } from '../cut-text.ts';
import { parseDuration } from '../config/quantity.ts';
import type { Reading } from './evidence.ts';
import { numberFrom } from './number.ts';

/** The metric with this meaning. It is there only while there is a limit, so a task without one is none the worse. */
export const RETRY_AT = 'retry-at';

const SECOND_MS = 1000;
/** Without a zone it would be another instant on another machine. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s?([Zz]|[+-]\d{2}:?\d{2})$/;
const FORMS = 'write seconds, an instant with its zone (2026-11-21T10:00:00Z) or a duration (1h30m)';
const SHOWN_LENGTH = 40;

/** Seconds since 1970 for an instant, seconds from now for a duration; a number stays as it is. */
export function readRetryAt(written: string, where: string): Reading {
  const text = written.trim();
  const duration = text === 'never' ? undefined : parseDuration(text);
  if (typeof duration === 'number' && text !== '') return { value: duration / SECOND_MS };
  const [, day, time, zone = ''] = INSTANT.exec(text) ?? [];
  if (day !== undefined) return instantOf(`${day}T${time}${zoneOf(zone)}`, text, where);
  const number = numberFrom(text, where);
  if ('value' in number || number.unread !== 'unreadable') return number;
  return unreadable(text, where);
}

function instantOf(iso: string, text: string, where: string): Reading {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? unreadable(text, where) : { value: at / SECOND_MS };
}

function zoneOf(zone: string): string {
  return zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
}

function unreadable(text: string, where: string): Reading {
  const shown = cutAt(text, SHOWN_LENGTH);
  return { unread: 'unreadable', detail: `is \`${shown}\` in ${where}, which is no time: ${FORMS}` };
}
