// Writes one answer: head, output, and the files that the task left, into a file that gets its name when it is whole.

import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Failed } from '../files.ts';
import { encodeHead, type Head } from './answer.ts';
import { copy } from './outputs.ts';
import { discard, type Store } from './store.ts';

export interface Packed {
  readonly head: Head;
  readonly outputs: readonly Uint8Array[];
  /** Of the config, absolute: paths of outputs are from there. */
  readonly folder: string;
}

/** How many bytes it weighs; throws as the system does, and then nothing of it is left. `isStill`: asked when all is written. */
export function* pack(
  store: Store,
  { head, outputs, folder }: Packed,
  isStill: () => Generator<void, boolean>,
): Generator<void, number | 'changed'> {
  const temporary = store.temporary();
  let file: number | undefined;
  try {
    file = openSync(temporary, 'wx', 0o644);
    const start = encodeHead(head);
    writeWhole(file, start);
    for (const output of outputs) writeWhole(file, output);
    let bytes = start.length + outputs.reduce((sum, { length }) => sum + length, 0);
    for (const one of head.left) {
      if ('link' in one) continue;
      if (!copyIn(file, `${folder}/${one.path}`, one)) return 'changed';
      bytes += one.bytes;
      yield;
    }
    closeSync(file);
    file = undefined;
    if (!(yield* isStill())) return 'changed';
    store.place(temporary, store.path(head.key));
    return bytes;
  } finally {
    if (file !== undefined) closeSync(file);
    discard(temporary);
  }
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
