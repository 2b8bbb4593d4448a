// Every line of every segment and of every cycle's file, looked at once more. Nothing is changed, cut or kept.

import { decodeCheckpoint, isSameFold, type Checkpoint } from '../core/loop/checkpoint.ts';
import type { Recorded, Turn } from '../core/loop/event.ts';
import { EMPTY, evolve } from '../core/loop/evolve.ts';
import { cycleFolder } from '../core/loop/names.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import { checkpointFile, isThere } from './checkpoint.ts';
import type { LedgerPaths } from './ledger.ts';
import { tornInside, walkLines, type Damage, type DamageKind, type Torn } from './lines.ts';
import { eventsFile } from './read.ts';
import { segmentsOf, type Segment } from './segments.ts';

/**
 * A checkpoint that is not believed costs a slower start; one that is believed and lies is damage. `orphaned`: it is of this
 * build, and the line that it stands on is gone.
 */
export type CheckpointFound = 'none' | 'honest' | 'not believed' | 'orphaned' | 'lies';

export interface Verified {
  readonly segments: number;
  readonly lines: number;
  readonly cycles: number;
  /** Turns whose folder is gone, as it may be. */
  readonly pruned: number;
  readonly checkpoint: CheckpointFound;
  /** Ends that a crash, or a run under way, has left unfinished: the next start keeps them aside. */
  readonly torn: readonly Torn[];
  readonly damages: readonly Damage[];
}

/** How often it begins anew because the ledger moved on under its eyes. */
const MOST_LOOKS = 3;

export function verify(disk: Disk, paths: LedgerPaths): Verified | Failure {
  for (let look = 1; ; look += 1) {
    const segments = segmentsOf(disk, paths.history);
    if ('damaged' in segments) return { ...NOTHING, damages: [segments] };
    const found = new Inspection(disk, paths, segments).done();
    if ('failed' in found || look === MOST_LOOKS) return found;
    const now = segmentsOf(disk, paths.history);
    if ('damaged' in now || now.length === segments.length) return found;
  }
}

const NOTHING: Verified = {
  segments: 0,
  lines: 0,
  cycles: 0,
  pruned: 0,
  checkpoint: 'none',
  torn: [],
  damages: [],
};

interface Place {
  readonly file: string;
  readonly offset: number;
}

class Inspection {
  readonly #disk: Disk;
  readonly #paths: LedgerPaths;
  readonly #segments: readonly Segment[];
  readonly #damages: Damage[] = [];
  readonly #torn: Torn[] = [];
  #failure: Failure | undefined;
  #progress: Progress = EMPTY;
  #turn: { readonly event: Recorded; readonly place: Place }[] = [];
  #seq = 0;
  #lines = 0;
  #cycles = 0;
  #pruned = 0;
  #checkpoint: CheckpointFound = 'none';
  #wanted: Checkpoint | undefined;

  constructor(disk: Disk, paths: LedgerPaths, segments: readonly Segment[]) {
    this.#disk = disk;
    this.#paths = paths;
    this.#segments = segments;
  }

  done(): Verified | Failure {
    this.#openCheckpoint();
    for (const segment of this.#segments) if (!this.#segment(segment)) break;
    if (this.#damages.length === 0 && this.#turn.length > 0) this.#checkTurn(true);
    return (
      this.#failure ?? {
        segments: this.#segments.length,
        lines: this.#lines,
        cycles: this.#cycles,
        pruned: this.#pruned,
        checkpoint: this.#checkpoint,
        torn: this.#torn,
        damages: this.#damages,
      }
    );
  }

  /** Whether the next segment can be read on from it. */
  #segment({ number, file }: Segment): boolean {
    const walked = walkLines(this.#disk, file, 0, ({ event, offset }) => this.#see(event, { file, offset }));
    if ('failed' in walked) this.#failure ??= walked;
    else if ('damaged' in walked) this.#damages.push(walked);
    else if (walked.torn && number < this.#segments.length)
      this.#damages.push(tornInside(this.#disk, walked.torn));
    else if (walked.torn) this.#torn.push(walked.torn);
    return 'end' in walked && (walked.torn === undefined || number === this.#segments.length);
  }

  #see(event: Recorded, place: Place): DamageKind | undefined {
    if (this.#seq === 0 && event.seq !== 1) return 'start';
    if (event.seq <= this.#seq) return 'order';
    // Inside a turn the lines between stand in the file of that turn.
    if (this.#turn.length === 0 && event.seq !== this.#seq + 1) return 'gap';
    this.#seq = event.seq;
    this.#lines += 1;
    this.#progress = evolve(this.#progress, event);
    if (event.type === 'cycle.started' || this.#turn.length > 0) this.#turn.push({ event, place });
    if (event.type === 'cycle.ended') {
      this.#checkTurn(false);
      this.#turn = [];
    }
    this.#compare(event.seq);
    return undefined;
  }

  /** History and file of a turn fill its numbers together, each once. */
  #checkTurn(isOpen: boolean): void {
    const [started] = this.#turn;
    if (started?.event.type !== 'cycle.started') return;
    if (!isOpen) this.#cycles += 1;
    const file = eventsFile(this.#paths, started.event);
    const inside: number[] = [];
    const offsets = new Map<number, number>();
    const walked = walkLines(this.#disk, file, 0, ({ event, offset }) => {
      if (event.seq <= (inside.at(-1) ?? started.event.seq)) return 'order';
      if (!isOpen && event.seq > this.#seq) return 'order';
      // A folder of the same number that another run left: its lines may be whole, and tell of something else.
      if (event.run !== started.event.run) return 'order';
      inside.push(event.seq);
      offsets.set(event.seq, offset);
      return undefined;
    });
    this.#lines += inside.length;
    if ('failed' in walked) this.#failure ??= walked;
    else if ('damaged' in walked) this.#damages.push(walked);
    else if (walked.torn && isOpen) this.#torn.push(walked.torn);
    else if (walked.torn)
      this.#damages.push({
        damaged: file,
        line: inside.length + 1,
        offset: walked.torn.goodBytes,
        why: 'bad',
      });
    else if (this.#isPruned(file, started.event)) this.#pruned += isOpen ? 0 : 1;
    else this.#fill(file, inside, offsets);
  }

  /** Whole or gone: a folder that is there keeps its file of events. */
  #isPruned(file: string, { cycle, turn }: { cycle: number; turn: Turn }): boolean {
    if (this.#disk.size(file) !== undefined) return false;
    return this.#disk.list(`${this.#paths.cycles}/${cycleFolder(cycle, turn)}`).length === 0;
  }

  #fill(file: string, inside: readonly number[], offsets: ReadonlyMap<number, number>): void {
    const own = new Set(this.#turn.map(({ event }) => event.seq));
    const first = this.#turn[0]?.event.seq ?? 0;
    // What a power cut took was never leaned on: the start that closed the turn has recorded that it came.
    const resumed = this.#turn.findLast(({ event }) => event.type === 'run.resumed')?.event.seq ?? 0;
    let line = 0;
    for (let seq = first; seq <= this.#seq; seq += 1) {
      const isInside = offsets.has(seq);
      if (isInside) line += 1;
      const why = isInside && own.has(seq) ? 'order' : !isInside && !own.has(seq) ? 'gap' : undefined;
      if (why === undefined || (why === 'gap' && seq < resumed)) continue;
      const next = inside.find((one) => one >= seq);
      const offset = next === undefined ? (this.#disk.size(file) ?? 0) : (offsets.get(next) ?? 0);
      this.#damages.push({ damaged: file, line: why === 'gap' ? line + 1 : line, offset, why });
      return;
    }
  }

  #openCheckpoint(): void {
    const file = checkpointFile(this.#paths);
    const { build } = this.#paths;
    const bytes = file === undefined ? undefined : this.#disk.read(file);
    if (bytes === undefined) return;
    this.#checkpoint = 'not believed';
    if (!(bytes instanceof Uint8Array) || build === undefined) return;
    const checkpoint = decodeCheckpoint(new TextDecoder().decode(bytes), build);
    if (!checkpoint) return;
    this.#checkpoint = 'orphaned';
    if (!isThere(this.#disk, this.#segments, checkpoint.at)) return;
    this.#checkpoint = 'lies';
    this.#wanted = checkpoint;
  }

  /** Believed: then it has to be what the lines up to it make. */
  #compare(seq: number): void {
    if (this.#wanted?.at.seq !== seq || this.#turn.length > 0) return;
    this.#checkpoint = isSameFold(this.#wanted.progress, this.#progress) ? 'honest' : 'lies';
  }
}
