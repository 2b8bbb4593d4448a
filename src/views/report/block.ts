// What a page of the report is made of. All words for people that it holds may come from outside; `plain` makes them harmless,
// and each way of writing escapes them as its own language asks.

import { harmless } from '../sink.ts';
import type { Chart } from './charts.ts';

export type Tone = 'good' | 'soft' | 'bad' | 'calm';

export type Cell = string | { readonly code: string } | { readonly tone: Tone; readonly text: string };

export interface Table {
  readonly kind: 'table';
  /** A name that ends with ` #` heads a column of numbers. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** `7 more`, or ''. */
  readonly more: string;
}

export type Block =
  | Table
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: Cell])[] }
  | { readonly kind: 'strip'; readonly parts: readonly StripPart[] }
  | { readonly kind: 'chart'; readonly chart: Chart }
  /** Text from outside, line by line as it is. */
  | { readonly kind: 'quote'; readonly title: string; readonly text: string }
  | { readonly kind: 'steps'; readonly steps: readonly { what: string; command: string | null }[] };

export interface StripPart {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
}

export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export function text(words: string): Block {
  return { kind: 'text', text: words };
}

export function moreText(count: number): string {
  return count > 0 ? `${count} more` : '';
}

/** `2026-02-10 13:10:00`. */
export function instantText(iso: string): string {
  return iso.slice(0, '2026-02-10T13:10:00'.length).replace('T', ' ');
}

/** Text from outside, in a form that is safe on any page: no terminal sequences, nothing that turns the reading direction. */
export function plain(written: string): string {
  return harmless(written, false).replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
