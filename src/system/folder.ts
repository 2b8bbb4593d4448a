// The files below a folder, and how many of the things there can be kept in no other place: links, pipes and devices are followed
// by nobody, and what has a name that is not UTF-8 is found by none that can be written down.

import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { errorCode, Failed, failure } from './files.ts';

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
      const name = entry.name.toString();
      const path = `${one}/${name}`;
      if (!Buffer.from(name).equals(entry.name)) others += 1;
      else if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) files.push(path.slice(folder.length + 1));
      else others += 1;
    }
  }
  return { files: files.toSorted(), others };
}

function entriesOf(folder: string): readonly Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: 'buffer' });
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw new Failed(failure(error, `read ${folder}`));
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
