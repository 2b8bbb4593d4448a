// Puts back what a task changed, and touches nothing else: what is not as that task left it any more is named and left alone.
// Every file comes whole, by a rename; whatever cuts this off leaves each path as it was before or as the task left it.

import {
  chmodSync,
  closeSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { errorCode, UNKNOWN_CODE } from '../files.ts';
import type { Change, Compared } from './compare.ts';
import type { Keep } from './keep.ts';
import { bytesOf, lookAtOne, OWNER, Rest, whole, type Key, type Seen, type Tree } from './tree.ts';

export interface Left {
  readonly path: Key;
  readonly why: string;
}

export interface Undoing {
  /** Absolute. */
  readonly folder: Key;
  readonly before: Tree;
  /** Of its files. */
  readonly sums: ReadonlyMap<Key, string>;
  readonly keep: Keep;
  readonly compared: Compared;
}

const PIECE_BYTES = 1_048_576;
const CHANGED_AGAIN = 'it changed again since';
/** Beside what it stands in for; one at a time, so a kill leaves one at most. */
const STAND_IN: Key = `.gate-run-undo.${process.pid}`;

/** How many paths are as they were, and what is not. */
export async function undo(
  parts: Undoing,
): Promise<{ readonly files: number; readonly left: readonly Left[] }> {
  const work = new Work(parts);
  const { changes } = parts.compared;
  const rest = new Rest();
  const each = async (some: readonly Change[], deed: (change: Change) => void) => {
    for (const change of some) {
      work.attempt(change.path, () => deed(change));
      await rest.ifDue();
    }
  };
  // What is not there any more may have made room for what was: a file in the place of a folder, a folder in that of a file.
  await each(changes.filter(isInTheWay), (change) => work.clear(change));
  for (const path of work.foldersThatCame()) work.attempt(path, () => work.removeFolder(path));
  for (const path of work.foldersThatWent()) work.attempt(path, () => work.makeFolder(path));
  await each(
    changes.filter(({ before }) => before !== undefined && before.kind !== 'folder'),
    (change) => work.putBack(change),
  );
  work.settleFolders();
  return work.result;
}

/** Not as what stands there now: a rename over it is enough only for a file or a link in the place of another. */
function isInTheWay({ before, after }: Change): boolean {
  if (!after || after.kind === 'folder') return false;
  return before === undefined || before.kind === 'folder' || before.kind === 'other';
}

class Work {
  readonly #parts: Undoing;
  readonly #left = new Map<Key, string>();
  /** Folders whose permissions or times are to be put back at the end. */
  readonly #touched = new Set<Key>();
  /** Numbers of files whose permissions and times are put back; another name of one shows them too. */
  readonly #dressed = new Set<bigint>();
  /** By the number of a file with several names: one that is as it was. */
  #names: ReadonlyMap<bigint, Key> | undefined;
  /** By the number that a file with several names had: a name that has it back. */
  readonly #restored = new Map<bigint, Key>();

  constructor(parts: Undoing) {
    this.#parts = parts;
  }

  get result(): { readonly files: number; readonly left: readonly Left[] } {
    const { changes } = this.#parts.compared;
    const left = [...this.#left].map(([path, why]) => ({ path, why }));
    return { files: changes.filter(({ path }) => !this.#left.has(path)).length, left };
  }

  /** What cannot be done is named, with the system's word. */
  attempt(path: Key, deed: () => void): void {
    if (this.#left.has(path)) return;
    try {
      this.#allowed(path, deed);
    } catch (error) {
      this.#left.set(path, whyNot(error));
    }
  }

  clear(change: Change): void {
    const { path, before } = change;
    // It was not there before, and somebody has removed it already.
    if (before === undefined && lookAtOne(this.#parts.folder, path) === undefined) return;
    this.#refuseChanged(change);
    unlinkSync(this.#at(path));
    this.#touch(above(path));
  }

  putBack(change: Change): void {
    const { path, before, after, isContent } = change;
    if (!before) return;
    const now = this.#refuseChanged(change);
    if (now?.kind === 'folder') throw new Refused('a folder stands in its place');
    if (before.kind === 'other') {
      if (!isContent) return this.#dress(path, before);
      throw new Refused('it was neither a file nor a link, and nothing else can be made again');
    }
    if (after?.kind === before.kind && !isContent) return this.#dress(path, before);
    this.#touch(above(path));
    if (before.kind === 'link')
      this.#replace(path, (standIn) => symlinkSync(bytesOf(before.target ?? ''), standIn));
    else if (!this.#linkedAgain(path, before)) this.#replace(path, (standIn) => this.#write(path, standIn));
    this.#dress(path, before);
    if (before.names > 1) this.#restored.set(before.ino, path);
  }

  /** Deepest first. */
  foldersThatCame(): readonly Key[] {
    const { before, compared } = this.#parts;
    const came = [...compared.after].filter(
      ([path, { kind }]) => kind === 'folder' && before.get(path)?.kind !== kind,
    );
    return came.map(([path]) => path).toReversed();
  }

  /** Those above before those in them. */
  foldersThatWent(): readonly Key[] {
    const { before, compared } = this.#parts;
    const went = [...before].filter(
      ([path, { kind }]) => kind === 'folder' && compared.after.get(path)?.kind !== kind,
    );
    return went.map(([path]) => path);
  }

  removeFolder(path: Key): void {
    const names = readdirSync(this.#at(path), { encoding: 'buffer' });
    // A repository that came with it: nothing of git is looked at, and this one was not there.
    if (names.length === 1 && names[0]?.toString('latin1') === '.git')
      rmSync(this.#at(`${path}/.git`), { recursive: true, force: true });
    rmdirSync(this.#at(path));
    this.#touch(above(path));
  }

  makeFolder(path: Key): void {
    this.#touch(path);
    this.#touch(above(path));
    // Somebody else may have made it since.
    if (lookAtOne(this.#parts.folder, path)?.kind !== 'folder') mkdirSync(this.#at(path), OWNER);
  }

  /** Permissions and times of folders last, deepest first: whatever is written in one changes its time. */
  settleFolders(): void {
    const { folder, before, compared } = this.#parts;
    const modes = compared.changes.filter(
      ({ before: was, after }) => was?.kind === 'folder' && after?.kind === 'folder',
    );
    for (const { path } of modes) this.#touched.add(path);
    const paths = [...before].filter(([path, { kind }]) => kind === 'folder' && this.#touched.has(path));
    for (const [path, seen] of paths.toReversed())
      this.attempt(path, () => {
        if (lookAtOne(folder, path)?.kind === 'folder') this.#dress(path, seen);
      });
  }

  /** A folder that the task shut, or that was shut and opened for a moment, opens for a moment once more. */
  #allowed(path: Key, deed: () => void): void {
    try {
      this.#refuseLinks(path);
      return deed();
    } catch (error) {
      if (errorCode(error) !== 'EACCES') throw error;
      for (const folder of ['', ...chainOf(path)]) this.#open(folder);
      this.#refuseLinks(path);
      return deed();
    }
  }

  #open(path: Key): void {
    const seen = lookAtOne(this.#parts.folder, path);
    if (seen?.kind !== 'folder' || (seen.mode & OWNER) === OWNER) return;
    chmodSync(this.#at(path), seen.mode | OWNER);
    this.#touch(path);
  }

  /** Nothing is written through a link that took the place of a folder: that would be another tree. */
  #refuseLinks(path: Key): void {
    for (const folder of chainOf(path).slice(0, -1)) {
      const seen = lookAtOne(this.#parts.folder, folder);
      if (seen && seen.kind !== 'folder') throw new Refused('what it lay in is no folder any more');
    }
  }

  /** A name of the same file that is as it was gives the file its name back; else the bytes come anew. */
  #linkedAgain(path: Key, before: Seen): boolean {
    if (before.names < 2) return false;
    const { folder } = this.#parts;
    const other = this.#restored.get(before.ino) ?? this.#stillAsItWas(path, before);
    if (other === undefined) return false;
    this.#replace(path, (standIn) => linkSync(bytesOf(whole(folder, other)), standIn));
    return true;
  }

  #stillAsItWas(path: Key, { ino }: Seen): Key | undefined {
    const { before, compared } = this.#parts;
    this.#names ??= unchangedNames(before, compared);
    const other = this.#names.get(ino);
    return other === path ? undefined : other;
  }

  #write(path: Key, standIn: Buffer): void {
    const { keep, sums } = this.#parts;
    const size = keep.sizeOf(path);
    const file = openSync(standIn, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      for (let from = 0; from < size; from += PIECE_BYTES) {
        const piece = keep.read(path, from, PIECE_BYTES);
        hash.update(piece);
        writeAll(file, piece);
      }
      // The task could reach what was kept as it could reach everything else.
      if (hash.digest('hex') !== sums.get(path)) throw new Refused('what was kept of it is not what it was');
    } finally {
      closeSync(file);
    }
  }

  #replace(path: Key, make: (standIn: Buffer) => void): void {
    const parent = above(path);
    const name = parent === undefined ? STAND_IN : `${parent}/${STAND_IN}`;
    const standIn = this.#at(name);
    let isMade = false;
    try {
      make(standIn);
      isMade = true;
      renameSync(standIn, this.#at(path));
      // Two names of one file: a rename does nothing then.
      rmSync(standIn, { force: true });
    } catch (error) {
      if (isMade || errorCode(error) !== 'EEXIST') rmSync(standIn, { force: true });
      throw error;
    }
  }

  /** Owner, permissions and the time of the last change; the owner only where this may be done. */
  #dress(path: Key, { kind, mode, uid, gid, mtimeNs }: Seen): void {
    const at = this.#at(path);
    const now = lookAtOne(this.#parts.folder, path);
    if (now) this.#dressed.add(now.ino);
    if (now && (now.uid !== uid || now.gid !== gid)) lchownSync(at, uid, gid);
    if (kind !== 'link') chmodSync(at, mode);
    // Half a microsecond more, so that it is the same one also where the system cuts off what a fraction lost.
    const seconds = (Number(mtimeNs / 1000n) + 0.5) / 1e6;
    lutimesSync(at, seconds, seconds);
  }

  /** What stands there now, as the task left it. */
  #refuseChanged({ path, after }: Change): Seen | undefined {
    const now = lookAtOne(this.#parts.folder, path);
    const isAsLeft =
      after === undefined
        ? now === undefined
        : // A folder that was removed on the way leaves nothing behind.
          (now === undefined && after.kind === 'folder') ||
          (now?.kind === after.kind &&
            (after.kind === 'folder' ||
              (now.ino === after.ino &&
                now.size === after.size &&
                (this.#dressed.has(now.ino) || (now.mtimeNs === after.mtimeNs && now.mode === after.mode)))));
    if (!isAsLeft) throw new Refused(CHANGED_AGAIN);
    return now;
  }

  #touch(path: Key | undefined): void {
    if (path !== undefined) this.#touched.add(path);
  }

  #at(path: Key): Buffer {
    return bytesOf(whole(this.#parts.folder, path));
  }
}

class Refused extends Error {}

function whyNot(error: unknown): string {
  if (error instanceof Refused) return error.message;
  const code = errorCode(error);
  return code === UNKNOWN_CODE ? String(error) : code;
}

function unchangedNames(before: Tree, { changes, after }: Compared): ReadonlyMap<bigint, Key> {
  const changed = new Set(changes.map(({ path }) => path));
  const names = new Map<bigint, Key>();
  for (const [path, { kind, ino, names: count }] of before)
    if (kind === 'file' && count > 1 && !changed.has(path) && after.get(path)?.ino === ino)
      names.set(ino, path);
  return names;
}

function above(path: Key): Key | undefined {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? undefined : path.slice(0, slash);
}

/** The folders above it, from the top, and itself. */
function chainOf(path: Key): readonly Key[] {
  const parts = path.split('/');
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

function writeAll(file: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) {
    const taken = writeSync(file, bytes, written);
    if (taken === 0) throw Object.assign(new Error('took no byte'), { code: 'EIO' });
    written += taken;
  }
}
