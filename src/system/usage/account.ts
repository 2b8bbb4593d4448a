// One attempt's own account: out of who its processes are now and who they were at the look before.

import { MOST_PROCESSES, type ProcessTable } from '../../core/usage/forensics.ts';
import { MOST_LARGEST, type UsageLook } from '../../core/usage/series.ts';
import { cpuMsOf, memoryBytesOf } from './amounts.ts';
import { ProgramNames } from './program-names.ts';
import type { Member } from './roll.ts';

export class Account {
  readonly #isSteady: boolean;
  readonly #names: ProgramNames = new ProgramNames();
  #before: ReadonlyMap<number, Member> = new Map();
  /** Of processes that are gone and whose time nobody of the attempt has taken over. */
  #goneTicks = 0;
  #ticks = 0;
  #peakBytes = 0;
  /** Its processes at the last look, and at the one with the most memory. */
  last: ProcessTable | undefined;
  most: ProcessTable | undefined;

  constructor(isSteady: boolean) {
    this.#isSteady = isSteady;
  }

  /** Undefined where nobody lives any more, or has lost its memory already: that would be taken for none. */
  look(members: readonly Member[], at: number): UsageLook | undefined {
    const now = new Map(members.map((one) => [one.pid, one]));
    for (const one of this.#before.values())
      // Whoever waits for a child takes its time over.
      if (!now.has(one.pid) && !now.has(one.parent)) this.#goneTicks += one.ticks;
    this.#before = now;
    const atMs = Math.round(at);
    const living = members.filter(({ state }) => state !== 'Z' && state !== 'X');
    const sum = members.reduce((ticks, one) => ticks + one.ticks, this.#goneTicks);
    // A dead child that is not waited for yet is nobody's for a moment.
    this.#ticks = Math.max(this.#ticks, sum);
    const memoryBytes = living.reduce((bytes, one) => bytes + memoryBytesOf(one), 0);
    if (memoryBytes === 0) return undefined;
    const list = this.#listOf(living);
    this.last = { atMs, count: living.length, list };
    if (memoryBytes > this.#peakBytes) this.most = this.last;
    this.#peakBytes = Math.max(this.#peakBytes, memoryBytes);
    return {
      atMs,
      memoryBytes,
      processes: living.length,
      ...(this.#isSteady && { cpuMs: cpuMsOf({ ticks: this.#ticks }) }),
      peakBytes: this.#peakBytes,
      largest: list
        .slice(0, MOST_LARGEST)
        .map((one) => ({ pid: one.pid, parent: one.parent, name: one.name, memoryBytes: one.memoryBytes })),
    };
  }

  #listOf(living: readonly Member[]): ProcessTable['list'] {
    const largest = living.toSorted((one, other) => other.pages - one.pages).slice(0, MOST_PROCESSES);
    const names = this.#names.of(largest);
    return largest.map((one, at) => ({
      pid: one.pid,
      parent: one.parent,
      name: names[at] ?? one.name,
      memoryBytes: memoryBytesOf(one),
      cpuMs: cpuMsOf(one),
    }));
  }
}
