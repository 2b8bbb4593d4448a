// Chance from a seed: the same seed draws the same numbers, on every machine.

import type { Random } from '../ports.ts';

export class Dice implements Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `stream` gives one seed several independent rows of numbers. */
  constructor(seed: number, stream: string = '') {
    let hash = 0x811c9dc5 ^ seed;
    for (const letter of stream) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
    this.#a = seed >>> 0;
    this.#b = hash >>> 0;
    this.#c = Math.floor(seed / 2 ** 32) >>> 0;
    this.#d = 1;
    for (let warm = 0; warm < 16; warm += 1) this.next();
  }

  /** sfc32, Chris Doty-Humphrey, PractRand (public domain): http://pracrand.sourceforge.net/ */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[this.whole(0, from.length - 1)];
    if (one === undefined) throw new Error('bug: nothing to pick from');
    return one;
  }
}
