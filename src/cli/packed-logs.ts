// Logs of cycles that were packed: read out of the one file that the cycle's folder became.

import { ARCHIVE } from '../core/loop/retention.ts';
import { realDisk } from '../system/files.ts';
import { unpack } from '../system/tar.ts';

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
  const decoder = new TextDecoder();
  let kept: readonly string[] = [];
  const see = (text: string, isLast: boolean): void => {
    if (tail === undefined) return write(text);
    const lines = [...kept.slice(0, -1), ...`${kept.at(-1) ?? ''}${text}`.split('\n')];
    kept = lines.slice(-tail - 1);
    if (isLast) write(lastLines(kept, tail));
  };
  const failure = await unpack(archive, (name) => {
    if (name !== log) return undefined;
    isThere = true;
    return {
      see: (chunk) => see(decoder.decode(chunk, { stream: true }), false),
      end: () => see(decoder.decode(), true),
    };
  });
  return failure ? { failed: `${failure.what} (${failure.failed})` } : isThere;
}

/** A newline at the end makes no line of its own. */
function lastLines(kept: readonly string[], count: number): string {
  const isWhole = kept.at(-1) === '';
  const lines = isWhole ? kept.slice(0, -1) : kept;
  return `${lines.slice(-count).join('\n')}${isWhole && lines.length > 0 ? '\n' : ''}`;
}
