// The files below a folder, and how many of the things there are no files: links, pipes and devices are followed by nobody.

import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { errorCode } from './files.ts';

export interface Below {
  /** Relative, in order. */
  readonly files: readonly string[];
  readonly others: number;
}

/** One that is gone has nothing; one that cannot be listed throws. Node's own recursion would go through links. */
export function below(folder: string): Below {
  const files: string[] = [];
  let others = 0;
  const folders = [folder];
  for (const one of folders) {
    for (const entry of entriesOf(one)) {
      const path = `${one}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path.slice(folder.length + 1));
      else others += 1;
    }
  }
  return { files: files.toSorted(), others };
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Whether a path lies in a folder, or is it, by whatever links either is reached. */
export function isInside(path: string, folder: string): boolean {
  const [inner, outer] = [`${real(path)}/`, `${real(folder)}/`];
  return inner.startsWith(outer);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
