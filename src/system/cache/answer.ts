// One answer in one file: a head that says what was judged and what follows, then the output, then the files that the task left.
// Everything in it proves itself; what does not is no answer.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { KeptEnd } from '../../core/cache/event.ts';
import { crc32 } from '../../core/crc32.ts';
import { isMap } from '../../core/is-map.ts';

/** A file that a task left; a link is kept as a link. */
export type Left =
  | { readonly path: string; readonly mode: number; readonly bytes: number; readonly hash: string }
  | { readonly path: string; readonly link: string };

/** The output, as one attempt printed it, without the first line of its log. */
interface Output {
  readonly bytes: number;
  readonly sum: number;
}

export interface Head {
  readonly key: string;
  /** What the key is the sum of. */
  readonly text: string;
  readonly keptAt: string;
  readonly from: string;
  readonly ended: KeptEnd;
  /** The log, and where stderr is kept apart the log of that. */
  readonly outputs: readonly Output[];
  readonly left: readonly Left[];
}

export interface Answer {
  readonly head: Head;
  /** Undefined: they are longer than `whole`, or not what was kept. */
  readonly outputs: readonly Uint8Array[];
  /** Where the files begin. */
  readonly filesAt: number;
  readonly bytes: number;
  readonly mtimeMs: number;
}

const MARK = 'gate-run answer 1 ';
/** Behind the mark: length of the head, its sum, a newline. */
const FIRST_BYTES = MARK.length + 10 + 1 + 10 + 1;
const FIRST = /^gate-run answer 1 (\d{10}) (\d{10})\n$/;
/** Most answers are read in one go. */
const READ_BYTES = 16_384;
/** A log above this is not kept; see `LOG_BYTES` where it is written. */
const OUTPUT_LIMIT_BYTES = 67_108_864;
/** Below it our own checksum is done before zlib would be loaded. */
const ZLIB_FROM_BYTES = 262_144;

export function encodeHead(head: Head): Buffer {
  const body = Buffer.from(`${JSON.stringify(head)}\n`);
  return Buffer.concat([Buffer.from(`${MARK}${padded(body.length)} ${padded(crc32(body))}\n`), body]);
}

export function sumOfOutput(bytes: Uint8Array): number {
  return bytes.length < ZLIB_FROM_BYTES ? crc32(bytes) : process.getBuiltinModule('node:zlib').crc32(bytes);
}

/** Undefined: there is none; `damaged`: there is one, and it is not what was kept for this key. */
export function readAnswer(path: string, key: string): Answer | undefined | 'damaged' {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return answerIn(file, key) ?? 'damaged';
  } catch {
    return 'damaged';
  } finally {
    closeSync(file);
  }
}

function answerIn(file: number, key: string): Answer | undefined {
  const { size, mtimeMs } = fstatSync(file);
  const start = Buffer.allocUnsafe(Math.min(size, READ_BYTES));
  if (readSync(file, start, 0, start.length, 0) < start.length) return undefined;
  const first = start.toString('latin1', 0, FIRST_BYTES);
  const [, lengthText, sumText] = FIRST.exec(first) ?? [];
  const [length, sum] = [Number(lengthText), Number(sumText)];
  if (lengthText === undefined || FIRST_BYTES + length > size) return undefined;
  const body = bytesAt(file, start, { at: FIRST_BYTES, length });
  if (!body || crc32(body) !== sum) return undefined;
  const head: unknown = JSON.parse(body.toString('utf8'));
  if (!isHead(head) || head.key !== key) return undefined;
  let at = FIRST_BYTES + length;
  const outputs: Buffer[] = [];
  for (const output of head.outputs) {
    if (output.bytes > OUTPUT_LIMIT_BYTES) return undefined;
    const bytes = bytesAt(file, start, { at, length: output.bytes });
    if (!bytes || sumOfOutput(bytes) !== output.sum) return undefined;
    outputs.push(bytes);
    at += output.bytes;
  }
  const left = head.left.reduce((all, one) => all + ('bytes' in one ? one.bytes : 0), 0);
  return at + left === size ? { head, outputs, filesAt: at, bytes: size, mtimeMs } : undefined;
}

function bytesAt(
  file: number,
  start: Buffer,
  { at, length }: { readonly at: number; readonly length: number },
): Buffer | undefined {
  if (at + length <= start.length) return start.subarray(at, at + length);
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const taken = readSync(file, bytes, filled, length - filled, at + filled);
    if (taken === 0) return undefined;
    filled += taken;
  }
  return bytes;
}

function padded(number: number): string {
  return String(number).padStart(10, '0');
}

/** The sum vouches for every byte, so behind this the shape is the one that was written. */
function isHead(value: unknown): value is Head {
  return (
    isMap(value) && isMap(value['ended']) && Array.isArray(value['outputs']) && Array.isArray(value['left'])
  );
}
