// Whether the kernel killed for want of memory while an attempt ran, by its own counter. All attempts share the counter: what it
// does not prove about one of them is not told.

import { openSync, readSync } from 'node:fs';
import { foldersOf, mountOf, treesHere } from './cgroup-tree.ts';
import { memoryLimitAt } from './memory-limit.ts';

/** Begun directly before an attempt is started. */
export interface OomWatch {
  begin(): OomLook;
  /** How much memory may be had where the kills are counted; undefined: unknown. */
  limitBytes(): number | undefined;
}

/**
 * Called once, as soon as nothing of the attempt runs. `wasKilled`: by a SIGKILL that gate-run did not send; `counted`: by a counter of its
 * own. How many kills were its own.
 */
export type OomLook = (wasKilled: boolean, counted?: number) => number;

export interface OomCounter {
  /** A number that only grows; NaN where it cannot be read. */
  read(): number;
  /** Whether others than gate-run and its tasks may move it. */
  readonly isShared: boolean;
  /** Whether it counts what counters of single attempts count. Absent: it does not. */
  readonly countsBelow?: boolean;
  /** Where it is read; absent: nowhere. */
  readonly file?: string;
}

export function watchOom(counter: OomCounter = kernelCounter()): OomWatch {
  let underWay = 0;
  let begun = 0;
  /** Kills that some attempt has accounted for. */
  let told = 0;
  return {
    limitBytes: () => (counter.file === undefined ? undefined : memoryLimitAt(counter.file)),
    begin: () => {
      const before = counter.read() - told;
      const beganAlone = underWay === 0;
      const number = (begun += 1);
      underWay += 1;
      return (wasKilled, counted) => {
        underWay -= 1;
        if (counted !== undefined) {
          if (counter.countsBelow === true) told += counted;
          return counted;
        }
        const kills = counter.read() - told - before;
        // A shell may hide that a child was killed; then only who was alone all the time can have been meant.
        const isOnlyOne = beganAlone && begun === number && !counter.isShared;
        if (!(kills > 0)) return 0;
        const own = isOnlyOne ? kills : wasKilled ? 1 : 0;
        told += own;
        return own;
      };
    },
  };
}

interface Place {
  readonly file: string;
  readonly isShared: boolean;
  readonly countsBelow?: true;
}

const WHOLE_MACHINE: Place = { file: '/proc/vmstat', isShared: true, countsBelow: true };

/** The counter of the memory cgroup that this process and so its tasks are in, else of the machine; else it never moves. */
function kernelCounter(): OomCounter {
  const { cgroup, mounts } = treesHere();
  for (const { file, ...place } of counterPlaces(cgroup, mounts)) {
    const read = reader(file);
    if (read !== undefined && !Number.isNaN(read())) return { read, file, ...place };
  }
  return { read: () => Number.NaN, isShared: true };
}

/** Where the counter may be, the nearest place first. A start waits for it, so nothing is looked at that cannot be it. */
export function counterPlaces(cgroup: string, mountinfo: string): readonly Place[] {
  const entries = cgroup.split('\n').map((line) => line.split(':'));
  // Where memory has a tree of its own, the unified one does not count it.
  const old = entries.find(([, controllers]) => controllers?.split(',').includes('memory'));
  const path = (old ?? entries.find(([, controllers]) => controllers === ''))?.slice(2).join(':');
  const isIt = old ? isOfMemory : (line: string) => line.includes(' - cgroup2 ');
  const mount = mountinfo.split('\n').find(isIt);
  const folders = mount === undefined || path === undefined ? [] : foldersOf(mountOf(mount), path);
  const places = old
    ? folders.slice(0, 1).map((folder) => ({ file: `${folder}/memory.oom_control`, isShared: false }))
    : folders.map((folder, up) => ({
        file: `${folder}/memory.events`,
        isShared: up > 0,
        countsBelow: true as const,
      }));
  return [...places, WHOLE_MACHINE];
}

function isOfMemory(line: string): boolean {
  return (
    line.includes(' - cgroup ') &&
    line
      .slice(line.lastIndexOf(' ') + 1)
      .split(',')
      .includes('memory')
  );
}

/** Longer than any of these files. */
const MOST_BYTES = 65_536;
const LINE = /^oom_kill (\d+)\n/m;

/** Opened once: to read it again takes a few microseconds. */
function reader(file: string): (() => number) | undefined {
  const bytes = Buffer.alloc(4096);
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  return () => {
    let text = '';
    try {
      while (text.length < MOST_BYTES) {
        const taken = readSync(fd, bytes, 0, bytes.length, text.length);
        text += bytes.toString('latin1', 0, taken);
        const found = LINE.exec(text)?.[1];
        if (found !== undefined) return Number(found);
        if (taken === 0) break;
      }
    } catch {
      // Of a cgroup that was removed nothing can be read any more.
    }
    return Number.NaN;
  };
}
