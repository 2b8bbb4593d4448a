// Old cycles are removed between cycles, a few at a time, as folders or as what they were packed into. A folder that will not go is
// noted once, and stays.

import { cycleFolder } from '../core/loop/names.ts';
import { TURNS } from '../core/loop/words.ts';
import { cycleOfFolder, folderOfArchive, toPrune, type KeptCycle } from '../core/loop/retention.ts';
import type { Now } from '../core/loop/now.ts';
import type { KeepPlan } from '../core/plan/plan.ts';
import type { Disk } from '../ports.ts';
import { Archivist, type Archive } from './archivist.ts';
import { archiveFile, endedAt, PRUNED, weigh, type CycleFolders } from './cycle-folders.ts';

/** So many cycles go at most after each one: more than come, so that a lowered limit is reached in time. */
const MOST_PRUNED = 8;
/** So many folders that were there before are weighed after each cycle, as long as all of them together seem to be light. */
const MOST_WEIGHED = 32;
/** And so many where they seem to be heavy: some 50 ms. */
const MOST_WEIGHED_AT_ONCE = 2_000;
/** The golden ratio's part: steps of it fall evenly between those before, however many there are. */
const STEP = (Math.sqrt(5) - 1) / 2;

export interface RetentionPlace {
  readonly disk: Disk;
  /** The folder of the cycles' folders. */
  readonly cycles: string;
  readonly keep: KeepPlan;
  /** The folder of packed cycles; undefined: there are none. */
  readonly archives?: string | undefined;
  /** Packs them; undefined: what is a folder stays one. */
  readonly archive?: Archive | undefined;
  /** Nobody waits any more for what is done beside the run. */
  readonly over: AbortSignal;
  readonly note: (what: string) => void;
  /** When the last turn before this run ended, epoch milliseconds. */
  readonly lastWall?: number | undefined;
}

export class Retention {
  readonly #place: RetentionPlace & CycleFolders;
  readonly #archivist: Archivist | undefined;
  /** Oldest first. */
  #kept: KeptCycle[] | undefined;
  #bytes = 0;
  /** Cycles that were there before and are not weighed yet, the next one last; any part of them is an even sample. */
  #unweighed: number[] = [];
  /** How many of them were. */
  #weighed = 0;
  #hasFailed = false;
  /** Where the time that ages are reckoned by began: on the wall clock, and on the monotonic one. */
  #from: Now | undefined;

  constructor(place: RetentionPlace) {
    const { archives, archive } = place;
    this.#place = { ...place, archives };
    const remove = (folder: string): void => {
      this.#removeFolder(folder);
      this.#reweigh(folder);
    };
    this.#archivist = archive && new Archivist({ ...this.#place, archive, remove });
  }

  /** After each turn, with none open. `cycle`: the turn's number. */
  between(cycle: number, now: Now): void {
    const { keep } = this.#place;
    const wall = this.#trusted(now);
    this.#archivist?.between(cycle, wall);
    if (keep.cycles === 'never' && keep.ageMs === 'never' && keep.sizeBytes === 'never') return;
    const kept = (this.#kept ??= this.#listed());
    this.#add(kept, cycle, wall);
    this.#lookInto(kept, wall);
    const whole = { cycles: kept.length, bytes: this.#bytes };
    const pruned = toPrune(kept.slice(0, MOST_PRUNED), whole, keep, wall);
    kept.splice(0, pruned.length);
    for (const one of pruned) {
      this.#bytes -= one.bytes ?? 0;
      for (const folder of one.folders) this.#remove(folder);
    }
  }

  /** What is done beside the run, as far as something is under way. */
  get work(): Promise<void> | undefined {
    return this.#archivist?.work;
  }

  /** A wall clock that was set ahead makes nothing old: it is believed as far as the last turn and the time since then go. */
  #trusted(now: Now): number {
    const from = (this.#from ??= {
      wall: Math.min(now.wall, this.#place.lastWall ?? now.wall),
      mono: now.mono,
    });
    return Math.min(now.wall, from.wall + now.mono - from.mono);
  }

  /** Once in a run; from then on the list is kept in memory. */
  #listed(): KeptCycle[] {
    const { disk, cycles, archives } = this.#place;
    const folders = new Map<number, string[]>();
    for (const name of archives === undefined ? [] : disk.list(archives)) {
      const folder = folderOfArchive(name);
      const cycle = folder === undefined ? undefined : cycleOfFolder(folder);
      if (folder !== undefined && cycle !== undefined)
        folders.set(cycle, [...(folders.get(cycle) ?? []), folder]);
    }
    for (const name of disk.list(cycles)) {
      if (name.endsWith(PRUNED) && cycleOfFolder(name.slice(0, -PRUNED.length)) !== undefined) {
        this.#removeWhole(name);
        continue;
      }
      const cycle = cycleOfFolder(name);
      if (cycle !== undefined) folders.set(cycle, [...new Set([...(folders.get(cycle) ?? []), name])]);
    }
    const unseen = { endedAt: undefined, bytes: undefined };
    const kept = [...folders]
      .map(([cycle, names]) => ({ cycle, folders: names, ...unseen }))
      .toSorted((one, other) => one.cycle - other.cycle);
    this.#unweighed = spread(kept.map(({ cycle }) => cycle));
    return kept;
  }

  /** The turn that has just ended; the ones around a cycle share its number. */
  #add(kept: KeptCycle[], cycle: number, wall: number): void {
    const { disk, cycles, keep } = this.#place;
    const known = kept.at(-1)?.cycle === cycle ? kept.pop() : undefined;
    const names = new Set(known?.folders);
    for (const turn of TURNS) {
      const name = cycleFolder(cycle, turn);
      if (disk.size(`${cycles}/${name}/events.jsonl`) !== undefined) names.add(name);
    }
    const folders = [...names];
    const bytes = keep.sizeBytes === 'never' ? undefined : this.#weigh(folders);
    this.#bytes += (bytes ?? 0) - (known?.bytes ?? 0);
    kept.push({ cycle, folders, endedAt: wall, bytes });
  }

  /** Of what was there before: ages of the oldest, because only those decide, and weights, some at a time. */
  #lookInto(kept: KeptCycle[], wall: number): void {
    const { keep } = this.#place;
    for (const [at, one] of kept.slice(0, keep.ageMs === 'never' ? 0 : MOST_PRUNED).entries()) {
      const endedAt = one.endedAt ?? this.#endedAt(one.folders);
      // The clock was set back since: it ages from now on, and holds those behind it no longer than itself.
      kept[at] = { ...one, endedAt: endedAt === undefined ? undefined : Math.min(endedAt, wall) };
    }
    if (keep.sizeBytes === 'never') return;
    const before = this.#unweighed.length + this.#weighed;
    this.#weighSome(kept, MOST_WEIGHED);
    // A start of one cycle sees no more than this sample: where it says that the limit may be near, the others are weighed too.
    const seems = (this.#bytes / Math.max(1, this.#weighed)) * before;
    if (seems > keep.sizeBytes / 2) this.#weighSome(kept, MOST_WEIGHED_AT_ONCE);
  }

  #weighSome(kept: KeptCycle[], most: number): void {
    for (let left = most; left > 0; left -= 1) {
      const cycle = this.#unweighed.pop();
      if (cycle === undefined) return;
      const at = placeOf(kept, cycle);
      const one = kept[at];
      if (one === undefined) continue;
      this.#weighed += 1;
      if (one.bytes !== undefined) continue;
      const bytes = this.#weigh(one.folders);
      kept[at] = { ...one, bytes };
      this.#bytes += bytes;
    }
  }

  #weigh(folders: readonly string[]): number {
    return folders.reduce((sum, folder) => sum + weigh(this.#place, folder), 0);
  }

  /** It is an archive now, and lighter. */
  #reweigh(folder: string): void {
    const kept = this.#kept ?? [];
    const at = kept.findIndex(({ folders }) => folders.includes(folder));
    const one = kept[at];
    if (one?.bytes === undefined) return;
    const bytes = this.#weigh(one.folders);
    this.#bytes += bytes - one.bytes;
    kept[at] = { ...one, bytes };
  }

  #endedAt(folders: readonly string[]): number | undefined {
    const times = folders.flatMap((folder) => endedAt(this.#place, folder) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  #remove(folder: string): void {
    this.#removeFolder(folder);
    const archive = archiveFile(this.#place, folder);
    if (archive !== undefined) this.#place.disk.remove(archive);
  }

  /** Out of the way by its name first, so that it is either there whole or not there. */
  #removeFolder(folder: string): void {
    const { disk, cycles } = this.#place;
    const failure = disk.rename(`${cycles}/${folder}`, `${cycles}/${folder}${PRUNED}`);
    if (!failure) this.#removeWhole(`${folder}${PRUNED}`);
    // Somebody else may have been quicker.
    else if (failure.failed !== 'ENOENT') this.#note(folder, failure.failed);
  }

  #removeWhole(folder: string): void {
    const { disk, cycles } = this.#place;
    const failure = disk.removeFolder(`${cycles}/${folder}`);
    if (failure) this.#note(folder, failure.failed);
  }

  #note(folder: string, code: string): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#place.note(
      `the folder ${folder} of an old cycle could not be removed (${code}); others may stay too`,
    );
  }
}

/** In an order of which any part is spread evenly over the whole. */
function spread(cycles: readonly number[]): number[] {
  const at = cycles.map((cycle, nth) => ({ cycle, key: (nth * STEP) % 1 }));
  return at.toSorted((one, other) => one.key - other.key).map(({ cycle }) => cycle);
}

/** Where a cycle stands among those that are kept, oldest first; -1: it is gone. */
function placeOf(kept: readonly KeptCycle[], cycle: number): number {
  let [low, high] = [0, kept.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = kept[middle]?.cycle ?? 0;
    if (found === cycle) return middle;
    if (found < cycle) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
