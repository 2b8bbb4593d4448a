// Parts of a log as people may see them: a log that is being written still holds what is covered at its end, and a part may begin or
// end within it.

import { holdsUnshown } from '../core/judge/excerpt.ts';
import { makeRedactor, type Redactor, type Secret } from '../core/judge/redact.ts';
import { withoutSpread } from '../core/judge/redact-text.ts';
import { readEnd, readFrom } from '../system/read-part.ts';
import { LineLimit } from './line-limit.ts';

/** What begins so far before a part reaches into it at most. */
const REACH_BYTES = 20_480;
/** Characters of a line without an end that wait for it, where something in it is not shown. */
const MOST_HELD = 16_384;

/** One log from a place on, piece by piece; what is not decided yet waits. */
export class ShownText {
  readonly #secrets: readonly Secret[];
  readonly #redactor: Redactor;
  readonly #decoder: InstanceType<typeof TextDecoder> = new TextDecoder();
  readonly #limit: LineLimit = new LineLimit();
  /** A line that has begun: what a screen shows nothing of may stand within a value. */
  #torn = '';
  /** As they were read: the last ones, among them all that wait. */
  last: Uint8Array = new Uint8Array(0);

  constructor(secrets: readonly Secret[]) {
    this.#secrets = secrets;
    this.#redactor = makeRedactor(secrets);
  }

  see(bytes: Uint8Array): string {
    this.last = Buffer.concat([this.last, bytes]).subarray(-REACH_BYTES);
    return this.#push(this.#decoder.decode(this.#redactor.push(bytes), { stream: true }));
  }

  /** Nothing more comes. */
  end(): string {
    const rest = this.#torn + this.#decoder.decode(this.#redactor.end());
    this.#torn = '';
    return this.#shown(rest) + this.#limit.end();
  }

  /** What was shown by nobody of it. */
  forget(): void {
    this.#torn = '';
  }

  /** The same place of the same log, looked at anew: what was seen and not shown yet is still to come. */
  takeOver(before: ShownText): void {
    this.#torn = before.#torn;
  }

  #push(text: string): string {
    const all = this.#torn + text;
    const line = all.slice(Math.max(all.lastIndexOf('\n'), all.lastIndexOf('\r')) + 1);
    this.#torn = line.length <= MOST_HELD && holdsUnshown(line) ? line : '';
    return this.#shown(all.slice(0, all.length - this.#torn.length));
  }

  #shown(text: string): string {
    return this.#limit.push(withoutSpread(text, this.#secrets));
  }
}

/** For a text that goes on from `from`: what stands before it is looked at, and shown by nobody. */
export function shownFrom(path: string, from: number, secrets: readonly Secret[]): ShownText {
  const shown = new ShownText(secrets);
  const start = Math.max(0, from - REACH_BYTES);
  const before = start < from ? readFrom(path, start, from - start) : undefined;
  if (before) shown.see(before.bytes);
  shown.forget();
  return shown;
}

/**
 * Where to go on with a log that was read up to `at`: one that was covered since then holds other bytes in the place of some that wait, and
 * those are never shown.
 */
export function goneOn(path: string, { at, shown }: Reading, secrets: readonly Secret[]): Reading {
  const { last } = shown;
  const now = last.length === 0 ? undefined : readFrom(path, at - last.length, last.length)?.bytes;
  if (!now || now.length < last.length) return { at, shown };
  const changed = last.findIndex((byte, index) => byte !== now[index]);
  if (changed < 0) return { at, shown };
  const from = at - last.length + changed;
  const anew = shownFrom(path, from, secrets);
  anew.takeOver(shown);
  return { at: from, shown: anew };
}

/** A log, and how far it was read. */
export interface Reading {
  readonly at: number;
  readonly shown: ShownText;
}

/** The last bytes of a log, marked where it begins before them. */
export function shownEnd(path: string, limit: number, secrets: readonly Secret[]): string {
  const part = readEnd(path, limit + REACH_BYTES);
  if (!part) return '';
  const shown = new ShownText(secrets);
  const skipped = Math.max(0, part.bytes.length - limit);
  shown.see(part.bytes.subarray(0, skipped));
  shown.forget();
  return (skipped > 0 ? '…' : '') + shown.see(part.bytes.subarray(skipped)) + shown.end();
}
