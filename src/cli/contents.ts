// Which files a backup holds, from one moment of the state: the ledger first, then what it speaks of, then what belongs to people.

import { basename } from 'node:path';
import { HISTORY, HOMES, QUESTIONS } from '../core/backup/manifest.ts';
import { folderOfArchive } from '../core/loop/retention.ts';
import type { Captured } from '../engine/capture.ts';
import { segmentFile, type Segment } from '../engine/segments.ts';
import type { Disk } from '../ports.ts';
import { below } from '../system/folder.ts';
import { pin, type Part, type Pinned } from '../system/tar.ts';

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

/** What a run, or a segment set aside, cannot change under the packing any more. */
export function pinLedger(segments: readonly Segment[], newestBytes: number): readonly Pinned[] {
  return segments.map(({ number, file }) => {
    const isNewest = number === segments.length;
    const pinned = pin(isNewest ? HISTORY : segmentFile(`/${HISTORY}`, number).slice(1), file);
    if (!pinned) throw Object.assign(new Error(`${file} is gone`), { code: 'ESTALE' });
    return { ...pinned, size: isNewest ? newestBytes : pinned.size };
  });
}

export interface Contents {
  readonly groups: Iterable<readonly Part[]>;
  /** Links, pipes and devices that were met and left out. */
  leftOut(): number;
}

/** `captured` absent: the ledger alone, without the folders of its cycles. */
export function contentsOf(disk: Disk, kept: Kept, ledger: readonly Part[], captured?: Captured): Contents {
  let others = 0;
  function* groups(): Generator<readonly Part[]> {
    yield ledger;
    const { open, folders = [] } = captured ?? {};
    if (open) yield [{ name: `${HOMES.cycles}${open.folder}/${EVENTS}`, bytes: open.events }];
    for (const folder of [...(open ? [open.folder] : []), ...folders]) {
      const isOpen = folder === open?.folder;
      const found = below(`${kept.cycles}/${folder}`);
      others += found.others;
      const names = found.files.filter((name) => name !== EVENTS);
      const parts = (isOpen ? names : [EVENTS, ...names]).map((name) => ({
        name: `${HOMES.cycles}${folder}/${name}`,
        path: `${kept.cycles}/${folder}/${name}`,
      }));
      // A log of the turn under way may be gone before it is read, and takes no other one with it.
      const size = isOpen ? 1 : MOST_AT_ONCE;
      for (let at = 0; at < parts.length; at += size) yield parts.slice(at, at + size);
    }
    const archives = kept.archives === undefined || captured === undefined ? undefined : kept.archives;
    for (const name of archives === undefined ? [] : disk.list(archives))
      if (folderOfArchive(name) !== undefined)
        yield [{ name: `${HOMES.archives}${name}`, path: `${archives}/${name}` }];
    yield textOf(disk, QUESTIONS, kept.questions);
    if (kept.config !== undefined) yield textOf(disk, `${HOMES.config}${basename(kept.config)}`, kept.config);
  }
  return { groups: groups(), leftOut: () => others };
}

/** Small files of people, also behind a link that they made. */
function textOf(disk: Disk, name: string, path: string): readonly Part[] {
  const bytes = disk.read(path);
  return bytes instanceof Uint8Array ? [{ name, bytes }] : [];
}
