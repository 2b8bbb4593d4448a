// Medians and quartiles of samples and of ratios that were paired round by round. It reads no clock.

export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), lower: quantile(sorted, 0.25), upper: quantile(sorted, 0.75) };
}

/** Rounds count only where both ran; a shared machine slows both sides of a round alike. */
export function pairedRatios(
  values: readonly (number | undefined)[],
  floors: readonly (number | undefined)[],
): readonly number[] {
  return values.flatMap((value, round) => {
    const floor = floors[round];
    return value === undefined || floor === undefined ? [] : [value / floor];
  });
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
