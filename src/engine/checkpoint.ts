// The checkpoint on the disk: believed only where the ledger still holds the very line that it stands on.

import {
  decodeCheckpoint,
  encodeCheckpoint,
  type Checkpoint,
  type LastLine,
} from '../core/loop/checkpoint.ts';
import { crcOf, decodeLine } from '../core/loop/line.ts';
import type { Disk, Failure } from '../ports.ts';
import type { LedgerPaths } from './ledger.ts';
import type { Segment } from './segments.ts';

/** A fold larger than this would cost more to read than it saves. */
const LARGEST_BYTES = 67_108_864;
const NEWLINE = 10;

/** A checkpoint of this very build that stands on a line which is not there: the ledger behind it was cut, or is an older copy. */
export interface Orphaned {
  readonly orphaned: LastLine;
}

/** Undefined when there is none that can be believed; then the whole ledger is folded. */
export function readCheckpoint(
  disk: Disk,
  paths: LedgerPaths,
  segments: readonly Segment[],
): Checkpoint | Orphaned | undefined {
  const file = checkpointFile(paths);
  if (file === undefined || paths.build === undefined || (disk.size(file) ?? 0) > LARGEST_BYTES)
    return undefined;
  const bytes = disk.read(file);
  if (!(bytes instanceof Uint8Array)) return undefined;
  const checkpoint = decodeCheckpoint(new TextDecoder().decode(bytes), paths.build);
  if (!checkpoint) return undefined;
  return isThere(disk, segments, checkpoint.at) ? checkpoint : { orphaned: checkpoint.at };
}

/** Unsynced: one that is lost or older is no harm, one that lies is found out. */
export function writeCheckpoint(disk: Disk, paths: LedgerPaths, checkpoint: Checkpoint): Failure | undefined {
  const file = checkpointFile(paths);
  if (file === undefined || paths.build === undefined) return undefined;
  const bytes = new TextEncoder().encode(encodeCheckpoint(checkpoint, paths.build));
  return bytes.length > LARGEST_BYTES ? undefined : disk.replace(file, bytes, false);
}

/** Undefined: this ledger keeps none. */
export function checkpointFile({ stateDir }: LedgerPaths): string | undefined {
  return stateDir === undefined ? undefined : `${stateDir}/checkpoint.json`;
}

/** Whether that line begins and ends there, whole, with that number and that checksum. */
export function isThere(disk: Disk, segments: readonly Segment[], at: LastLine): boolean {
  const file = segments.find(({ number }) => number === at.segment)?.file;
  if (file === undefined) return false;
  // With the end of the line before it.
  const before = at.offset === 0 ? 0 : 1;
  const piece = disk.readFrom(file, at.offset - before, at.bytes + before);
  if (!(piece instanceof Uint8Array) || piece.length !== at.bytes + before) return false;
  if (before === 1 && piece[0] !== NEWLINE) return false;
  const line = piece.subarray(before, -1);
  return (
    piece.at(-1) === NEWLINE &&
    !line.includes(NEWLINE) &&
    decodeLine(line)?.seq === at.seq &&
    crcOf(line) === at.crc
  );
}
