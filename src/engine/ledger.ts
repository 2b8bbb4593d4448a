// Writes events where they belong and makes them durable before anything leans on them. Reading is read.ts's.

import type { CycleStarted, Event, Recorded, Turn } from '../core/loop/event.ts';
import { encodeLine, isOfCycle } from '../core/loop/line.ts';
import { cycleFolder } from '../core/loop/names.ts';
import type { Appender, Disk, Failure } from '../ports.ts';
import { writeWhole } from './write-whole.ts';

/** Absolute paths. */
export interface LedgerPaths {
  readonly history: string;
  /** The folder that holds one folder a cycle. */
  readonly cycles: string;
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
  close(): void;
}

/** Events after which the history has to be synced; `run.started` and the like ride along with the next one. */
const DURABLE: ReadonlySet<Event['type']> = new Set([
  'cycle.ended',
  'question.opened',
  'question.closed',
  'run.ended',
]);

/** How often one cycle number may be lost to power cuts before a person has to look. */
const MOST_LOST = 100;

export class Ledger implements Recorder {
  readonly #disk: Disk;
  readonly #paths: LedgerPaths;
  readonly #history: Appender;
  #cycle: Appender | undefined;
  #isDue = false;
  #overlapping: Promise<Failure | undefined> | undefined;

  private constructor(disk: Disk, paths: LedgerPaths, history: Appender) {
    this.#disk = disk;
    this.#paths = paths;
    this.#history = history;
  }

  /** `open`: the cycle that a crash left open, which its closing events are added to. */
  static open(
    disk: Disk,
    paths: LedgerPaths,
    open: { cycle: number; turn: Turn } | undefined,
  ): Ledger | Failure {
    const history = disk.append(paths.history);
    if ('failed' in history) return history;
    const ledger = new Ledger(disk, paths, history);
    return (open && ledger.#openCycle(open)) ?? ledger;
  }

  append(event: Recorded): Failure | undefined {
    const file = isOfCycle(event.type) ? this.#cycle : this.#history;
    if (!file) throw new Error(`bug: ${event.type} outside a cycle`);
    const failure = writeWhole(file, encodeLine(event));
    if (failure) return failure;
    if (event.type === 'cycle.started') return this.#cycleStarted(event);
    // At once, because what is skipped on its account is written to another file.
    if (event.type === 'stop.seen') return this.#history.sync();
    if (event.type === 'cycle.ended') this.#closeCycle();
    if (DURABLE.has(event.type)) this.#isDue = true;
    return undefined;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  async before(event: Event): Promise<Failure | undefined> {
    if (event.type === 'cycle.ended') return (await this.#overlap()) ?? this.#cycle?.sync();
    // Before its number is given again: a crash in between must not make old events part of the new cycle.
    if (event.type === 'cycle.started') return this.#setLostAside(event) ?? this.#syncDue();
    // A task may only be started by a history that would survive the power going now.
    if (event.type === 'attempt.started') return this.#syncDue();
    return undefined;
  }

  async settle(): Promise<Failure | undefined> {
    return (await this.#overlap()) ?? this.#syncDue();
  }

  close(): void {
    this.#closeCycle();
    this.#history.close();
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
    const file = this.#disk.append(`${folder}/events.jsonl`);
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
      if (this.#disk.size(`${aside}/events.jsonl`) === undefined) return this.#disk.rename(folder, aside);
    }
    return { failed: 'EEXIST', what: `${folder} was lost ${MOST_LOST} times; move its .lost folders away` };
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
