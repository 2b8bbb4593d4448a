// What the place that a view writes to can show: colours, and the text of tasks made harmless. It detects nothing itself.

import type { AttemptRef } from '../core/cycle/event.ts';
import type { RungGlance } from '../core/judge/rung.ts';
import type { Sink } from '../ports.ts';

/** What every view of a run may need from the world, handed in by the command line. */
export interface ViewOptions {
  /** Monotonic milliseconds, the clock that the events carry. */
  readonly mono: () => number;
  /** Of the wall clock, for rests that the calendar ends; without it, what has passed is counted. */
  readonly wall?: () => number;
  /** The last bytes of a log, redacted already and bounded by the reader; '' when there is nothing. */
  readonly readTail: (log: string) => string;
  /** How the simulations of a rung that is under way stand; undefined: it is none, or none is known. */
  readonly glance?: (ref: AttemptRef) => RungGlance | undefined;
}

/** A sink's own colours: four meanings and emphasis, nothing when the sink shows none. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly soft: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

export function paintFor(sink: Pick<Sink, 'color'>): Paint {
  const with_ = (code: number, end: number) => (text: string) =>
    sink.color && text !== '' ? `\u001b[${code}m${text}\u001b[${end}m` : text;
  return {
    good: with_(32, 39),
    soft: with_(33, 39),
    bad: with_(31, 39),
    dim: with_(2, 22),
    bold: with_(1, 22),
  };
}

// Escape sequences written as texts, because a control character in a pattern is nearly always a mistake.
const SEQUENCES = new RegExp(
  [
    '\\u001b\\[[0-?]*[ -/]*[@-~]',
    '\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?',
    '\\u001b[PX^_][^\\u001b]*(?:\\u001b\\\\)?',
    '\\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);

/** Text of a task, made harmless for a screen: no cursor moves, no titles, no bells; colours where they can be shown. */
export function harmless(text: string, color: boolean): string {
  const kept = text.replace(SEQUENCES, (found) => (color && isColor(found) ? found : ''));
  const lines = kept.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  return lines.replace(/\p{Cc}/gu, (one) =>
    one === '\n' || one === '\t' || (color && one === ESCAPE) ? one : '',
  );
}

/** The end of a log as the task wrote it: without the first line, which gate-run wrote. */
export function outputOf(tail: string): string {
  return tail.startsWith(HEADER) ? tail.slice(tail.indexOf('\n') + 1) : tail;
}

/** How the header that core/plan/order.ts gives a log begins. */
const HEADER = '# gate-run ';
const ESCAPE = '\u001b';

function isColor(sequence: string): boolean {
  return sequence.startsWith(`${ESCAPE}[`) && /^[\d;]*m$/.test(sequence.slice(2));
}
