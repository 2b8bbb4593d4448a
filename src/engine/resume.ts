// From the files to a ledger that can be written on: torn tails are kept aside, cut, and noted. There is no repair.

import type { Recovered } from '../core/loop/event.ts';
import type { Progress } from '../core/loop/progress.ts';
import type { Disk, Failure } from '../ports.ts';
import { settle } from './doubt.ts';
import { Ledger, type LedgerPaths, type LedgerWishes } from './ledger.ts';
import { eventsFile, readState, type Damage, type Torn } from './read.ts';

export interface Resumed {
  readonly progress: Progress;
  readonly ledger: Ledger;
  /** To be recorded first. */
  readonly recovered: readonly Recovered[];
}

export function resume(
  disk: Disk,
  paths: LedgerPaths,
  wishes: LedgerWishes = {},
): Resumed | Damage | Failure {
  const state = readState(disk, paths);
  if (!('progress' in state)) return state;
  const { progress } = state;
  const { open } = progress;
  const written = open ? [paths.history, eventsFile(paths, open)] : [paths.history];
  const unsettled = settle(disk, paths.history, written);
  if (unsettled) return unsettled;
  const recovered: Recovered[] = [];
  for (const torn of state.torn) {
    const cut = cutTail(disk, torn);
    if ('failed' in cut) return cut;
    recovered.push(cut);
  }
  if (state.missing !== undefined) wishes.note?.(lostText(state.missing, progress));
  const ledger = Ledger.open(disk, paths, state, wishes);
  return 'failed' in ledger ? ledger : { progress, ledger, recovered };
}

/** What a power cut takes is a few lines that nothing leaned on; anything more was done by somebody. */
function lostText(missing: number, { seq, cycle }: Progress): string {
  return (
    `the ledger ends at line ${seq} (cycle ${cycle}), and its checkpoint knew line ${missing}: ` +
    'the power took the last lines, or an older copy stands in its place'
  );
}

/** How often one file may be cut off by crashes before a person has to look. */
const MOST_TORN = 1000;

/** Aside first and durable, then cut: a crash between the two leaves both. */
function cutTail(disk: Disk, torn: Torn): Recovered | Failure {
  const aside = freeAside(disk, torn.file);
  if (typeof aside !== 'string') return aside;
  const tail = disk.readFrom(torn.file, torn.goodBytes, torn.bytes);
  if (tail === undefined) return { failed: 'ENOENT', what: `read ${torn.file}` };
  if ('failed' in tail) return tail;
  const failure = disk.replace(aside, tail, true) ?? disk.truncate(torn.file, torn.goodBytes);
  return failure ?? { type: 'recovered', file: torn.file, bytes: tail.length, aside };
}

function freeAside(disk: Disk, file: string): string | Failure {
  for (let copy = 1; copy <= MOST_TORN; copy += 1) {
    const aside = `${file}.torn-${copy}`;
    if (disk.size(aside) === undefined) return aside;
  }
  return { failed: 'EEXIST', what: `${file} was cut off ${MOST_TORN} times; move its .torn files away` };
}
