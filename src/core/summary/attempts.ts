// What became of each attempt of a turn, from the events of its cycle: the facts that its verdicts were judged from.

import type { StopCause } from '../judge/evidence.ts';
import { endWord } from '../judge/outcome.ts';
import type { Recorded } from '../loop/event.ts';
import type { Writes } from '../writes/event.ts';
import { unreachable } from '../unreachable.ts';

export interface AttemptRecord {
  readonly task: string;
  readonly rung: number | null;
  readonly attempt: number;
  readonly startedAt: string;
  /** `exit 1`, `signal SIGKILL`, `not started: not-found`; null: it has no end in the ledger. */
  readonly end: string | null;
  readonly durationMs: number | null;
  /** As a person would type it; null: unknown. */
  readonly command: string | null;
  /** Of output. */
  readonly bytes: number | null;
  /** Why gate-run made it end; null: it did not. */
  readonly stopped: StopCause | null;
  /** The longest time without output, activity and CPU time that was recorded; 0: none. */
  readonly quietMs: number;
  /** Out-of-memory kills that the kernel counted. */
  readonly oomKills: number;
  /** Processes that it left behind, and that were ended. */
  readonly leftBehind: number;
  /** The most memory that it was seen to hold; null: nobody looked. */
  readonly peakBytes: number | null;
  /** Of CPU time, up to the last look, or of all simulations of a rung; null: unknown. */
  readonly cpuMs: number | null;
  /** What it changed of the tree, where `writes` caps that; null elsewhere. */
  readonly writes: Writes | null;
  /** How many paths were put back as they were before; null: nothing had to be. */
  readonly putBack: number | null;
  /** Whether there is more about its end in a file beside its log. */
  readonly hasForensics: boolean;
  /** The line of output that best says what went wrong. */
  readonly excerpt: string | null;
}

/** In the order in which they were started. */
export function attemptsOf(events: readonly Recorded[]): readonly AttemptRecord[] {
  const attempts = new Map<string, AttemptRecord>();
  for (const event of events) {
    if (!('attempt' in event)) continue;
    const { task, rung = null, attempt, at: startedAt } = event;
    const key = `${task} ${rung} ${attempt}`;
    const known = attempts.get(key) ?? { task, rung, attempt, startedAt, ...UNKNOWN };
    attempts.set(key, { ...known, ...changeOf(event, known) });
  }
  return [...attempts.values()];
}

const UNKNOWN = {
  end: null,
  durationMs: null,
  command: null,
  bytes: null,
  stopped: null,
  quietMs: 0,
  oomKills: 0,
  leftBehind: 0,
  peakBytes: null,
  cpuMs: null,
  writes: null,
  putBack: null,
  hasForensics: false,
  excerpt: null,
} as const;

function changeOf(
  event: Extract<Recorded, { attempt: number }>,
  known: AttemptRecord,
): Partial<AttemptRecord> {
  switch (event.type) {
    case 'attempt.quiet':
      return { quietMs: Math.max(known.quietMs, event.quietMs) };
    case 'attempt.stopping':
      // KILL after TERM is the same wish.
      return { stopped: known.stopped ?? event.cause };
    case 'attempt.ended':
      return {
        end: endWord(event.end),
        durationMs: event.durationMs,
        command: event.command ?? null,
        bytes: event.bytes,
        oomKills: event.oomKills ?? 0,
        leftBehind: event.leftBehind ?? 0,
        peakBytes: event.peakBytes ?? null,
        cpuMs: event.cpuMs ?? null,
        writes: event.writes ?? null,
        hasForensics: event.forensics ?? false,
        excerpt: event.excerpt ?? null,
      };
    case 'attempt.undone':
      return { putBack: event.files };
    case 'attempt.started':
    case 'attempt.undoing':
      return {};
    default:
      return unreachable(event);
  }
}
