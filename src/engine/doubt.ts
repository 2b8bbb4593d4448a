// Whether the last run left its files in doubt: behind a failed sync the system may show bytes that it has given up, and a
// later sync does not bring them back. A mark stands beside the history while a run writes; one that is found says so.

import type { Disk, Failure } from '../ports.ts';

function markOf(history: string): string {
  return `${history}.unsettled`;
}

/** Before the first byte of a run. */
export function markUnsettled(disk: Disk, history: string): Failure | undefined {
  const mark = disk.append(markOf(history));
  if ('failed' in mark) return mark;
  mark.close();
  return undefined;
}

/** Everything that was written is durable. */
export function markSettled(disk: Disk, history: string): void {
  disk.remove(markOf(history));
}

/**
 * Before anything is written behind them: whole copies take the place of files in doubt, durable or not at all. Writing the
 * same bytes in place would not do, since a power cut may keep the last of them without the first.
 */
export function settle(disk: Disk, history: string, files: readonly string[]): Failure | undefined {
  if (disk.size(markOf(history)) === undefined) return undefined;
  for (const file of files) {
    const bytes = disk.read(file);
    if (bytes === undefined) continue;
    const failure = bytes instanceof Uint8Array ? disk.replace(file, bytes, true) : bytes;
    if (failure) return failure;
  }
  return undefined;
}
