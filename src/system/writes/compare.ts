// What is not as it was: two looks at a tree, told apart by what the system tells, and by the bytes where that has moved.

import { chmodSync } from 'node:fs';
import { changedLines, lineCount } from '../../core/writes/lines.ts';
import { readContent, type Sums, type Taker } from './content.ts';
import type { Keep } from './keep.ts';
import type { Snapshot } from './snapshot.ts';
import { bytesOf, isSame, lookAt, Rest, whole, type Key, type Look, type Seen, type Tree } from './tree.ts';

export interface Change {
  readonly path: Key;
  readonly how: 'added' | 'changed' | 'removed';
  /** Undefined: it was not there. */
  readonly before: Seen | undefined;
  /** Undefined: it is not there any more. */
  readonly after: Seen | undefined;
  /** Its bytes, or where it leads; false: only its mode or its owner. */
  readonly isContent: boolean;
}

export interface Compared {
  readonly changes: readonly Change[];
  readonly after: Tree;
}

/** Two versions of a file that is larger than this are not compared line by line: all lines of both count. */
const MOST_COMPARED_BYTES = 16_777_216;
const PIECE_BYTES = 1_048_576;

interface Looking extends Look {
  readonly sums: Sums;
}

/** `use` is asked while what the task shut is open. */
export async function compared<T>(
  before: Snapshot,
  { folder, isLeftOut, sums }: Looking,
  use: (compared: Compared) => Promise<T>,
): Promise<T> {
  const opened = new Map<Key, number>();
  // What could not be read before is not to be read now: all of it would seem new.
  const mayOpen = (path: Key) => before.tree.get(path)?.shut === undefined;
  try {
    return await use(await compare(before, { folder, isLeftOut, sums, mayOpen, opened }));
  } finally {
    for (const [path, mode] of [...opened].toReversed()) shut(whole(folder, path), mode);
  }
}

function shut(path: Key, mode: number): void {
  try {
    chmodSync(bytesOf(path), mode);
  } catch {
    // It went meanwhile.
  }
}

async function compare(before: Snapshot, look: Looking): Promise<Compared> {
  const after = await lookAt(look);
  const [filledBefore, filledAfter] = [filled(before.tree), filled(after)];
  const changes: Change[] = [];
  const rest = new Rest();
  for (const [path, now] of after) {
    const was = before.tree.get(path);
    await rest.ifDue();
    if (!was) {
      // A folder counts only where it is all there is.
      if (now.kind !== 'folder' || !filledAfter.has(path))
        changes.push({ path, how: 'added', before: was, after: now, isContent: true });
      continue;
    }
    const how = await difference(path, { was, now, before, look });
    if (how !== 'none')
      changes.push({ path, how: 'changed', before: was, after: now, isContent: how === 'content' });
  }
  for (const [path, was] of before.tree) {
    if (after.has(path) || (was.kind === 'folder' && filledBefore.has(path))) continue;
    changes.push({ path, how: 'removed', before: was, after: undefined, isContent: true });
  }
  return { changes, after };
}

interface Two {
  readonly was: Seen;
  readonly now: Seen;
  readonly before: Snapshot;
  readonly look: Looking;
}

async function difference(path: Key, { was, now, before, look }: Two): Promise<'none' | 'mode' | 'content'> {
  if (was.kind !== now.kind || was.target !== now.target || was.device !== now.device) return 'content';
  const isUnknown = was.shut !== undefined || now.shut !== undefined;
  if (isUnknown && !isSame(was, now)) return 'content';
  if (was.kind === 'file' && !isSame(was, now)) {
    const sum = was.size === now.size ? await sumOf(path, now, look) : undefined;
    // What could not be read before or cannot be now is told by its looks, and those have moved.
    if (sum === undefined || sum !== before.sums.get(path)) return 'content';
  }
  return was.mode !== now.mode || was.uid !== now.uid || was.gid !== now.gid ? 'mode' : 'none';
}

async function sumOf(path: Key, now: Seen, { folder, sums }: Looking): Promise<string | undefined> {
  const known = sums.of(path, now);
  if (known !== undefined) return known;
  const content = await readContent(whole(folder, path));
  if (!content || 'unread' in content) return undefined;
  sums.note(path, now, content.sum);
  return content.sum;
}

/** Folders in which something is. */
function filled(tree: Tree): ReadonlySet<Key> {
  const folders = new Set<Key>();
  for (const path of tree.keys()) {
    const slash = path.lastIndexOf('/');
    if (slash >= 0) folders.add(path.slice(0, slash));
  }
  return folders;
}

/** Of all of them together, no further than `most` and one more. A link has one line: where it leads. */
export async function linesOf(
  changes: readonly Change[],
  { keep }: Snapshot,
  { folder, most }: { readonly folder: Key; readonly most: number },
): Promise<number> {
  let lines = 0;
  for (const { path, before, after, isContent } of changes) {
    if (lines > most) return lines;
    if (!isContent) continue;
    const now = after?.kind === 'file' ? await readNow(whole(folder, path)) : ofLink(after);
    // Nobody can say how many it has; that must not be a way to have many.
    if (now === undefined) return most + 1;
    const old = before?.kind === 'file' && keep ? keptIn(keep, path) : ofLink(before);
    lines +=
      typeof old === 'number' || typeof now === 'number'
        ? countOf(old) + countOf(now)
        : changedLines(old, now, most - lines);
  }
  return lines;
}

/** The bytes, or of a large file how many lines it has. */
type Text = Uint8Array | number;

function countOf(text: Text): number {
  return typeof text === 'number' ? text : lineCount(text);
}

function ofLink(seen: Seen | undefined): Text {
  return bytesOf(seen?.target ?? '');
}

function keptIn(keep: Keep, path: Key): Text {
  const size = keep.sizeOf(path);
  if (size <= MOST_COMPARED_BYTES) return keep.read(path, 0, size);
  const lines = new Lines(size);
  for (let from = 0; from < size; from += PIECE_BYTES) lines.take(keep.read(path, from, PIECE_BYTES));
  return lines.text;
}

/** Undefined: it cannot be read. */
async function readNow(path: Key): Promise<Text | undefined> {
  const lines = new Lines(0);
  const content = await readContent(path, lines);
  return content && 'sum' in content ? lines.text : undefined;
}

class Lines implements Taker {
  #pieces: Uint8Array[] = [];
  #count = 0;
  #isLarge = false;

  constructor(size: number) {
    this.begin(size);
  }

  get text(): Text {
    return this.#isLarge ? this.#count : Buffer.concat(this.#pieces);
  }

  begin(size: number): void {
    this.#pieces = [];
    this.#count = 0;
    this.#isLarge = size > MOST_COMPARED_BYTES;
  }

  /** Of a large file each piece is taken to end with a line, which is one too many at most. */
  take(piece: Uint8Array): void {
    if (this.#isLarge) this.#count += lineCount(piece);
    else this.#pieces.push(Buffer.from(piece));
  }
}
