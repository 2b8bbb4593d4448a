// A copy of an example, as a person would make one.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith, type Folder } from './rig.ts';

export const EXAMPLES: string = new URL('../../examples', import.meta.url).pathname;
/** What a run of an example leaves; a person may have run it where it stands. */
const LEFT = /\/(?:\.gate-run|out|state|logs|workplace|\.loop-logs|\.phase7|acted\.txt|trouble)$/;

export function copied(name: string): Folder {
  const folder = folderWith();
  cpSync(join(EXAMPLES, name), folder.path, { recursive: true, filter: (path) => !LEFT.test(path) });
  return folder;
}
