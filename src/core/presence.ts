// Whether files that have to be there are, and whether those that must not be there are not. It is told what the disk holds.

export interface Asked {
  /** Paths and globs of which each needs at least one file or folder. */
  readonly exist: readonly string[];
  /** Paths and globs that nothing may match. */
  readonly absent: readonly string[];
  /** What exists has to be changed at or after this moment (wall clock). */
  readonly newerThan: number | undefined;
}

export interface Match {
  readonly path: string;
  readonly changedMs: number;
}

export interface Presence {
  readonly holds: boolean;
  /** One line for each finding; the first word tells its kind. */
  readonly lines: readonly string[];
}

/** File systems stamp changes by a coarse clock that runs up to one tick of the kernel behind. */
const CLOCK_GRAIN_MS = 10;
/** A glob over a whole build folder could match everything in it. */
const SHOWN = 20;

export function presence(asked: Asked, matching: (pattern: string) => readonly Match[]): Presence {
  const exist = asked.exist.map((pattern) => existing(pattern, matching(pattern), asked.newerThan));
  const absent = asked.absent.map((pattern) => missing(pattern, matching(pattern)));
  const found = [...exist, ...absent];
  const present = asked.absent.reduce((sum, pattern) => sum + matching(pattern).length, 0);
  const count = asked.absent.length === 0 ? [] : [`${present} present`];
  return {
    holds: found.every(({ holds }) => holds),
    lines: [...found.flatMap(({ lines }) => lines), ...count],
  };
}

function existing(pattern: string, matches: readonly Match[], newerThan: number | undefined): Presence {
  const newest = matches.toSorted((one, other) => other.changedMs - one.changedMs)[0];
  if (newest === undefined) return { holds: false, lines: [`missing: ${pattern}`] };
  const behindMs = newerThan === undefined ? 0 : newerThan - newest.changedMs;
  if (behindMs <= CLOCK_GRAIN_MS) return { holds: true, lines: [`there: ${named(pattern, newest.path)}`] };
  const seconds = (behindMs / 1000).toFixed(1);
  return {
    holds: false,
    lines: [`stale: ${named(pattern, newest.path)}, last changed ${seconds} s too early`],
  };
}

function missing(pattern: string, matches: readonly Match[]): Presence {
  if (matches.length === 0) return { holds: true, lines: [`absent: ${pattern}`] };
  const shown = matches.slice(0, SHOWN).map(({ path }) => `present: ${named(pattern, path)}`);
  const hidden = matches.length - shown.length;
  return { holds: false, lines: hidden > 0 ? [...shown, `and ${hidden} more of ${pattern}`] : shown };
}

function named(pattern: string, path: string): string {
  return pattern === path ? path : `${path} (${pattern})`;
}
