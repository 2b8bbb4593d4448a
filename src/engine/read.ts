// The ledger read back: the same fold over the same events, from the last checkpoint that holds. It repairs nothing;
// a torn tail is only reported.

import type { LastLine } from '../core/loop/checkpoint.ts';
import type { Recorded, Turn } from '../core/loop/event.ts';
import { EMPTY, evolve } from '../core/loop/evolve.ts';
import { crcOf } from '../core/loop/line.ts';
import { cycleFolder } from '../core/loop/names.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import { readCheckpoint } from './checkpoint.ts';
import type { LedgerPaths } from './ledger.ts';
import { tornInside, walkLines, type Damage, type DamageKind, type Line, type Torn } from './lines.ts';
import { segmentsOf, type Segment } from './segments.ts';
import { Sequence } from './sequence.ts';

export type { Damage, Torn } from './lines.ts';

export interface LedgerState {
  readonly progress: Progress;
  /** Files whose last line was cut off by a crash, with the size up to which they are good. */
  readonly torn: readonly Torn[];
  readonly end: LedgerEnd;
  /** The line that a checkpoint knew and the ledger does not hold, by its number. */
  readonly missing: number | undefined;
}

/** Where the history stops, for whoever writes on. */
export interface LedgerEnd {
  /** Number of the newest segment. */
  readonly segment: number;
  /** Good bytes in it. */
  readonly bytes: number;
  /** The last line of all; undefined: there is none. */
  readonly last: LastLine | undefined;
  /** Bytes that had to be read and folded, behind the checkpoint. */
  readonly behind: number;
}

/** How often a reader begins anew because a segment was set aside under its eyes. */
const MOST_LOOKS = 3;

export function readState(disk: Disk, paths: LedgerPaths): LedgerState | Damage | Failure {
  for (let look = 1; ; look += 1) {
    const segments = segmentsOf(disk, paths.history);
    if ('damaged' in segments) return segments;
    const state = readSegments(disk, paths, segments);
    // A newest segment that is empty may have come while the others were read, and theirs is one more then.
    const isSure = 'failed' in state || ('progress' in state && state.end.bytes > 0);
    if (isSure || look === MOST_LOOKS) return state;
    const now = segmentsOf(disk, paths.history);
    if ('damaged' in now || now.length === segments.length) return state;
  }
}

function readSegments(
  disk: Disk,
  paths: LedgerPaths,
  segments: readonly Segment[],
): LedgerState | Damage | Failure {
  const found = readCheckpoint(disk, paths, segments);
  const checkpoint = found && 'progress' in found ? found : undefined;
  const missing = found && 'orphaned' in found ? found.orphaned.seq : undefined;
  const fold = new HistoryFold(checkpoint?.progress);
  const from = checkpoint?.at ?? { segment: 1, offset: 0, bytes: 0 };
  let end: LedgerEnd = { segment: 1, bytes: 0, last: checkpoint?.at, behind: 0 };
  let torn: Torn | undefined;
  for (const { number, file } of segments) {
    if (number < from.segment) continue;
    const offset = number === from.segment ? from.offset + from.bytes : 0;
    let last: Line | undefined;
    const walked = walkLines(disk, file, offset, (line) => {
      last = line;
      return fold.see(line.event, number > 1 && line.offset === 0);
    });
    if (!('end' in walked)) return walked;
    if (walked.torn && number < segments.length) return tornInside(disk, walked.torn);
    ({ torn } = walked);
    const bytes = walked.end;
    end = {
      segment: number,
      bytes,
      last: last ? lastLineOf(number, last) : end.last,
      behind: end.behind + Math.max(0, bytes - offset),
    };
  }
  const state = fold.finish(disk, paths);
  if (!('progress' in state)) return state;
  const cut = [torn, state.torn].filter((one) => one !== undefined);
  return { progress: state.progress, torn: cut, end, missing };
}

export function lastLineOf(segment: number, { event, bytes, offset }: Line): LastLine {
  return { segment, offset, bytes: bytes.length + 1, seq: event.seq, crc: crcOf(bytes) };
}

/** Holds back what belongs to a turn until it is known whether that turn has its end. */
class HistoryFold {
  readonly #sequence: Sequence;
  #progress: Progress;
  #turn: Recorded[] = [];

  constructor(progress: Progress = EMPTY) {
    this.#progress = progress;
    this.#sequence = new Sequence(progress.seq);
  }

  see(event: Recorded, opensSegment: boolean): DamageKind | undefined {
    const wrong = this.#sequence.see(event, opensSegment);
    if (wrong !== undefined) return wrong;
    if (event.type !== 'cycle.started' && this.#turn.length === 0) {
      this.#progress = evolve(this.#progress, event);
      return undefined;
    }
    this.#turn.push(event);
    if (event.type === 'cycle.ended') this.#release();
    return undefined;
  }

  /** The turn under way has a file of its own; both share one sequence. */
  finish(disk: Disk, paths: LedgerPaths): { progress: Progress; torn: Torn | undefined } | Damage | Failure {
    const [started] = this.#turn;
    if (started?.type !== 'cycle.started') return { progress: this.#progress, torn: undefined };
    const cycle = readLines(disk, eventsFile(paths, started));
    if (!('events' in cycle)) return cycle;
    this.#turn = [...this.#turn, ...cycle.events].toSorted((one, other) => one.seq - other.seq);
    this.#release();
    return { progress: this.#progress, torn: cycle.torn };
  }

  #release(): void {
    for (const event of this.#turn) this.#progress = evolve(this.#progress, event);
    this.#turn = [];
  }
}

export function eventsFile(paths: LedgerPaths, { cycle, turn }: { cycle: number; turn: Turn }): string {
  return `${paths.cycles}/${cycleFolder(cycle, turn)}/events.jsonl`;
}

interface Lines {
  readonly events: readonly Recorded[];
  readonly torn: Torn | undefined;
}

/** Every line of one file, in order; absent means none. */
export function readLines(disk: Disk, file: string): Lines | Damage | Failure {
  const events: Recorded[] = [];
  const walked = walkLines(disk, file, 0, ({ event }) => {
    if (event.seq <= (events.at(-1)?.seq ?? 0)) return 'order';
    events.push(event);
    return undefined;
  });
  return 'end' in walked ? { events, torn: walked.torn } : walked;
}
