// Folders of cycles that ended long ago are packed, each into one file, while the run goes on. One that cannot be packed stays a folder.

import { cycleFolder } from '../core/loop/names.ts';
import { TURNS } from '../core/loop/words.ts';
import { cycleOfFolder } from '../core/loop/retention.ts';
import type { Failure } from '../ports.ts';
import { archiveFile, endedAt, type CycleFolders } from './cycle-folders.ts';

/** So many are packed one after another before the clock is looked at again: more than come. */
const MOST_PACKED = 8;

export interface Archive {
  readonly afterMs: number | 'never';
  /** Every file of a folder into one, durable, whole or not at all. */
  readonly pack: (folder: string, file: string, terms: PackTerms) => Promise<Failure | undefined>;
}

export interface PackTerms {
  /** When the cycle ended, epoch milliseconds: what the file says of itself. */
  readonly endedAt: number;
  /** Nobody waits for it any more: it ends, and nothing of it is there. */
  readonly over: AbortSignal;
}

export interface ArchivistPlace extends CycleFolders {
  readonly archive: Archive;
  readonly over: AbortSignal;
  readonly note: (what: string) => void;
  /** Takes a folder away whose archive is there. */
  readonly remove: (folder: string) => void;
}

interface Waiting {
  readonly folder: string;
  readonly cycle: number;
}

export class Archivist {
  readonly #place: ArchivistPlace;
  /** Folders that are no archives yet, oldest first. */
  #waiting: Waiting[] | undefined;
  #work: Promise<void> | undefined;
  #hasFailed = false;

  constructor(place: ArchivistPlace) {
    this.#place = place;
  }

  /** After each turn, with none open: what is packed are older ones, which nobody writes to. `cycle`: the turn's number. */
  between(cycle: number, wall: number): void {
    if (this.#place.archive.afterMs === 'never') return;
    const waiting = (this.#waiting ??= this.#listed());
    this.#add(waiting, cycle);
    if (this.#work !== undefined) return;
    const due = this.#due(waiting, cycle, wall);
    if (due.length === 0) return;
    this.#work = this.#packAll(due).then(() => {
      this.#work = undefined;
    });
  }

  /** Until what it has begun is done, or given up where nobody waits for it; undefined: it has nothing under way. */
  get work(): Promise<void> | undefined {
    return this.#work;
  }

  #listed(): Waiting[] {
    const { disk, cycles } = this.#place;
    return disk
      .list(cycles)
      .flatMap((folder) => {
        const cycle = cycleOfFolder(folder);
        return cycle === undefined ? [] : [{ folder, cycle }];
      })
      .toSorted((one, other) => one.cycle - other.cycle);
  }

  #add(waiting: Waiting[], cycle: number): void {
    const { disk, cycles } = this.#place;
    const known = new Set(waiting.slice(-TURNS.length).map(({ folder }) => folder));
    for (const turn of TURNS) {
      const folder = cycleFolder(cycle, turn);
      if (!known.has(folder) && disk.size(`${cycles}/${folder}/events.jsonl`) !== undefined)
        waiting.push({ folder, cycle });
    }
  }

  /** The newest cycle of all stays a folder: it is what people look into. */
  #due(waiting: Waiting[], cycle: number, wall: number): readonly (Waiting & { readonly at: number })[] {
    const due: (Waiting & { readonly at: number })[] = [];
    for (let head = waiting[0]; head !== undefined && head.cycle < cycle; head = waiting[0]) {
      const at = endedAt({ ...this.#place, archives: undefined }, head.folder);
      if (
        due.length === MOST_PACKED ||
        (at !== undefined && wall - at <= Number(this.#place.archive.afterMs))
      )
        break;
      waiting.shift();
      // One that is gone, or says nothing of itself, is no cycle that could be packed.
      if (at !== undefined) due.push({ ...head, at });
    }
    return due;
  }

  async #packAll(due: readonly (Waiting & { readonly at: number })[]): Promise<void> {
    for (const { folder, at } of due) if (!this.#place.over.aborted) await this.#pack(folder, at);
  }

  async #pack(folder: string, at: number): Promise<void> {
    const { disk, cycles, archive, over, remove } = this.#place;
    const file = archiveFile(this.#place, folder);
    if (file === undefined) return;
    const failure = await archive.pack(`${cycles}/${folder}`, file, { endedAt: at, over });
    // Retention may have been quicker, and then nothing of it stays.
    const isGone = disk.size(`${cycles}/${folder}`) === undefined;
    if (isGone) disk.remove(file);
    else if (!failure) remove(folder);
    else if (!this.#hasFailed && !over.aborted) {
      this.#hasFailed = true;
      const why = `${failure.what} (${failure.failed})`;
      this.#place.note(`the folder ${folder} of an old cycle was not packed: ${why}; others may stay too`);
    }
  }
}
