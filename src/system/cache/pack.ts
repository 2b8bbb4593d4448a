// Writes one answer: head, output, and the files that the task left, into a file that gets its name when it is whole.

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Failed } from '../files.ts';
import { encodeHead, type Head } from './answer.ts';
import type { Work } from './lane.ts';
import { copy } from './outputs.ts';
import { discard, type Store } from './store.ts';

export interface Packed {
  readonly head: Head;
  readonly outputs: readonly Uint8Array[];
  /** Of the config, absolute: paths of outputs are from there. */
  readonly folder: string;
}

/** Why an answer is not true any more by the time it is written. */
export const CHANGED_SINCE = 'its files changed while it was being kept';

/** How many bytes it weighs, or why it is not kept; throws as the system does. `whyNot`: asked when all is written. */
export function* pack(
  store: Store,
  { head, outputs, folder }: Packed,
  whyNot: () => Work<string | undefined>,
): Work<number | string> {
  const temporary = store.temporary();
  let file: number | undefined;
  try {
    file = openSync(temporary, 'wx', modeFor(head));
    const start = encodeHead(head);
    writeWhole(file, start);
    for (const output of outputs) writeWhole(file, output);
    let bytes = start.length + outputs.reduce((sum, { length }) => sum + length, 0);
    for (const one of head.left) {
      if ('link' in one) continue;
      if (!copyIn(file, `${folder}/${one.path}`, one)) return CHANGED_SINCE;
      bytes += one.bytes;
      yield;
    }
    closeSync(file);
    file = undefined;
    const why = yield* whyNot();
    if (why !== undefined) return why;
    store.place(temporary, store.path(head.key));
    return bytes;
  } finally {
    if (file !== undefined) closeSync(file);
    discard(temporary);
  }
}

/** What not everybody may read in its place nobody else may read here. */
function modeFor({ left }: Head): number {
  return left.every((one) => 'link' in one || (one.mode & 0o004) !== 0) ? 0o644 : 0o600;
}

function copyIn(to: number, path: string, { bytes, hash }: { bytes: number; hash: string }): boolean {
  let from: number | undefined;
  try {
    from = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    return copy({ from, at: 0, bytes }, to) === hash;
  } finally {
    closeSync(from);
  }
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    const taken = writeSync(file, bytes, written);
    if (taken === 0) throw new Failed({ failed: 'EIO', what: 'write an answer: took no byte' });
    written += taken;
  }
}
