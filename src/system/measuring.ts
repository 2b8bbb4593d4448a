// What a baseline runs belongs to no run of the ledger. Its name stands beside that while it measures, so that the next start finds
// what a killed one left running.

import { join } from 'node:path';
import { realDisk } from './files.ts';
import { endStrays } from './strays.ts';

function fileIn(stateDir: string): string {
  return join(stateDir, 'measuring');
}

/** Under the lock, before anything is started; `name`: what the names of its runs begin with. Gives back what ends that. */
export function beginMeasuring(stateDir: string, name: string): () => void {
  const disk = realDisk();
  disk.replace(fileIn(stateDir), new TextEncoder().encode(name), false);
  return () => {
    disk.remove(fileIn(stateDir));
  };
}

/** Under the lock: ends what a dead baseline left running. */
export function endLeftMeasuring(stateDir: string): void {
  const disk = realDisk();
  const bytes = disk.read(fileIn(stateDir));
  if (!(bytes instanceof Uint8Array)) return;
  const run = new TextDecoder().decode(bytes);
  // A name that begins nothing of ours would end whatever was marked by anybody.
  if (/^gate-run-baseline-\w+$/.test(run)) endStrays({ run, isFamily: true, stateDir, alive: () => false });
  disk.remove(fileIn(stateDir));
}
