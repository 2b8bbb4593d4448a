// Writes events where they belong and makes them durable before anything leans on them. Reading is read.ts's.

import type { CycleStarted, Event, Recorded, Turn } from '../core/loop/event.ts';
import { encodeLine, isOfCycle } from '../core/loop/line.ts';
import { cycleFolder } from '../core/loop/names.ts';
import type { Now } from '../core/loop/now.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { markSettled, markUnsettled } from './doubt.ts';
import { History } from './history.ts';
import { LineFile } from './line-file.ts';
import type { LedgerEnd } from './read.ts';

/** Absolute paths. */
export interface LedgerPaths {
  readonly history: string;
  /** The folder that holds one folder a cycle. */
  readonly cycles: string;
  /** Where the checkpoint and the reserve lie; absent: neither is kept. */
  readonly stateDir?: string | undefined;
  /** Of the code that folds: a checkpoint of another build is not believed; absent: none is kept. */
  readonly build?: string | undefined;
}

export interface Recorder {
  /** In the file, though not yet durable, when it returns. */
  append(event: Recorded): Failure | undefined;
  /** Whatever must be durable before `event` is recorded is so when this resolves. */
  before(event: Event): Promise<Failure | undefined>;
  /** Whether a wait has to be preceded by `settle`. */
  readonly isDue: boolean;
  /** Whatever a wait, an exit or an answer to the caller leans on is durable when this resolves. */
  settle(): Promise<Failure | undefined>;
  /** After a write that failed: says so in the ledger, if there is any way. */
  lastWords?(event: Recorded): void;
  close(): void;
}

export interface LedgerWishes {
  /** A segment that has grown to this size is set aside. */
  readonly segmentBytes?: number;
  /** Keeps room for the last record on a disk that runs full. */
  readonly keepsReserve?: boolean;
  /** Told what failed and does no harm. */
  readonly note?: (what: string) => void;
}

/** Events after which the history has to be synced; `run.started` and the like ride along with the next one. */
const DURABLE: ReadonlySet<Event['type']> = new Set([
  'cycle.ended',
  'question.opened',
  'question.closed',
  'run.ended',
  'champion.kept',
  'champion.set-aside',
  'champion.restored',
  'baseline.recorded',
  'baseline.cleared',
]);

/** How often one cycle number may be lost to power cuts before a person has to look. */
const MOST_LOST = 100;
/** A checkpoint is written after so many cycles or so long, whichever comes first, and never more often than this. */
const CHECKPOINT_CYCLES = 1000;
const CHECKPOINT_MS = 30_000;
const CHECKPOINT_AT_MOST_EVERY_MS = 1000;
/** At the end of a run: what the next start would have to read is worth a checkpoint from here on, about 3 ms. */
const WORTH_BYTES = 131_072;
/** Freed when the disk is full, so that the last record gets through. */
const RESERVE_BYTES = 65_536;
/** A space: a file system may keep no room for zeros. */
const RESERVE_BYTE = 32;

export class Ledger implements Recorder {
  readonly #disk: Disk;
  readonly #paths: LedgerPaths;
  readonly #history: History;
  readonly #note: (what: string) => void;
  #cycle: LineFile | undefined;
  #isDue = false;
  /** Every line is durable. */
  #isSettled = true;
  #overlapping: Promise<Failure | undefined> | undefined;
  /** Number of the last line in any file. */
  #seq = 0;
  #cycles = 0;
  #checkpointMono: number | undefined;
  #isCheckpointFailed = false;

  private constructor(disk: Disk, paths: LedgerPaths, history: History, { note }: LedgerWishes) {
    this.#disk = disk;
    this.#paths = paths;
    this.#history = history;
    this.#note = note ?? (() => undefined);
  }

  /** `progress`: a turn that a crash left open is written on with its closing events. */
  static open(
    disk: Disk,
    paths: LedgerPaths,
    { progress, end }: { readonly progress: Progress; readonly end: LedgerEnd },
    wishes: LedgerWishes = {},
  ): Ledger | Failure {
    const history = History.open({ disk, path: paths.history, end, segmentBytes: wishes.segmentBytes });
    if ('failed' in history) return history;
    const unmarked = markUnsettled(disk, paths.history);
    if (unmarked) return unmarked;
    const ledger = new Ledger(disk, paths, history, wishes);
    ledger.#seq = progress.seq;
    if (wishes.keepsReserve === true) ledger.#keepReserve();
    return (progress.open && ledger.#openCycle(progress.open)) ?? ledger;
  }

  append(event: Recorded): Failure | undefined {
    this.#isSettled = false;
    const failure = isOfCycle(event.type) ? this.#appendToCycle(event) : this.#history.append(event);
    if (failure) return failure;
    this.#seq = event.seq;
    if (event.type === 'cycle.started') return this.#cycleStarted(event);
    // At once, because what is skipped or ended on its account is written to another file.
    if (event.type === 'stop.seen' || event.type === 'run.resumed') return this.#history.sync();
    if (event.type === 'cycle.ended') this.#closeCycle();
    if (DURABLE.has(event.type)) this.#isDue = true;
    return undefined;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  async before(event: Event): Promise<Failure | undefined> {
    if (event.type === 'cycle.ended') return (await this.#overlap()) ?? this.#cycle?.sync();
    // It names what was cut off, and a process that was killed may not have synced the lines that say so.
    if (event.type === 'run.resumed') return this.#cycle?.sync();
    // Before its number is given again: a crash in between must not make old events part of the new cycle.
    if (event.type === 'cycle.started') return this.#setLostAside(event) ?? this.#syncDue();
    // A task may only be started by a history that would survive the power going now.
    if (event.type === 'attempt.started') return this.#syncDue();
    return undefined;
  }

  async settle(): Promise<Failure | undefined> {
    const failure = (await this.#overlap()) ?? this.#syncDue();
    this.#isSettled = failure === undefined;
    return failure;
  }

  /** Between two turns: sets a full segment aside and keeps the next start cheap. */
  between(progress: Progress, { mono }: Now): Failure | undefined {
    this.#cycles += 1;
    const failure = this.#history.isFull ? this.#history.setAside(this.#note) : undefined;
    if (failure) return failure;
    const since = mono - (this.#checkpointMono ??= mono);
    const isDue = this.#cycles >= CHECKPOINT_CYCLES || since >= CHECKPOINT_MS;
    if (!isDue || since < CHECKPOINT_AT_MOST_EVERY_MS) return undefined;
    this.#checkpointMono = mono;
    this.#checkpoint(progress);
    return undefined;
  }

  /** Behind the last record: a short run on a small ledger pays nothing. */
  ended(progress: Progress): void {
    if (this.#history.behind >= WORTH_BYTES) this.#checkpoint(progress);
  }

  /** Into the room that was kept free. Not behind a sync that failed: nobody knows what that file holds now. */
  lastWords(event: Recorded): void {
    const reserve = this.#reserve;
    if (reserve !== undefined) this.#disk.remove(reserve);
    // Its number may be taken: what was refused can have been written, and its folder not.
    if (this.#history.mend()) this.#history.append({ ...event, seq: this.#seq + 1 });
  }

  close(): void {
    this.#closeCycle();
    this.#history.close();
    if (this.#isSettled) markSettled(this.#disk, this.#paths.history);
  }

  /** Synced beside the first child's run: nothing leans on it until the cycle's own file is synced. */
  #cycleStarted(event: CycleStarted): Failure | undefined {
    this.#isDue = false;
    this.#overlapping = this.#history.syncLater();
    return this.#openCycle(event);
  }

  #openCycle({ cycle, turn }: { cycle: number; turn: Turn }): Failure | undefined {
    const folder = `${this.#paths.cycles}/${cycleFolder(cycle, turn)}`;
    const failure = this.#disk.makeFolder(folder);
    if (failure) return failure;
    const file = LineFile.open(this.#disk, `${folder}/events.jsonl`);
    if ('failed' in file) return file;
    this.#cycle = file;
    return undefined;
  }

  /** A power cut can lose `cycle.started` and leave the folder: its number is given again, its contents are kept. */
  #setLostAside({ cycle, turn }: CycleStarted): Failure | undefined {
    const folder = `${this.#paths.cycles}/${cycleFolder(cycle, turn)}`;
    if (this.#disk.size(`${folder}/events.jsonl`) === undefined) return undefined;
    for (let copy = 1; copy <= MOST_LOST; copy += 1) {
      const aside = `${folder}.lost-${copy}`;
      if (this.#disk.list(aside).length === 0)
        return this.#disk.rename(folder, aside) ?? this.#disk.syncFolder(this.#paths.cycles);
    }
    return { failed: 'EEXIST', what: `${folder} was lost ${MOST_LOST} times; move its .lost folders away` };
  }

  #appendToCycle(event: Recorded): Failure | undefined {
    if (!this.#cycle) throw new Error(`bug: ${event.type} outside a cycle`);
    return this.#cycle.append(encodeLine(event));
  }

  #checkpoint(progress: Progress): void {
    const at = this.#history.last;
    if (!at || progress.open || progress.seq !== at.seq || this.#isCheckpointFailed) return;
    this.#cycles = 0;
    const failure = writeCheckpoint(this.#disk, this.#paths, { at, progress });
    if (!failure) return this.#history.checkpointed();
    this.#isCheckpointFailed = true;
    this.#note(`the checkpoint was not written: ${failure.what} (${failure.failed})`);
  }

  get #reserve(): string | undefined {
    return this.#paths.stateDir === undefined ? undefined : `${this.#paths.stateDir}/reserve`;
  }

  /** Where there is no room for it, a full disk is met without it. */
  #keepReserve(): void {
    const reserve = this.#reserve;
    if (reserve === undefined || this.#disk.size(reserve) === RESERVE_BYTES) return;
    this.#disk.replace(reserve, new Uint8Array(RESERVE_BYTES).fill(RESERVE_BYTE), false);
  }

  #closeCycle(): void {
    this.#cycle?.close();
    this.#cycle = undefined;
  }

  async #overlap(): Promise<Failure | undefined> {
    const failure = await this.#overlapping;
    this.#overlapping = undefined;
    return failure;
  }

  #syncDue(): Failure | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    return this.#history.sync();
  }
}
