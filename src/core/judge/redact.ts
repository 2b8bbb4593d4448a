// Secrets out of a stream of bytes, whatever its chunks: each byte of each occurrence goes, replaced by `***NAME***`.
// It knows values only; which variables are secret is a matter of `secretsOf`.

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
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
const EMPTY: Uint8Array = new Uint8Array(0);

/** `tooShort`: names that match, whose values cannot be redacted. A value of several lines is also sought line by line. */
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
    for (const part of long) if (!named.has(part)) named.set(part, name);
  }
  return { secrets: Array.from(named, ([value, name]) => ({ name, value })), tooShort };
}

/** For texts that are whole: events, questions, lines on a screen. */
export function redactText(text: string, secrets: readonly Secret[]): string {
  if (!secrets.some(({ value }) => value.length >= SECRET_LENGTH_MIN && text.includes(value))) return text;
  const redactor = makeRedactor(secrets);
  return DECODER.decode(joined([redactor.push(UTF8.encode(text)), redactor.end()]));
}

export function makeRedactor(secrets: readonly Secret[]): Redactor {
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

/** A name that holds a secret itself would give it away. */
function soughtOf({ name, value }: Secret, all: readonly Secret[]): Sought {
  const isSafe = !all.some((other) => name.includes(other.value));
  return { bytes: UTF8.encode(value), marker: UTF8.encode(isSafe ? `***${name}***` : '***') };
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
    return this.#redact(bytes, Math.max(0, bytes.length - this.#longest + 1));
  }

  end(): Uint8Array {
    const rest = this.#redact(this.#waiting, this.#waiting.length);
    this.#covered = 0;
    return rest;
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

function startsAt(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  if (start + part.length > bytes.length) return false;
  for (let at = 0; at < part.length; at += 1) if (bytes[start + at] !== part[at]) return false;
  return true;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const filled = pieces.filter((piece) => piece.length > 0);
  if (filled.length === 1) return filled[0] ?? EMPTY;
  const whole = new Uint8Array(filled.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of filled) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
