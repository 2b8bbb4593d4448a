// Files that stand in for others until they are whole: their names, and the removal of those that a killed process left behind.

import { lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from './proc.ts';

/** Beside its target, so that one rename makes it that; with the process in its name, so that two never write one. */
export function standInOf(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
}

/** What a file of that name stands in for, and which process made it; undefined: it is none. */
export function stoodInFor(name: string): { readonly target: string; readonly pid: number } | undefined {
  const [, target, pid] = /^\.(.+)\.(\d{1,10})\.tmp$/.exec(name) ?? [];
  return target === undefined ? undefined : { target, pid: Number(pid) };
}

/** A link that a person made stays a link: what it points to is replaced. */
export function behindLink(path: string): string {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : path;
  } catch {
    return path;
  }
}

/** Only of these targets, and only of processes that are dead: one look into each folder. */
export function removeLeft(targets: readonly string[]): void {
  const byFolder = Map.groupBy(targets.map(behindLink), dirname);
  for (const [folder, files] of byFolder) {
    const names = new Set(files.map((file) => basename(file)));
    for (const name of namesIn(folder)) {
      const { target = '', pid = 0 } = stoodInFor(name) ?? {};
      if (names.has(target) && isAlive(pid, undefined) === false) removeQuietly(join(folder, name));
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It is in nobody's way: the next start tries again.
  }
}
