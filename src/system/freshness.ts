// Whether a metric file was written by the attempt that is judged. A file that is older is stale, whatever it says.

import { statSync, type BigIntStats } from 'node:fs';

/** Where the kernel stamps files by its tick (4 to 10 ms), two writes inside one tick look alike. */
const TICK_MS = 10;

/** How the files stood directly before the start. */
export interface Before {
  readonly wall: number;
  readonly mono: number;
  readonly written: ReadonlyMap<string, bigint | undefined>;
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
  return { ...now(), written: new Map(paths.map((path) => [path, stat(path)?.mtimeNs])) };
}

/**
 * Undefined when the file is fresh: its time of writing is new and lies within the attempt. Other changes (rights, a link,
 * a move, another inode) do not count, since they happen to old files too.
 */
export function staleness(
  path: string,
  before: Before,
  now: { readonly wall: number; readonly mono: number },
): 'missing' | 'stale' | undefined {
  const found = stat(path);
  if (found === undefined) return 'missing';
  if (found.mtimeNs === before.written.get(path)) return 'stale';
  // A wall clock that was set back while the attempt ran must not make its files old, nor those from before that too young.
  const setBack = Math.max(0, now.mono - before.mono - (now.wall - before.wall));
  const written = Number(found.mtimeMs);
  const earliest = before.wall - setBack - TICK_MS;
  const latest = now.wall + setBack + TICK_MS;
  return written < earliest || written > latest ? 'stale' : undefined;
}

function stat(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
