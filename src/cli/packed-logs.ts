// Logs of cycles that were packed: read out of the one file that the cycle's folder became.

import { ARCHIVE } from '../core/loop/retention.ts';
import type { Secret } from '../core/judge/redact.ts';
import { realDisk } from '../system/files.ts';
import { unpack, type Taker } from '../system/tar.ts';
import { startIn, tailBytes } from './pour.ts';
import { ShownText } from './shown-text.ts';

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
  readonly secrets: readonly Secret[];
  readonly write: (text: string) => void;
}

/** False: there is no such log in it. `failed`: it cannot be read to its end. */
export async function pourPacked({
  archive,
  log,
  tail,
  secrets,
  write,
}: Wish): Promise<boolean | { readonly failed: string }> {
  let isThere = false;
  const failure = await unpack(archive, (name) => {
    if (name !== log) return undefined;
    isThere = true;
    const shown = new ShownText(secrets);
    return tail === undefined ? wholeTo(write, shown) : tailTo(write, tail, shown);
  });
  return failure ? { failed: `${failure.what} (${failure.failed})` } : isThere;
}

function wholeTo(write: (text: string) => void, shown: ShownText): Taker {
  return { see: (chunk) => write(shown.see(chunk)), end: () => write(shown.end()) };
}

/** Keeps no more than the lines may have, as where a log is a file of its own. */
function tailTo(write: (text: string) => void, lines: number, shown: ShownText): Taker {
  const most = tailBytes(lines);
  let kept: readonly Uint8Array[] = [];
  let bytes = 0;
  let all = 0;
  return {
    see: (chunk) => {
      all += chunk.length;
      kept = [...kept, chunk.slice()];
      bytes += chunk.length;
      for (let [first] = kept; first && bytes - first.length >= most; [first] = kept) {
        kept = kept.slice(1);
        bytes -= first.length;
      }
    },
    end: () => {
      const end = Buffer.concat(kept).subarray(-most);
      const { at, mark } = startIn(end, lines);
      shown.see(end.subarray(0, at));
      write((all > most ? mark : '') + shown.see(end.subarray(at)) + shown.end());
    },
  };
}
