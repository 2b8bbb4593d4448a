// The files that a task left: found when they are kept, compared and put back when it is answered. Whole or not at all: everything
// lies ready beside its place before the first name is given.

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failed, failure } from '../files.ts';
import { removeLeft, standInOf, stoodInFor } from '../stand-in.ts';
import type { Left } from './answer.ts';
import type { Pass, Unfit } from './pass.ts';
import { isExecutable, type FileRow } from './rows.ts';
import { discard } from './store.ts';

const CHUNK_BYTES = 1_048_576;

/** Every glob has to match something: a task that did not leave what it promises has nothing worth keeping. */
export function* leftBy(
  pass: Pass,
  globs: readonly string[],
  folder: string,
): Generator<void, readonly Left[] | Unfit> {
  const rows = yield* pass.names(globs, false);
  if ('unfit' in rows) return rows;
  // A restoring that was killed leaves them; no task made them.
  const [standIns, own] = [rows.filter(isStandIn), rows.filter((row) => !isStandIn(row))];
  removeLeft(standIns.map(({ path, name }) => join(folder, dirname(path), stoodInFor(name)?.target ?? name)));
  const left: Left[] = [];
  for (const row of own.toSorted(byPath)) {
    const one = yield* leftAs(pass, row, folder);
    if (typeof one === 'string') return { unfit: `${row.path} ${one}` };
    left.push(one);
  }
  return left;
}

function isStandIn({ name }: FileRow): boolean {
  return stoodInFor(name) !== undefined;
}

function* leftAs(pass: Pass, row: FileRow, folder: string): Generator<void, Left | string> {
  const { path } = row;
  if (row.isLink) {
    const link = linkAt(`${folder}/${path}`);
    return link === undefined ? 'changed while it was looked at' : { path, link };
  }
  yield* pass.look(row);
  if (row.state !== 'file') return 'is no regular file that can be read';
  return { path, mode: row.mode, bytes: row.size, hash: row.hash };
}

interface Source {
  /** An open answer, and where its files begin. */
  readonly file: number;
  readonly at: number;
}

/** Undefined: all is as it was kept. Else why not, and then nothing has changed but what a failed rename leaves. */
export function* restoreOutputs(
  pass: Pass,
  globs: readonly string[],
  {
    folder,
    left,
    source,
  }: { readonly folder: string; readonly left: readonly Left[]; readonly source: Source },
): Generator<void, { readonly wrote: boolean } | Unfit> {
  const found = yield* pass.names(globs, true);
  if ('unfit' in found) return found;
  const present = new Map(found.map((row) => [row.path, row]));
  const staged: Staged[] = [];
  let { at } = source;
  try {
    for (const one of left) {
      const row = present.get(one.path);
      present.delete(one.path);
      if (!(row && (yield* isSame(pass, row, one, folder)))) {
        staged.push(stage(`${folder}/${one.path}`, one, { ...source, at }));
        yield;
      }
      if ('bytes' in one) at += one.bytes;
    }
    for (const { temporary, target } of staged) renameSync(temporary, target);
    for (const path of present.keys()) rmSync(`${folder}/${path}`, { force: true });
  } catch (error) {
    for (const { temporary } of staged) discard(temporary);
    const { failed, what } = failure(error, 'put the outputs back');
    return { unfit: `its outputs could not be put back (${failed}: ${what})` };
  }
  return { wrote: staged.length > 0 || present.size > 0 };
}

function* isSame(pass: Pass, row: FileRow, one: Left, folder: string): Generator<void, boolean> {
  if ('link' in one) return row.isLink && linkAt(`${folder}/${row.path}`) === one.link;
  if (row.isLink) return false;
  yield* pass.look(row);
  return row.state === 'file' && row.hash === one.hash && isExecutable(row) === isExecutable(one);
}

interface Staged {
  readonly temporary: string;
  readonly target: string;
}

function stage(target: string, one: Left, source: Source): Staged {
  const temporary = standInOf(target);
  mkdirSync(dirname(target), { recursive: true });
  if (lstatSync(target, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new Failed({ failed: 'EISDIR', what: `a folder stands at ${one.path}` });
  discard(temporary);
  try {
    if ('link' in one) symlinkSync(one.link, temporary);
    else copyOut(temporary, one, source);
  } catch (error) {
    discard(temporary);
    throw error;
  }
  return { temporary, target };
}

/** What comes out is summed again: a flipped byte is found before it has a name. */
function copyOut(
  to: string,
  { path, bytes, hash, mode }: Extract<Left, { bytes: number }>,
  { file, at }: Source,
): void {
  const out = openSync(to, 'wx', mode);
  try {
    if (copy({ from: file, at, bytes }, out) !== hash)
      throw new Failed({ failed: 'EIO', what: `${path} is damaged in the cache` });
  } finally {
    closeSync(out);
  }
  chmodSync(to, mode);
}

interface Piece {
  readonly from: number;
  readonly at: number;
  readonly bytes: number;
}

/** SHA-256 of what went over; shorter than asked for is an error. */
export function copy({ from, at, bytes }: Piece, to: number): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  const sum = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(bytes, 1), CHUNK_BYTES));
  for (let done = 0; done < bytes;) {
    const taken = readSync(from, buffer, 0, Math.min(buffer.length, bytes - done), at + done);
    if (taken === 0) throw new Failed({ failed: 'EIO', what: 'a file is shorter than it was' });
    sum.update(buffer.subarray(0, taken));
    for (let written = 0; written < taken;) written += writeSync(to, buffer, written, taken - written);
    done += taken;
  }
  return sum.digest('hex');
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function byPath(one: FileRow, other: FileRow): number {
  return one.path < other.path ? -1 : 1;
}
