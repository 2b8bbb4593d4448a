// Whether a metric file was written by the attempt that is judged. A file that is older is stale, whatever it says.

import { statSync, type BigIntStats } from 'node:fs';

/** Where the kernel stamps files by its tick (4 to 10 ms), two writes inside one tick look alike. */
const TICK_MS = 10;

/** How the files stood directly before the start. */
export interface Before {
  readonly wall: number;
  readonly mono: number;
  readonly stamps: ReadonlyMap<string, string | undefined>;
}

/**
 * Looks at the files before the start. One that was written within the last tick is waited out, at most 10 ms: else the
 * attempt's own write could carry the same time, and fresh could not be told from stale.
 */
export function lookBefore(paths: readonly string[], now: () => { wall: number; mono: number }): Before {
  const young = paths.some((path) => {
    const age = now().wall - Number(stat(path)?.mtimeMs ?? 0n);
    return age >= 0 && age <= TICK_MS;
  });
  if (young) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TICK_MS);
  return { ...now(), stamps: new Map(paths.map((path) => [path, stampOf(stat(path))])) };
}

/** Undefined when the file is fresh. */
export function staleness(
  path: string,
  before: Before,
  now: { readonly wall: number; readonly mono: number },
): 'missing' | 'stale' | undefined {
  const found = stat(path);
  if (found === undefined) return 'missing';
  if (stampOf(found) === before.stamps.get(path)) return 'stale';
  // A wall clock that was set back while the attempt ran must not make its files old; one copied with its old time is.
  const setBack = Math.min(0, now.wall - before.wall - (now.mono - before.mono));
  return Number(found.mtimeMs) < before.wall + setBack - TICK_MS ? 'stale' : undefined;
}

function stampOf(found: BigIntStats | undefined): string | undefined {
  return found === undefined ? undefined : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}

function stat(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
