// Where copies are made: a folder of the system's temporary place, held by the kernel's lock while somebody proves in it. It goes when
// that is over; what a killed one left behind goes with the next.

import { chmodSync, lstatSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { Failure } from '../../ports.ts';
import { failure } from '../files.ts';
import { isFolder } from '../sizes.ts';
import { takeLock } from '../lock.ts';
import { isHeld } from '../owner.ts';
import { endStrays } from '../strays.ts';
import { makeTemporary } from '../temporary.ts';

const PREFIX = 'gate-run-prove-';
/** One that is younger may not have come to its lock. */
const YOUNG_MS = 60_000;

export interface ProvingPlace {
  /** Absolute, without links. */
  readonly folder: string;
  /** The folder that is copied, without links. */
  readonly original: string;
  /** A copy that nobody needs any more; what cannot be removed yet goes when it is over. */
  discard(copy: string): void;
  /** Gives back what could not be removed. */
  close(): string | undefined;
}

/** For copies of `copied`, absolute; it must not lie above. */
export function openProvingPlace(copied: string, version: string): ProvingPlace | Failure {
  try {
    return opened(copied, version);
  } catch (error) {
    return failure(error, `make a copy in ${tmpdir()}; set TMPDIR to a folder that can be written`);
  }
}

function opened(copied: string, version: string): ProvingPlace | Failure {
  const original = realpathSync(copied);
  const temporary = realpathSync(tmpdir());
  if (temporary === original || temporary.startsWith(`${original}${sep}`))
    return {
      failed: 'EINVAL',
      what: `copy the folder to ${temporary}, which lies in it; set TMPDIR to another place`,
    };
  sweep(temporary);
  const folder = realpathSync(makeTemporary(PREFIX));
  const lock = takeLock({ stateDir: folder, version });
  if ('failed' in lock || 'heldBy' in lock) {
    removeWhole(folder);
    return 'failed' in lock ? lock : { failed: 'ELOCK', what: `lock ${folder}` };
  }
  linkModulesAbove(original, folder);
  return {
    folder,
    original,
    discard: (copy) => void removeWhole(copy),
    close: () => {
      lock.release();
      return removeWhole(folder);
    },
  };
}

/** Packages of a project that this folder is a part of are found on the way up, as from the folder itself. */
function linkModulesAbove(original: string, place: string): void {
  for (let above = dirname(original); above !== dirname(above); above = dirname(above)) {
    const modules = join(above, 'node_modules');
    if (isFolder(modules)) return symlinkSync(modules, join(place, 'node_modules'));
  }
}

/** Ends what runs in places that nobody holds any more, and removes them. */
function sweep(temporary: string): void {
  for (const name of readdirSync(temporary)) {
    const place = join(temporary, name);
    if (!name.startsWith(PREFIX)) continue;
    try {
      if (!isLeft(place)) continue;
      for (const run of runsIn(place)) endStrays({ run, alive: () => false });
      removeWhole(place);
    } catch {
      // Another one sweeps as well.
    }
  }
}

function isLeft(place: string): boolean {
  const found = lstatSync(place, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return false;
  const hasOwner = statSync(join(place, 'owner.json'), { throwIfNoEntry: false }) !== undefined;
  return hasOwner ? isHeld(place) === false : Date.now() - found.mtimeMs > YOUNG_MS;
}

/** The folder of a run's logs bears its name. */
function runsIn(place: string): readonly string[] {
  const logs = join(place, 'logs');
  return isFolder(logs) ? readdirSync(logs) : [];
}

/** Also where something took the right to write away from its folders. Gives back what is left. */
function removeWhole(folder: string): string | undefined {
  for (const isLast of [false, true]) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return undefined;
    } catch {
      if (!isLast) openUp(folder);
    }
  }
  return folder;
}

function openUp(folder: string): void {
  try {
    chmodSync(folder, 0o700);
    for (const entry of readdirSync(folder, { withFileTypes: true }))
      if (entry.isDirectory()) openUp(join(folder, entry.name));
  } catch {
    // Then it stays, and is told of.
  }
}
