// Troubles around a simulated disk: operations that take long, a file system that turns read-only, a bit that flips at rest.

import type { Appender, Disk, Failure } from '../ports.ts';
import type { VirtualClock } from './clock.ts';
import type { Dice } from './random.ts';

export interface Slowness {
  readonly dice: Dice;
  readonly clock: VirtualClock;
  /** Share of writes and syncs that take long. */
  readonly share: number;
  readonly longestMs: number;
}

export interface DiskTrouble {
  readonly slow: Slowness | undefined;
  /** From this operation on, counted from 1, nothing can be written. */
  readonly readOnlyFrom: number | undefined;
}

export function troubledDisk(disk: Disk, { slow, readOnlyFrom = Infinity }: DiskTrouble): Disk {
  let operations = 0;
  /** Time passes; then whether the operation is refused. */
  const refused = (what: string): Failure | undefined => {
    operations += 1;
    if (slow?.dice.chance(slow.share)) slow.clock.stall(slow.dice.whole(1, slow.longestMs));
    return operations >= readOnlyFrom ? { failed: 'EROFS', what } : undefined;
  };
  const appender = (file: Appender): Appender => ({
    path: file.path,
    write: (bytes) => refused(file.path) ?? file.write(bytes),
    sync: () => refused(file.path) ?? file.sync(),
    syncLater: async () => refused(file.path) ?? (await file.syncLater()),
    close: () => file.close(),
  });
  return {
    read: (path) => disk.read(path),
    readFrom: (path, offset, length) => disk.readFrom(path, offset, length),
    size: (path) => disk.size(path),
    list: (folder) => disk.list(folder),
    look: (path) => disk.look(path),
    point: (path, target) => refused(path) ?? disk.point(path, target),
    weigh: (folder) => disk.weigh(folder),
    makeFolder: (path) => refused(path) ?? disk.makeFolder(path),
    append: (path, mayBeLink) => {
      const file = refused(path) ?? disk.append(path, mayBeLink);
      return 'failed' in file ? file : appender(file);
    },
    truncate: (path, size) => refused(path) ?? disk.truncate(path, size),
    replace: (path, bytes, durable) => refused(path) ?? disk.replace(path, bytes, durable),
    rename: (from, to) => refused(from) ?? disk.rename(from, to),
    remove: (path) => {
      if (!refused(path)) disk.remove(path);
    },
    syncFolder: (path) => refused(path) ?? disk.syncFolder(path),
    removeFolder: (path) => refused(path) ?? disk.removeFolder(path),
  };
}

/** One bit of a file turns while nobody looks; false: there is nothing in it. */
export function flipBit(disk: Disk, path: string, dice: Dice): boolean {
  const bytes = disk.read(path);
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return false;
  const at = dice.whole(0, bytes.length - 1);
  const turned = bytes.slice();
  turned[at] = (bytes[at] ?? 0) ^ (1 << dice.whole(0, 7));
  return disk.replace(path, turned, true) === undefined;
}
