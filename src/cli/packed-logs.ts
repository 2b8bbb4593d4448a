// Logs of cycles that were packed: read out of the one file that the cycle's folder became.

import { ARCHIVE } from '../core/loop/retention.ts';
import { realDisk } from '../system/files.ts';
import { unpack, type Taker } from '../system/tar.ts';
import { startIn, tailBytes } from './pour.ts';

/** The archive that a log is in, `000041/check.test.1.log`; undefined: its cycle is a folder still, or gone. */
export function archiveWith(log: string, cycles: string, archives: string): string | undefined {
  const folder = log.slice(0, log.indexOf('/'));
  const file = `${archives}/${folder}${ARCHIVE}`;
  const isPacked =
    realDisk().size(`${cycles}/${folder}`) === undefined && realDisk().size(file) !== undefined;
  return isPacked ? file : undefined;
}

/** By name. */
export async function sizesIn(archive: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  await unpack(archive, (name, size) => {
    sizes.set(name, size);
    return undefined;
  });
  return sizes;
}

interface Wish {
  readonly archive: string;
  readonly log: string;
  /** Only so many lines at the end. */
  readonly tail: number | undefined;
  readonly write: (text: string) => void;
}

/** False: there is no such log in it. `failed`: it cannot be read to its end. */
export async function pourPacked({
  archive,
  log,
  tail,
  write,
}: Wish): Promise<boolean | { readonly failed: string }> {
  let isThere = false;
  const failure = await unpack(archive, (name) => {
    if (name !== log) return undefined;
    isThere = true;
    return tail === undefined ? wholeTo(write) : tailTo(write, tail);
  });
  return failure ? { failed: `${failure.what} (${failure.failed})` } : isThere;
}

function wholeTo(write: (text: string) => void): Taker {
  const decoder = new TextDecoder();
  return {
    see: (chunk) => write(decoder.decode(chunk, { stream: true })),
    end: () => write(decoder.decode()),
  };
}

/** Keeps no more than the lines may have, as where a log is a file of its own. */
function tailTo(write: (text: string) => void, lines: number): Taker {
  const most = tailBytes(lines);
  let kept: readonly Uint8Array[] = [];
  let bytes = 0;
  return {
    see: (chunk) => {
      kept = [...kept, chunk.slice()];
      bytes += chunk.length;
      for (let [first] = kept; first && bytes - first.length >= most; [first] = kept) {
        kept = kept.slice(1);
        bytes -= first.length;
      }
    },
    end: () => {
      const end = Buffer.concat(kept).subarray(-most);
      write(new TextDecoder().decode(end.subarray(startIn(end, lines))));
    },
  };
}
