// From the files to a ledger that can be written on: torn tails are kept aside, cut, and noted. There is no repair.

import type { Recovered } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import { Ledger, type LedgerPaths } from './ledger.ts';
import { readState, type Damage, type Torn } from './read.ts';

export interface Resumed {
  readonly progress: Progress;
  readonly ledger: Ledger;
  /** To be recorded first. */
  readonly recovered: readonly Recovered[];
}

export function resume(disk: Disk, paths: LedgerPaths): Resumed | Damage | Failure {
  const state = readState(disk, paths);
  if (!('progress' in state)) return state;
  const { progress } = state;
  const recovered: Recovered[] = [];
  for (const torn of state.torn) {
    const cut = cutTail(disk, torn, progress.seq);
    if ('failed' in cut) return cut;
    recovered.push(cut);
  }
  const ledger = Ledger.open(disk, paths, progress.open);
  return 'failed' in ledger ? ledger : { progress, ledger, recovered };
}

/** Aside first and durable, then cut: a crash between the two leaves both. */
function cutTail(disk: Disk, torn: Torn, seq: number): Recovered | Failure {
  const aside = `${torn.file}.torn-${seq}`;
  const failure = disk.replace(aside, torn.tail, true) ?? disk.truncate(torn.file, torn.goodBytes);
  return failure ?? { type: 'recovered', file: torn.file, bytes: torn.tail.length, aside };
}
