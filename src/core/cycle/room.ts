// Whether a task may be started beside what runs: places of `jobs`, memory where tasks say how much they need, and the tree to itself
// where it has `writes`.

import type { PhasePlan } from '../plan/plan.ts';
import type { Moment } from './moment.ts';
import { hasRung, isWriting, mayRunBeside, placeHolders, placesOf } from './places.ts';
import { taskOf, weightOf } from './plan-index.ts';

/** Asked in the order in which tasks come: behind one that was refused nobody slips in, or the heavy ones would wait for ever. */
export class Room {
  readonly #moment: Moment;
  readonly #phase: PhasePlan;
  #wasRefused = false;

  constructor(moment: Moment, phase: PhasePlan) {
    this.#moment = moment;
    this.#phase = phase;
  }

  isFor(id: string): boolean {
    // Others are refused because of it, and it is not to wait for them.
    if (isWriting(this.#moment, id)) return fits(id, this.#moment, this.#phase);
    this.#wasRefused ||= !fits(id, this.#moment, this.#phase);
    return !this.#wasRefused;
  }
}

/** Whoever would be alone is always let in: heavier than `jobs`, or with more memory than there is, it could else never run. */
function fits(id: string, moment: Moment, phase: PhasePlan): boolean {
  const { index, cycle, progress } = moment;
  if (hasRung(index, cycle) || !mayRunBeside(moment, taskOf(index, id))) return false;
  const holders = placeHolders(moment);
  if (holders.length === 0) return true;
  const weight = holders.reduce((sum, one) => sum + weightOf(index, one), weightOf(index, id));
  if (weight > placesOf({ index, progress }, phase)) return false;
  const memory = progress.run?.machine?.memoryBytes;
  if (memory === undefined || !index.hasMemory) return true;
  const needs = (one: string) => index.tasks.get(one)?.resources?.memoryBytes ?? 0;
  // Who says nothing of memory counts as nothing: what it needs nobody knows.
  return holders.reduce((sum, one) => sum + needs(one), needs(id)) <= memory;
}
