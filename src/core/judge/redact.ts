// Secrets out of a stream of bytes, whatever its chunks: each byte of each occurrence goes, replaced by `***NAME***`.
// First the values of variables that hold secrets, then what looks like a well-known token.

import { EMPTY, joined } from './bytes.ts';
import { ShapeRedactor } from './shape-redactor.ts';

export interface Secret {
  readonly name: string;
  readonly value: string;
}

export interface Redactor {
  /** Bytes that are certain by now; the last ones wait for the next chunk. */
  push(chunk: Uint8Array): Uint8Array;
  /** What waited. The redactor is ready for another stream after it. */
  end(): Uint8Array;
}

/** A shorter value would be found all over an innocent text, and redacting it would tell what it is. */
export const SECRET_LENGTH_MIN = 6;

const UTF8 = new TextEncoder();

/** `tooShort`: names that match, whose values cannot be redacted. A value of several lines is also sought line by line, each as others write it too. */
export function secretsOf(
  env: Readonly<Record<string, string | undefined>>,
  isSecret: (name: string) => boolean,
): { readonly secrets: readonly Secret[]; readonly tooShort: readonly string[] } {
  const named = new Map<string, string>();
  const tooShort: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || value === '' || !isSecret(name)) continue;
    const parts = [value, value.trim(), ...value.split(/[\r\n]+/).map((line) => line.trim())];
    const long = parts.filter((part) => part.length >= SECRET_LENGTH_MIN);
    if (long.length === 0) tooShort.push(name);
    for (const written of long.flatMap((part) => [part, ...writtenOtherwise(part)]))
      if (!named.has(written)) named.set(written, name);
  }
  return { secrets: Array.from(named, ([value, name]) => ({ name, value })), tooShort };
}

/** As JSON and a shell's quotes hold it, and in one line. */
function writtenOtherwise(value: string): readonly string[] {
  if (!/["'\\\p{Cc}]/u.test(value)) return [];
  return [
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", String.raw`'\''`),
    value.replace(/\p{Cc}+/gu, ' '),
  ];
}

export function makeRedactor(secrets: readonly Secret[]): Redactor {
  return makeLogRedactor(secrets, Infinity);
}

export interface LogRedactor extends Redactor {
  /** Whether tokens were looked for in all of it. */
  readonly isWhole: boolean;
}

/** For a stream that is not to be held up: values are looked for in all of it, tokens in its first bytes alone. */
export function makeLogRedactor(secrets: readonly Secret[], tokensWithin: number): LogRedactor {
  const values = makeValueRedactor(secrets);
  const shapes = new ShapeRedactor();
  let left = tokensWithin;
  const push = (bytes: Uint8Array): Uint8Array => {
    if (left <= 0) return bytes;
    left -= bytes.length;
    return left > 0 ? shapes.push(bytes) : joined([shapes.push(bytes), shapes.end()]);
  };
  return {
    push: (chunk) => push(values.push(chunk)),
    end: () => joined([push(values.end()), left > 0 ? shapes.end() : EMPTY]),
    get isWhole() {
      return left > 0;
    },
  };
}

function makeValueRedactor(secrets: readonly Secret[]): Redactor {
  const long = secrets.filter(({ value }) => value.length >= SECRET_LENGTH_MIN);
  if (long.length === 0) return { push: (chunk) => chunk, end: () => EMPTY };
  const sought = long.map((secret) => soughtOf(secret, long));
  // Longest first, so that a marker bears the name of the whole value and not of a part of it.
  return new Search(sought.toSorted((one, other) => other.bytes.length - one.bytes.length));
}

interface Sought {
  readonly bytes: Uint8Array;
  readonly marker: Uint8Array;
}

function soughtOf(secret: Secret, all: readonly Secret[]): Sought {
  return { bytes: UTF8.encode(secret.value), marker: UTF8.encode(markerOf(secret, all)) };
}

/** A name that holds a secret itself would give it away. */
export function markerOf({ name }: Secret, all: readonly Secret[]): string {
  return all.some(({ value }) => value.length >= SECRET_LENGTH_MIN && name.includes(value))
    ? '***'
    : `***${name}***`;
}

/**
 * Looks at two bytes at a time, at the end of a window as long as the shortest secret: most pairs occur in no secret and let the whole
 * window jump (Wu and Manber). Every start of an occurrence is found, also of one that begins inside another.
 */
class Search implements Redactor {
  readonly #sought: readonly Sought[];
  readonly #window: number;
  readonly #longest: number;
  readonly #jumps: Uint8Array = new Uint8Array(65_536);
  #waiting: Uint8Array = EMPTY;
  /** How many of the waiting bytes belong to an occurrence that is already marked. */
  #covered = 0;

  constructor(sought: readonly Sought[]) {
    this.#sought = sought;
    this.#longest = sought[0]?.bytes.length ?? 0;
    this.#window = Math.min(256, sought.at(-1)?.bytes.length ?? 0);
    this.#jumps.fill(this.#window - 1);
    for (const { bytes } of sought) {
      for (let at = 1; at < this.#window; at += 1) {
        const pair = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
        this.#jumps[pair] = Math.min(this.#jumps[pair] ?? 0, this.#window - 1 - at);
      }
    }
  }

  push(chunk: Uint8Array): Uint8Array {
    const bytes = joined([this.#waiting, chunk]);
    return this.#redact(bytes, this.#beginning(bytes));
  }

  end(): Uint8Array {
    const rest = this.#redact(this.#waiting, this.#waiting.length);
    this.#covered = 0;
    return rest;
  }

  /** The first place from which on some secret may go beyond the end: what stands there waits. Mostly nothing does, and nothing is copied. */
  #beginning(bytes: Uint8Array): number {
    for (let start = Math.max(0, bytes.length - this.#longest + 1); start < bytes.length; start += 1)
      if (this.#sought.some((one) => beginsAt(bytes, start, one.bytes))) return start;
    return bytes.length;
  }

  /** Decides about all starts before `until`; what an occurrence covers beyond it is remembered, not read again. */
  #redact(bytes: Uint8Array, until: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    let covered = this.#covered;
    let kept = Math.min(covered, until);
    for (
      let start = this.#next(bytes, 0, until);
      start < until;
      start = this.#next(bytes, start + 1, until)
    ) {
      const found = this.#sought.find((one) => startsAt(bytes, start, one.bytes));
      if (!found) continue;
      if (start >= covered) pieces.push(bytes.subarray(kept, start), found.marker);
      covered = Math.max(covered, start + found.bytes.length);
      kept = Math.min(covered, until);
    }
    if (kept < until) pieces.push(bytes.subarray(kept, until));
    this.#covered = Math.max(0, covered - until);
    this.#waiting = bytes.slice(until);
    return pieces.length === 1 ? (pieces[0] ?? EMPTY) : joined(pieces);
  }

  /** The next start at which some secret's last pair of the window fits; `until` when there is none. */
  #next(bytes: Uint8Array, from: number, until: number): number {
    const jumps = this.#jumps;
    const last = this.#window - 1;
    // Index arithmetic without checks: every byte of a log passes here.
    const end = Math.min(bytes.length, until + last);
    let at = from + last;
    while (at < end) {
      const jump = jumps[((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0)] ?? 0;
      if (jump === 0) return at - last;
      at += jump;
    }
    return until;
  }
}

function beginsAt(bytes: Uint8Array, start: number, whole: Uint8Array): boolean {
  const there = bytes.length - start;
  if (there >= whole.length) return false;
  for (let at = 0; at < there; at += 1) if (bytes[start + at] !== whole[at]) return false;
  return true;
}

function startsAt(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  if (start + part.length > bytes.length) return false;
  for (let at = 0; at < part.length; at += 1) if (bytes[start + at] !== part[at]) return false;
  return true;
}
