// Prints a file that may be large or still growing, in pieces.

import { readEnd, readFrom } from '../system/read-part.ts';
import type { CommandRequest } from './request.ts';
import type { ShownText } from './shown-text.ts';

/** A log of a gibibyte is printed in pieces. */
const CHUNK_BYTES = 262_144;
const TAIL_LINE_BYTES = 4096;

/** Where lines begin, and what has to stand before them where the first one is not whole. */
export interface Tail {
  readonly at: number;
  readonly mark: string;
}

const WHOLE: Tail = { at: 0, mark: '' };
const CUT_MARK = '[gate-run: the beginning of this line is not shown] …';

/** Where the last `lines` lines begin, looked for in as many bytes as that many lines usually need. */
export function startOf(path: string, lines: number | undefined): Tail {
  const part = lines === undefined ? undefined : readEnd(path, tailBytes(lines));
  if (lines === undefined || part === undefined) return WHOLE;
  const { at, mark } = startIn(part.bytes, lines);
  return { at: part.from + at, mark: part.from === 0 ? '' : mark };
}

/** As many bytes as that many lines usually need; what is longer is cut. */
export function tailBytes(lines: number): number {
  return lines * TAIL_LINE_BYTES;
}

/** Where the last `lines` lines begin in the end of a file. A newline at the end makes no line of its own. */
export function startIn(bytes: Uint8Array, lines: number): Tail {
  let left = lines;
  for (let at = bytes.length - 2; at >= 0; at -= 1) {
    if (bytes[at] === NEWLINE) left -= 1;
    if (left === 0) return { at: at + 1, mark: '' };
  }
  return { at: 0, mark: CUT_MARK };
}

const NEWLINE = 10;

/** From an offset to the end as it is now; gives back where that is. `shown` is what goes on there. */
export function pour(
  { write }: Pick<CommandRequest, 'write'>,
  path: string,
  from: number,
  shown: ShownText,
): number {
  let at = from;
  for (;;) {
    const part = readFrom(path, at, CHUNK_BYTES);
    if (!part || part.bytes.length === 0) return at;
    write(shown.see(part.bytes));
    at = part.from + part.bytes.length;
  }
}
