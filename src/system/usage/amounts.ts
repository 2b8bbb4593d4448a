// What the counts of /proc come to in bytes and milliseconds.

import { readFileSync } from 'node:fs';
import type { ProcessFacts } from '../proc.ts';

/** Linux tells processor time to every program in hundredths of a second, whatever the kernel counts in. See proc(5), sysconf(3). */
const TICK_MS = 10;
/** AT_PAGESZ of getauxval(3). */
const PAGE_SIZE_KEY = 6n;
const USUAL_PAGE_BYTES = 4096;
const WORD_BYTES = 8;

/** Resident; a page that processes share counts for each of them. */
export function memoryBytesOf({ pages }: Pick<ProcessFacts, 'pages'>): number {
  return pages * (pageBytes ??= pageSize());
}

/** Of the process, and of the children that it has waited for. */
export function cpuMsOf({ ticks }: Pick<ProcessFacts, 'ticks'>): number {
  return ticks * TICK_MS;
}

let pageBytes: number | undefined;

/** The kernel tells every program when it starts it: pairs of key and value. */
function pageSize(): number {
  try {
    const pairs = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 2 * WORD_BYTES <= pairs.length; at += 2 * WORD_BYTES)
      if (pairs.readBigUInt64LE(at) === PAGE_SIZE_KEY) return Number(pairs.readBigUInt64LE(at + WORD_BYTES));
  } catch {
    // No /proc, or not for us.
  }
  return USUAL_PAGE_BYTES;
}
