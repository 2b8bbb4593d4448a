// What can be told of a cycle's folder, or of the file that it was packed into, without reading it all.

import { ARCHIVE } from '../core/loop/retention.ts';
import type { Disk } from '../ports.ts';

/** What is being removed is called so: a crash in the middle must not leave half a cycle under its name. */
export const PRUNED = '.pruned';
/** The end of an events file that holds its last line's time, however long the line is. */
const TAIL_BYTES = 65_536;
/** Where gzip keeps the time of what it holds, in seconds, lowest byte first. */
const GZIP_TIME = { at: 4, bytes: 4 };

export interface CycleFolders {
  readonly disk: Disk;
  readonly cycles: string;
  /** Undefined: none are packed. */
  readonly archives: string | undefined;
}

export function archiveFile({ archives }: CycleFolders, folder: string): string | undefined {
  return archives === undefined ? undefined : `${archives}/${folder}${ARCHIVE}`;
}

/** Epoch milliseconds, as the last line of its events says, or the archive's head; undefined: neither is there, or says so. */
export function endedAt(place: CycleFolders, folder: string): number | undefined {
  const { disk, cycles } = place;
  const file = `${cycles}/${folder}/events.jsonl`;
  const size = disk.size(file);
  if (size === undefined) return packedAt(place, folder);
  const tail = disk.readFrom(file, Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
  const text = tail instanceof Uint8Array ? new TextDecoder().decode(tail) : '';
  const at = [...text.matchAll(/"at":"(\d{4}-\d\d-\d\dT[\d:.]{1,20}Z)"/g)].at(-1)?.[1];
  const time = at === undefined ? Number.NaN : Date.parse(at);
  return Number.isNaN(time) ? undefined : time;
}

function packedAt(place: CycleFolders, folder: string): number | undefined {
  const file = archiveFile(place, folder);
  const bytes = file === undefined ? undefined : place.disk.readFrom(file, GZIP_TIME.at, GZIP_TIME.bytes);
  if (!(bytes instanceof Uint8Array) || bytes.length < GZIP_TIME.bytes) return undefined;
  const seconds = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
  return seconds === 0 ? undefined : seconds * 1000;
}

/** Of the folder and of its archive. */
export function weigh(place: CycleFolders, folder: string): number {
  const archive = archiveFile(place, folder);
  const packed = archive === undefined ? 0 : (place.disk.size(archive) ?? 0);
  return place.disk.weigh(`${place.cycles}/${folder}`) + packed;
}
