// A tree before a task: what stands where, the sum of every file, and where something may have to be put back, all of their bytes.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { readContent, type Sums } from './content.ts';
import { Keep } from './keep.ts';
import { freeSpace } from '../log.ts';
import { errorCode, UNKNOWN_CODE } from '../files.ts';
import { lookAt, Rest, shownPath, Unlooked, whole, type Key, type Look, type Tree } from './tree.ts';

/** Bytes of all files together that are kept before one task; more is copied before no attempt. */
export const MOST_KEPT_BYTES = 1_073_741_824;
/** Files of them. */
export const MOST_KEPT_FILES = 50_000;
/** What a run needs to end in good order has to stay free. */
const FREE_BYTES = 33_554_432;
/** The kernel stamps files by its tick, so that two writes inside one look alike. */
const TICK_MS = 20;

export interface Snapshot {
  readonly tree: Tree;
  readonly sums: ReadonlyMap<Key, string>;
  /** Undefined: no bytes were asked for. */
  readonly keep: Keep | undefined;
}

export interface Wish extends Look {
  readonly sums: Sums;
  /** The tar, absolute; undefined: bytes are not needed. */
  readonly keepIn: string | undefined;
}

/** The disk has no room for it, or does not take it. */
export class NoRoom extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Whole or not at all: throws `Unlooked` or `NoRoom`, and leaves nothing behind then. */
export async function snapshot(wish: Wish): Promise<Snapshot> {
  const { folder, sums: known, keepIn } = wish;
  const tree = await lookAt(wish);
  const keep = keepIn === undefined ? undefined : opened(tree, keepIn);
  try {
    const sums = await read(tree, { folder, known, keep });
    known.forgetBut(tree);
    await pastTheTick(tree);
    return { tree, sums, keep };
  } catch (error) {
    keep?.remove();
    throw disk(error);
  }
}

interface Reading {
  readonly folder: Key;
  readonly known: Sums;
  readonly keep: Keep | undefined;
}

async function read(tree: Tree, { folder, known, keep }: Reading): Promise<ReadonlyMap<Key, string>> {
  const sums = new Map<Key, string>();
  const rest = new Rest();
  for (const [path, seen] of tree) {
    await rest.ifDue();
    if (keep && seen.shut !== undefined) throw unkept(path, seen.shut);
    if (seen.kind === 'folder') keep?.folder(path, seen);
    if (seen.kind === 'link') keep?.link(path, seen);
    if (seen.kind !== 'file') continue;
    const before = known.of(path, seen);
    if (before !== undefined && !keep) {
      sums.set(path, before);
      continue;
    }
    keep?.expect(path, seen);
    const content = await readContent(whole(folder, path), keep);
    if (content && 'sum' in content) {
      sums.set(path, content.sum);
      known.note(path, seen, content.sum);
      continue;
    }
    keep?.drop();
    if (!content) tree.delete(path);
    // Without its bytes it is told by its looks alone whether it was changed.
    else if (keep) throw unkept(path, content.unread);
  }
  keep?.finish();
  return sums;
}

function refuseTooMuch(tree: Tree, keepIn: string): void {
  let files = 0;
  let bytes = 0;
  for (const { kind, size } of tree.values()) {
    if (kind !== 'file') continue;
    files += 1;
    bytes += size;
  }
  if (files > MOST_KEPT_FILES || bytes > MOST_KEPT_BYTES)
    throw new Unlooked(
      `it holds ${files} files of ${Math.ceil(bytes / 1024 ** 2)} MiB, and ${MOST_KEPT_FILES} of ${MOST_KEPT_BYTES / 1024 ** 2} MiB at most are kept`,
    );
  const space = freeSpace(keepIn);
  if (space !== undefined && space.free < bytes + FREE_BYTES) throw new NoRoom('ENOSPC');
}

function unkept(path: Key, why: string): Unlooked {
  return new Unlooked(`${shownPath(path)} cannot be read (${why}), so it could not be put back`);
}

/** Else a write right behind this look could leave everything as it was seen, but for the bytes. */
async function pastTheTick(tree: Tree): Promise<void> {
  let youngest = 0n;
  for (const { ctimeNs } of tree.values()) if (ctimeNs > youngest) youngest = ctimeNs;
  const ageMs = Date.now() - Number(youngest / 1_000_000n);
  // A time that is far ahead is of another clock, and nothing to wait for.
  if (ageMs < TICK_MS && ageMs > -TICK_MS) await new Promise((resume) => setTimeout(resume, TICK_MS - ageMs));
}

function opened(tree: Tree, path: string): Keep {
  try {
    mkdirSync(dirname(path), { recursive: true });
    refuseTooMuch(tree, path);
    return new Keep(path);
  } catch (error) {
    throw disk(error);
  }
}

/** What the system refused. A mistake of ours goes on up. */
function disk(error: unknown): unknown {
  if (error instanceof Unlooked || error instanceof NoRoom) return error;
  const code = errorCode(error);
  return code === UNKNOWN_CODE ? error : new NoRoom(code);
}
