// All bytes of one write, or why not: a short count is no end. It syncs nothing.

import type { Appender, Disk, Failure } from '../ports.ts';

/** A text at the end of a file, which is opened for it alone. */
export function appendWhole(disk: Disk, path: string, text: string, mayBeLink = true): Failure | undefined {
  const file = disk.append(path, mayBeLink);
  if ('failed' in file) return file;
  const failure = writeWhole(file, new TextEncoder().encode(text));
  file.close();
  return failure;
}

/** A full disk answers with a short count first and with an error at the next call. */
export function writeWhole(file: Appender, bytes: Uint8Array): Failure | undefined {
  let rest = bytes;
  while (rest.length > 0) {
    const taken = file.write(rest);
    if (typeof taken !== 'number') return taken;
    if (!(taken > 0)) return { failed: 'EIO', what: `${file.path} took no byte and gave no reason` };
    rest = rest.subarray(taken);
  }
  return undefined;
}
