// A mistake in a file or a flag, with its place and its mend. It is a value: problems are collected, never thrown.

/** Where a value stands in a config: keys and list indices from the top. */
export type Path = readonly (string | number)[];

export interface Problem {
  /** The file as the person named it, or the flag (`--jobs`); the caller fills in what core does not know. */
  readonly file?: string;
  /** The place by path; drawn under the key or under the value. */
  readonly path?: Path;
  readonly on?: 'key' | 'value';
  /** The place by offsets in the text, where the parser knows better than a path can say. */
  readonly range?: readonly [start: number, end: number];
  /** Of a value that is a language of its own: the value as it was read, and which part of it is meant. */
  readonly part?: { readonly of: string; readonly range: readonly [start: number, end: number] };
  /** What is wrong and what was expected, lower case, no full stop: "unknown key `tymeout` — did you mean `timeout`?". */
  readonly message: string;
  /** What to do, as a sentence part: "quote it: `\">= 80\"`". */
  readonly mend?: string;
}

/** A problem for programs: its place as a line and a column in place of a path or offsets. */
export interface PlacedProblem {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted. */
  readonly path?: string;
  readonly message: string;
  readonly mend?: string;
}

export type Checked<T> =
  | { readonly value: T; readonly problems?: never }
  | { readonly problems: readonly Problem[] };
