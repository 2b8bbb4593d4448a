// Files of gate-run in folders that tasks may write to as well: nothing that a task put in their place is written through or waited for.

import { closeSync, constants, fstatSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { errorCode } from './files.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
const MODE = 0o644;

/** A file that nobody else has open; what stood there goes. Throws what the system says. */
export function openAnew(path: string, flags: number, mode: number = MODE): number {
  try {
    return openSync(path, flags | O_CREAT | O_EXCL, mode);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  unlinkSync(path);
  return openSync(path, flags | O_CREAT | O_EXCL, mode);
}

export function writeAnew(path: string, text: string, mode: number = MODE): void {
  writeAndClose(openAnew(path, O_WRONLY, mode), text);
}

/** Throws where anything but a file stands there. */
export function appendOwn(path: string, text: string, mode: number = MODE): void {
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, mode);
  if (fstatSync(fd).isFile()) return writeAndClose(fd, text);
  closeSync(fd);
  throw Object.assign(new Error(`${path}: something that is no regular file stands there`), {
    code: 'EINVAL',
  });
}

function writeAndClose(fd: number, text: string): void {
  try {
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
}
