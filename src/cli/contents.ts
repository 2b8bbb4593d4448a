// Which files a backup holds, from one moment of the state: what the ledger speaks of, what belongs to people, and the ledger. That
// is pinned all the time and looked at last: if its name leads elsewhere by then, so may have all other names.

import { basename } from 'node:path';
import { HISTORY, HOMES, manifestText, MANIFEST, QUESTIONS } from '../core/backup/manifest.ts';
import { folderOfArchive } from '../core/loop/retention.ts';
import { isoTime } from '../core/time.ts';
import type { Captured } from '../engine/capture.ts';
import { segmentFile, segmentsOf, type Segment } from '../engine/segments.ts';
import type { Disk } from '../ports.ts';
import { Failed } from '../system/files.ts';
import { isFolder } from '../system/sizes.ts';
import { below } from '../system/folder.ts';
import { packageVersion } from '../system/self.ts';
import {
  isSameFile,
  pin,
  unpin,
  type Group,
  type Packed,
  type Packing,
  type Part,
  type Pinned,
} from '../system/tar.ts';

export interface Kept {
  /** Absolute, all of them. */
  readonly history: string;
  readonly cycles: string;
  readonly questions: string;
  readonly archives: string | undefined;
  readonly config: string | undefined;
}

/** Of one folder, open at once: more would meet the limit of open files. */
const MOST_AT_ONCE = 1000;
const EVENTS = 'events.jsonl';
/** The code of a backup that was of no single state. */
export const MOVED = 'ESTALE';

/** What a run, or a segment set aside, cannot change under the packing any more. */
export function pinLedger(segments: readonly Segment[], newestBytes: number): readonly Pinned[] {
  const ledger: Pinned[] = [];
  try {
    for (const { number, file } of segments) {
      const isNewest = number === segments.length;
      // People may keep their ledger behind a link, and a run accepts that.
      const pinned = pin(isNewest ? HISTORY : segmentFile(`/${HISTORY}`, number).slice(1), file, true);
      if (!pinned) throw new Failed({ failed: 'ENOENT', what: `read ${file}` });
      ledger.push({ ...pinned, size: isNewest ? newestBytes : pinned.size });
    }
    return ledger;
  } catch (error) {
    unpin(ledger);
    throw error;
  }
}

export interface Contents {
  readonly groups: Iterable<Group>;
  /** What was met and left out. */
  leftOut(): number;
}

/** `captured` absent: the ledger alone, without the folders of its cycles. Whoever packs them lets go of the ledger. */
export function contentsOf(disk: Disk, kept: Kept, ledger: readonly Pinned[], captured?: Captured): Contents {
  let others = 0;
  function* folder(name: string, open: Captured['open']): Generator<Group> {
    const path = `${kept.cycles}/${name}`;
    const partOf = (file: string): Part => ({
      name: `${HOMES.cycles}${name}/${file}`,
      path: `${path}/${file}`,
    });
    const found = below(path);
    const parts = found.files.filter((file) => file !== EVENTS).map((file) => partOf(file));
    others += found.others;
    if (open) {
      yield { parts: [{ name: partOf(EVENTS).name, bytes: open.events }] };
      // A log of the turn under way may be gone before it is read, and takes no other one with it.
      for (const part of parts) yield { parts: [part] };
      return;
    }
    const events = pin(partOf(EVENTS).name, `${path}/${EVENTS}`);
    // What has no events is no cycle of the ledger, or not any more.
    if (events === undefined) {
      if (isFolder(path)) others += parts.length;
      return;
    }
    const of = { folder: path, missed: () => void (others += 1) };
    yield { parts: [events, ...parts.slice(0, MOST_AT_ONCE)], of };
    for (let at = MOST_AT_ONCE; at < parts.length; at += MOST_AT_ONCE)
      yield { parts: parts.slice(at, at + MOST_AT_ONCE), of };
  }
  function* aroundLedger(): Generator<Group> {
    const { open, folders = [] } = captured ?? {};
    if (open) yield* folder(open.folder, open);
    for (const name of folders) yield* folder(name, undefined);
    const archives = kept.archives === undefined || captured === undefined ? undefined : kept.archives;
    for (const name of archives === undefined ? [] : disk.list(archives))
      if (folderOfArchive(name) !== undefined)
        yield { parts: [{ name: `${HOMES.archives}${name}`, path: `${archives}/${name}` }] };
    yield textOf(disk, QUESTIONS, kept.questions);
    if (kept.config !== undefined) yield textOf(disk, `${HOMES.config}${basename(kept.config)}`, kept.config);
  }
  return { groups: behind(aroundLedger(), disk, kept, ledger), leftOut: () => others };
}

/** The ledger goes in behind all that was read by its name, if it is still what stands there. */
function* behind(
  others: Iterable<Group>,
  disk: Disk,
  { history }: Kept,
  ledger: readonly Pinned[],
): Generator<Group> {
  let isHeld = true;
  try {
    yield* others;
    const segments = segmentsOf(disk, history);
    const [oldest] = ledger;
    const file = 'damaged' in segments ? undefined : segments[0]?.file;
    if (oldest === undefined || file === undefined || !isSameFile(oldest, file))
      throw new Failed({ failed: MOVED, what: `read ${history}: another state took its place meanwhile` });
    isHeld = false;
    yield { parts: ledger };
  } finally {
    if (isHeld) unpin(ledger);
  }
}

/** Small files of people, also behind a link that they made. */
function textOf(disk: Disk, name: string, path: string): Group {
  const bytes = disk.read(path);
  return { parts: bytes instanceof Uint8Array ? [{ name, bytes }] : [] };
}

/** What a backup says of itself. */
export interface Said {
  readonly version: string;
  readonly takenAt: string;
  readonly name: string | null;
  readonly run: string | null;
  readonly cycle: number;
  readonly seq: number;
}

/** `of`: the moment that it holds. */
export function saidOf(
  of: { readonly run: string | undefined; readonly cycle: number; readonly seq: number },
  name: string | undefined,
  wall: number,
): Said {
  const { run = null, cycle, seq } = of;
  return { version: packageVersion(), takenAt: isoTime(wall), name: name ?? null, run, cycle, seq };
}

export function manifestOf(said: Said): NonNullable<Packing['last']> {
  return (files: readonly Packed[]) => ({ name: MANIFEST, text: manifestText({ ...said, files }) });
}
