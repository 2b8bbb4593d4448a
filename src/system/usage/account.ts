// One attempt's own account: out of who its processes are now and who they were at the look before.

import { basename } from 'node:path';
import { MOST_LARGEST, type ProcessLook, type UsageLook } from '../../core/usage/series.ts';
import { textOf } from '../proc.ts';
import { cpuMsOf, memoryBytesOf } from './amounts.ts';
import type { Member } from './roll.ts';

/** Of a command line, so many words are looked at for a script. */
const MOST_WORDS = 8;

export class Account {
  readonly #isSteady: boolean;
  #before: ReadonlyMap<number, Member> = new Map();
  /** Of processes that are gone and whose time nobody of the attempt has taken over. */
  #goneTicks = 0;
  #ticks = 0;
  #peakBytes = 0;

  constructor(isSteady: boolean) {
    this.#isSteady = isSteady;
  }

  look(members: readonly Member[], atMs: number): UsageLook {
    const now = new Map(members.map((one) => [one.pid, one]));
    for (const one of this.#before.values())
      // Whoever waits for a child takes its time over.
      if (!now.has(one.pid) && !now.has(one.parent)) this.#goneTicks += one.ticks;
    this.#before = now;
    const living = members.filter(({ state }) => state !== 'Z' && state !== 'X');
    const sum = members.reduce((ticks, one) => ticks + one.ticks, this.#goneTicks);
    // A dead child that is not waited for yet is nobody's for a moment.
    this.#ticks = Math.max(this.#ticks, sum);
    const memoryBytes = living.reduce((bytes, one) => bytes + memoryBytesOf(one), 0);
    this.#peakBytes = Math.max(this.#peakBytes, memoryBytes);
    return {
      atMs: Math.round(atMs),
      memoryBytes,
      processes: living.length,
      ...(this.#isSteady && { cpuMs: cpuMsOf({ ticks: this.#ticks }) }),
      peakBytes: this.#peakBytes,
      largest: largestOf(living),
    };
  }
}

function largestOf(living: readonly Member[]): readonly ProcessLook[] {
  return living
    .toSorted((one, other) => other.pages - one.pages)
    .slice(0, MOST_LARGEST)
    .map((one) => ({ pid: one.pid, parent: one.parent, name: nameOf(one), memoryBytes: memoryBytesOf(one) }));
}

/** What Node calls the first thread of every process of its own. */
const NAMES_OF_NOBODY: ReadonlySet<string> = new Set(['MainThread', 'node-MainThread']);
const SCRIPT = /\.(?:[cm]?[jt]s|py|rb|pl|php|lua|jar|sh)$/;

/** The program, and the script that it runs. Other arguments are not told: who knows what they hold. */
function nameOf({ pid, name }: Member): string {
  const words = (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0', MOST_WORDS).map((word) => basename(word));
  const program = NAMES_OF_NOBODY.has(name) ? (words[0] ?? name) : name;
  const script = words.slice(1).find((word) => SCRIPT.test(word));
  return script === undefined || script.startsWith(program) ? program : `${program} ${script}`;
}
