// What is kept only until somebody has read it. A task can reach it, and can see to it that it cannot be removed: then it stays.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function makeTemporary(prefix: string): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

export function removeFolder(path: string): void {
  quietly(path, true);
}

export function removeFile(path: string): void {
  quietly(path, false);
}

function quietly(path: string, recursive: boolean): void {
  try {
    rmSync(path, { recursive, force: true });
  } catch {
    // Nothing depends on it any more.
  }
}
