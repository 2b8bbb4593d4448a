// Where one simulation writes: a file of its own that has no name any more, so that nobody else reads or forges it and nothing is left behind.

import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { CUT } from '../../core/cut-text.ts';
import { makeRedactor, type Secret } from '../../core/judge/redact.ts';
import { ShapeSearch } from '../../core/judge/shape-search.ts';
import type { Failure } from '../../ports.ts';
import { failure } from '../files.ts';
import type { AttemptLog } from '../log.ts';

export interface Scratch {
  /** Append-only for the child, readable for the end. */
  readonly fd: number;
}

const OPEN_FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
/** One for all: whatever is read here is read in one go. */
const CHUNK = new Uint8Array(65_536);
const NEWLINE = 10;
const NOTHING = new Uint8Array(0);

let count = 0;

/** Beside `log`, on whose disk there is room. */
export function openScratch(log: string): Scratch | Failure {
  const path = `${log}.${process.pid}.${(count += 1)}`;
  try {
    const fd = openSync(path, OPEN_FLAGS, 0o600);
    unlinkSync(path);
    return { fd };
  } catch (error) {
    return failure(error, `open ${path} for the output of a simulation`);
  }
}

export function closeScratch({ fd }: Scratch): void {
  closeSync(fd);
}

export function bytesOf({ fd }: Scratch): number {
  try {
    return fstatSync(fd).size;
  } catch {
    return 0;
  }
}

/** As evidence is read from. */
export function asLog({ fd }: Scratch): AttemptLog {
  return { path: '', fd, header: NOTHING };
}

/** The same output without its secrets, in a file that takes its place; itself where there are none. */
export function redacted(scratch: Scratch, log: string, secrets: readonly Secret[]): Scratch | Failure {
  if (secrets.length === 0 && !holdsToken(scratch)) return scratch;
  const clean = redactedFrom(scratch, 0, { log, secrets });
  if (!('failed' in clean)) closeScratch(scratch);
  return clean;
}

function holdsToken(scratch: Scratch): boolean {
  let holds = false;
  const search = new ShapeSearch({ kept: nothing, covered: nothing, began: () => (holds = true) });
  eachChunk(scratch, 0, (chunk) => search.push(chunk));
  search.end();
  return holds;
}

function nothing(): void {
  // What it holds besides is not asked.
}

/** From `from` on, in a file of its own. */
export function redactedFrom(
  scratch: Scratch,
  from: number,
  { log, secrets }: { readonly log: string; readonly secrets: readonly Secret[] },
): Scratch | Failure {
  const clean = openScratch(log);
  if ('failed' in clean) return clean;
  const redactor = makeRedactor(secrets);
  try {
    eachChunk(scratch, from, (chunk) => writeWhole(clean.fd, redactor.push(chunk)));
    writeWhole(clean.fd, redactor.end());
  } catch (error) {
    closeScratch(clean);
    return failure(error, 'redact the output of a simulation');
  }
  return clean;
}

/** From `from` to the end, or as long as `goesOn`, in pieces; what `see` keeps of one it has to copy. */
export function eachChunk(
  { fd }: Scratch,
  from: number,
  see: (chunk: Uint8Array) => void,
  goesOn: () => boolean = () => true,
): void {
  for (let at = from; goesOn();) {
    const read = readSync(fd, CHUNK, 0, CHUNK.length, at);
    if (read === 0) return;
    see(CHUNK.subarray(0, read));
    at += read;
  }
}

/** Every line in order, the last one with or without its end; one that is longer than `most` bytes is passed over. */
export function eachLine(scratch: Scratch, most: number, see: (line: string) => void): void {
  let rest: Uint8Array = NOTHING;
  let isTooLong = false;
  eachChunk(scratch, 0, (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (!isTooLong) see(textOf(rest, chunk.subarray(start, end)));
      rest = NOTHING;
      isTooLong = false;
      start = end + 1;
    }
    if (isTooLong) return;
    rest = Buffer.concat([rest, chunk.subarray(start)]);
    if (rest.length <= most) return;
    rest = NOTHING;
    isTooLong = true;
  });
  if (rest.length > 0) see(textOf(rest, NOTHING));
}

/** The last `most` bytes, and what marks that there were more. */
export function tailText(scratch: Scratch, most: number): string {
  const bytes = bytesOf(scratch);
  const tail = Buffer.allocUnsafe(Math.min(bytes, most));
  const read = readSync(scratch.fd, tail, 0, tail.length, bytes - tail.length);
  // What begins within a character goes without the rest of it.
  const from = bytes > most ? tail.findIndex((byte) => (byte & 0xc0) !== 0x80) : 0;
  return (bytes > most ? CUT : '') + tail.toString('utf8', Math.max(0, from), read);
}

export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    const taken = writeSync(fd, bytes, written);
    if (taken === 0) throw Object.assign(new Error('nothing was taken'), { code: 'EIO' });
    written += taken;
  }
}

function textOf(one: Uint8Array, other: Uint8Array): string {
  return Buffer.concat([one, other]).toString('utf8');
}
