// The output of an attempt: taken from its log when it is kept, and in the log again when it answers.

import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Order } from '../../ports.ts';
import { errorCode } from '../files.ts';
import { stderrLog } from '../log.ts';

const NEWLINE = 10;
/** The first line of a log is shorter. */
const HEADER_BYTES = 4_096;
/** Longer output is not kept: it would be read into memory with each answer, and was not looked through for tokens yet. */
export const LOG_LIMIT_BYTES = 16_777_216;

type Logged = Pick<Order, 'log' | 'apart' | 'header'>;

/** One text, or two where stderr stands apart. Undefined: it cannot be read, or is too long. */
export function outputsIn(order: Logged): readonly Uint8Array[] | undefined {
  try {
    return pathsOf(order).map(outputIn);
  } catch {
    return undefined;
  }
}

/** Throws as the system does. `remark`: behind the first line. */
export function writeOutputs(order: Logged, outputs: readonly Uint8Array[], remark: string): void {
  for (const [nth, path] of pathsOf(order).entries()) {
    const bytes = Buffer.concat([Buffer.from(`${order.header} ${remark}\n`), outputs[nth] ?? Buffer.of()]);
    try {
      writeFileSync(path, bytes);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
  }
}

function pathsOf({ log, apart }: Logged): readonly string[] {
  return apart ? [log, stderrLog(log)] : [log];
}

/** Without its first line. */
function outputIn(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > LOG_LIMIT_BYTES) throw new Error('too long');
    const bytes = Buffer.allocUnsafe(size);
    for (let filled = 0; filled < size;) {
      const taken = readSync(file, bytes, filled, size - filled, filled);
      if (taken === 0) throw new Error('it got shorter');
      filled += taken;
    }
    const end = bytes.subarray(0, HEADER_BYTES).indexOf(NEWLINE);
    if (end === -1) throw new Error('it has no first line');
    return bytes.subarray(end + 1);
  } finally {
    closeSync(file);
  }
}
