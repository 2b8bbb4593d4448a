// The history's segments: `history.jsonl` is the newest, `history.000001.jsonl` the oldest. Nothing is read here.

import type { Disk } from '../ports.ts';
import type { Damage } from './lines.ts';

export interface Segment {
  /** From 1; the newest one's is one more than the last that was set aside. */
  readonly number: number;
  readonly file: string;
}

const DIGITS = 6;

/** In order, the newest last, whether or not it is there yet; a number that is missing is damage, and so is half a restored state. */
export function segmentsOf(disk: Disk, history: string): readonly Segment[] | Damage {
  const names = disk.list(folderOf(history));
  const restoring = restoringFile(history);
  if (names.includes(restoring.slice(folderOf(history).length + 1)))
    return { damaged: restoring, line: 1, offset: 0, why: 'restoring' };
  const numbers = numbersAside(names, history);
  const missing = numbers.findIndex((number, at) => number !== at + 1);
  if (missing >= 0) return { damaged: segmentFile(history, missing + 1), line: 1, offset: 0, why: 'missing' };
  const aside = numbers.map((number) => ({ number, file: segmentFile(history, number) }));
  return [...aside, { number: numbers.length + 1, file: history }];
}

/** Files of the segments that were set aside, the oldest first, also where one is missing. */
export function segmentsAside(disk: Disk, history: string): readonly string[] {
  return numbersAside(disk.list(folderOf(history)), history).map((number) => segmentFile(history, number));
}

function numbersAside(names: readonly string[], history: string): readonly number[] {
  const { stem, ending } = partsOf(history);
  return names
    .flatMap((name) => {
      const number = name.slice(stem.length + 1, -ending.length);
      const isOne = name.startsWith(`${stem}.`) && name.endsWith(ending) && /^\d{6,9}$/.test(number);
      return isOne && name.length > stem.length + ending.length ? [Number(number)] : [];
    })
    .toSorted((one, other) => one - other);
}

/** The name under which a full segment is set aside. */
export function segmentFile(history: string, number: number): string {
  const { folder, stem, ending } = partsOf(history);
  return `${folder}/${stem}.${String(number).padStart(DIGITS, '0')}${ending}`;
}

/** Stands there while a restoring moves files: what else stands there is of two states then. */
export function restoringFile(history: string): string {
  return `${history}.restoring`;
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function partsOf(history: string): {
  readonly folder: string;
  readonly stem: string;
  readonly ending: string;
} {
  const folder = folderOf(history);
  const name = history.slice(folder.length + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0
    ? { folder, stem: name.slice(0, dot), ending: name.slice(dot) }
    : { folder, stem: name, ending: '' };
}
