// The time that decisions are given. Core never asks for it.

/** `wall` is for schedules and labels, `mono` for every limit; both in milliseconds. */
export interface Now {
  readonly wall: number;
  readonly mono: number;
}
