// Brings a log that outgrew its bound back to it: the head stays where it is, the tail moves up, a line between marks the cut.

import { open, type FileHandle } from 'node:fs/promises';
import { maskAcross } from './mask.ts';

const CHUNK_BYTES = 1_048_576;
/** Of the tail, which has to be moved; the head costs nothing. */
const TAIL_LIMIT_BYTES = 67_108_864;

/** Leaves about `keepBytes`; whether it did. Asynchronous, so that moving the tail holds up nobody. */
export async function cutLog(path: string, keepBytes: number): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r+');
    const { size } = await file.stat();
    if (size <= keepBytes) return true;
    const tail = Math.min(Math.floor(keepBytes / 2), TAIL_LIMIT_BYTES);
    const head = keepBytes - tail;
    for (const place of [head, size - tail]) maskAcross({ fd: file.fd, path }, place);
    const mark = Buffer.from(`\n[gate-run: ${size - keepBytes} bytes were cut out here]\n`);
    // On a full disk only overwriting and cutting still work, and the mark never reaches beyond what was there.
    await file.write(mark, 0, mark.length, head);
    const end = await moveUp(file, { from: size - tail, to: head + mark.length, end: size });
    await file.truncate(end);
    return true;
  } catch {
    return false;
  } finally {
    await file?.close();
  }
}

async function moveUp(
  file: FileHandle,
  { from, to, end }: { readonly from: number; readonly to: number; readonly end: number },
): Promise<number> {
  if (to >= from) return end;
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = from;
  let target = to;
  while (at < end) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, end - at), at);
    if (bytesRead === 0) break;
    await file.write(chunk, 0, bytesRead, target);
    at += bytesRead;
    target += bytesRead;
  }
  return target;
}
