// The end of a file, for people: bounded, never the whole. What is not there reads as nothing.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 64 * 1024;

export function readTail(path: string, bytes: number = TAIL_BYTES): string {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, bytes));
    const read = readSync(fd, tail, 0, tail.length, size - tail.length);
    return tail.toString('utf8', 0, read);
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}
