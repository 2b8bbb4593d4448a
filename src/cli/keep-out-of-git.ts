// The state folder that nobody chose must not turn up in anybody's commit.

import type { Failure } from '../ports.ts';
import { realDisk } from '../system/files.ts';

/** One that is there stays as it is. */
export function keepOutOfGit(stateDir: string): Failure | undefined {
  const file = `${stateDir}/.gitignore`;
  if (realDisk().size(file) !== undefined) return undefined;
  return realDisk().replace(file, new TextEncoder().encode('*\n'), false);
}
