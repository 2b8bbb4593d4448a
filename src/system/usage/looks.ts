// The looks that are kept beside an attempt's log, for whoever comes later or from outside.

import { lookIn, type UsageLook } from '../../core/usage/series.ts';
import { readEnd } from '../read-part.ts';

/** More than a line can be long. */
const LINE_BYTES = 4_096;

/** The newest one; undefined: there is none yet. */
export function lastLook(path: string): UsageLook | undefined {
  const part = readEnd(path, LINE_BYTES);
  const lines = part === undefined ? [] : Buffer.from(part.bytes).toString('utf8').split('\n');
  // Behind the last newline stands nothing, or a line that is being written.
  return lookIn(lines.at(-2) ?? '');
}
