// Finds tokens by their shape in a stream of bytes, whatever its chunks. What becomes of them is the sink's.

import { EMPTY, joined } from './bytes.ts';
import { BEHIND_BYTES, SHAPES, tableOf, type Closing, type Shape } from './shapes.ts';

export interface ShapeSink {
  /** Bytes that belong to no token. */
  kept(bytes: Uint8Array, from: number, to: number): unknown;
  /** What is covered next is a token of this name. */
  began(name: string): unknown;
  covered(bytes: Uint8Array, from: number, to: number): unknown;
}

const FOLLOWING = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ANCHOR_BYTES = 4;
/** No shape is certain with less. */
const SHORTEST = 15;
/** Of the pairs of bytes each third is looked at: one of them lies within the first four bytes of whatever begins near it. */
const STRIDE = ANCHOR_BYTES - 1;

interface Tables {
  /** By pair: whether it occurs in the first four bytes of any token. */
  readonly sieve: Uint8Array;
  readonly anchors: ReadonlyMap<number, readonly Shape[]>;
  /** Bytes with which a token may begin, too few of them to be found. */
  readonly beginnings: ReadonlySet<string>;
  readonly beginningBytes: number;
}

let made: Tables | undefined;

/** Made where something is searched: a run whose tasks print nothing starts without. */
function tables(): Tables {
  made ??= tablesOf(SHAPES);
  return made;
}

const MAY_HOLD = new RegExp(
  [
    ...new Set(
      SHAPES.flatMap(({ starts, from = 0 }) => starts.map((start) => start.slice(from, from + ANCHOR_BYTES))),
    ),
  ]
    .map((start) => start.replaceAll('.', '\\.'))
    .join('|'),
);

/** Whether a text that is whole is worth being searched: most are short, or hold nothing of the kind. */
export function mayHoldShape(text: string): boolean {
  return text.length >= SHORTEST && MAY_HOLD.test(text);
}

/** A token that goes by. */
interface Open {
  readonly shape: Shape;
  readonly closing: Closing;
  /** Bytes that belong to it for certain. */
  sure: number;
}

interface Found {
  readonly shape: Shape;
  readonly start: number;
  readonly length: number;
}

/** One may begin inside another: what any of them covers is covered, whichever is found first. */
export class ShapeSearch {
  readonly #sink: ShapeSink;
  #waiting: Uint8Array = EMPTY;
  /** What stood before the waiting bytes, as far as a shape looks back. */
  #behind: Uint8Array = EMPTY;
  /** What goes on at the first of the waiting bytes. */
  #open: Open[] = [];

  constructor(sink: ShapeSink) {
    this.#sink = sink;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    // Most chunks follow upon nothing that waits, and are not copied.
    this.#search(this.#waiting.length === 0 ? chunk : joined([this.#waiting, chunk]), false);
  }

  /** What waits is decided; ready for another stream after it. */
  end(): void {
    this.#search(this.#waiting, true);
    this.#behind = EMPTY;
    this.#open = [];
  }

  #search(bytes: Uint8Array, isEnd: boolean): void {
    if (bytes.length === 0) return;
    const found: Found[] = [];
    let until = isEnd ? bytes.length : beginningAt(bytes);
    for (let anchor = nextAnchor(bytes, 0); anchor < bytes.length; anchor = nextAnchor(bytes, anchor + 1)) {
      const undecided = this.#lookAt(bytes, anchor, found);
      if (undecided === undefined || isEnd) continue;
      until = Math.min(until, undecided);
      break;
    }
    let at = 0;
    for (const one of found.toSorted((a, b) => a.start - b.start)) {
      if (one.start >= until) break;
      at = this.#pass(bytes, at, one.start);
      if (this.#open.length === 0) this.#sink.began(one.shape.name);
      this.#open.push({ shape: one.shape, closing: { dashes: 0, runs: 0, bytes: 0 }, sure: one.length });
    }
    this.#pass(bytes, at, until);
    this.#waiting = bytes.slice(until);
    const near = bytes.subarray(Math.max(0, until - BEHIND_BYTES), until);
    this.#behind = joined([this.#behind, near]).slice(-BEHIND_BYTES);
  }

  /** Adds the tokens that four bytes belong to; where one may begin of which more has to be seen. */
  #lookAt(bytes: Uint8Array, anchor: number, found: Found[]): number | undefined {
    let undecided: number | undefined;
    for (const shape of tables().anchors.get(anchorAt(bytes, anchor)) ?? []) {
      const start = anchor - (shape.from ?? 0);
      const length = start < 0 ? 'none' : shape.look(bytes, start, this.#behind);
      if (length === 'undecided') undecided = Math.min(start, undecided ?? start);
      else if (length !== 'none') found.push({ shape, start, length });
    }
    return undecided;
  }

  /** As much as is open is covered, the rest is kept. */
  #pass(bytes: Uint8Array, from: number, to: number): number {
    if (from >= to) return from;
    let at = from;
    while (at < to && this.#open.length > 0) {
      const byte = bytes[at] ?? 0;
      this.#open = this.#open.filter((open) => goesOn(open, byte));
      if (this.#open.length === 0) break;
      at += 1;
      this.#open = this.#open.filter((open) => !isClosedBy(open, byte));
    }
    if (at > from) this.#sink.covered(bytes, from, at);
    if (at < to) this.#sink.kept(bytes, at, to);
    return to;
  }
}

function goesOn({ shape, sure }: Open, byte: number): boolean {
  return sure > 0 || shape.body[byte] === 1;
}

function isClosedBy(open: Open, byte: number): boolean {
  if (open.sure === 0) return open.shape.closes?.(byte, open.closing) ?? false;
  open.sure -= 1;
  return false;
}

/** The next place at which four bytes may begin a token; the length where there is none. */
function nextAnchor(bytes: Uint8Array, from: number): number {
  const { sieve, anchors } = tables();
  const end = bytes.length - 1;
  for (let at = firstPair(bytes, from, sieve); at < end; at = firstPair(bytes, at + STRIDE, sieve)) {
    // A neighbour belongs to the same four bytes; to ask for it first is cheaper than to look four bytes up.
    if (sieve[pairAt(bytes, at - 1)] === 0 && sieve[pairAt(bytes, at + 1)] === 0) continue;
    const last = Math.min(at, bytes.length - ANCHOR_BYTES);
    for (let start = Math.max(from, at - STRIDE + 1); start <= last; start += 1)
      if (anchors.has(anchorAt(bytes, start))) return start;
  }
  return bytes.length;
}

/** In steps of a stride, the first pair that the sieve holds. Every byte of a log passes here, so four steps are taken at once. */
function firstPair(bytes: Uint8Array, from: number, sieve: Uint8Array): number {
  const end = bytes.length - 1;
  let at = from;
  for (const last = end - 3 * STRIDE; at < last; at += 4 * STRIDE) {
    const found =
      (sieve[pairAt(bytes, at)] ?? 0) |
      (sieve[pairAt(bytes, at + STRIDE)] ?? 0) |
      (sieve[pairAt(bytes, at + 2 * STRIDE)] ?? 0) |
      (sieve[pairAt(bytes, at + 3 * STRIDE)] ?? 0);
    if (found !== 0) break;
  }
  while (at < end && sieve[pairAt(bytes, at)] === 0) at += STRIDE;
  return at;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The first of the last bytes with which a token may begin; the length where there is none. */
function beginningAt(bytes: Uint8Array): number {
  const { beginnings, beginningBytes } = tables();
  for (let at = Math.max(0, bytes.length - beginningBytes); at < bytes.length; at += 1)
    if (beginnings.has(String.fromCharCode(...bytes.subarray(at)))) return at;
  return bytes.length;
}

function anchorAt(bytes: Uint8Array, at: number): number {
  return anchorOf(bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0);
}

function anchorOf(a: number, b: number, c: number, d: number): number {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** Anchors by four bytes; a start of three is followed by any of a word. */
function tablesOf(shapes: readonly Shape[]): Tables {
  const sieve = new Uint8Array(65_536);
  const beginnings = new Set(
    shapes.flatMap(({ starts, from = 0 }) =>
      starts.flatMap((start) => Array.from({ length: from + STRIDE }, (_, at) => start.slice(0, at + 1))),
    ),
  );
  const anchors = new Map<number, Shape[]>();
  const words = Array.from(tableOf(FOLLOWING).entries()).flatMap(([byte, may]) => (may === 1 ? [byte] : []));
  for (const shape of shapes) {
    const { starts, from = 0 } = shape;
    for (const start of starts) {
      const sought = start.slice(from, from + ANCHOR_BYTES);
      const [a = 0, b = 0, c = 0, fourth] = Array.from(sought, (letter) => letter.charCodeAt(0));
      for (const d of fourth === undefined ? words : [fourth]) {
        const known = anchors.get(anchorOf(a, b, c, d));
        if (known?.includes(shape)) continue;
        if (known) known.push(shape);
        else anchors.set(anchorOf(a, b, c, d), [shape]);
        for (const pair of [(a << 8) | b, (b << 8) | c, (c << 8) | d]) sieve[pair] = 1;
      }
    }
  }
  const beginningBytes = Math.max(...[...beginnings].map(({ length }) => length));
  return { sieve, anchors, beginnings, beginningBytes };
}
