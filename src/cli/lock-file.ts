// The part of `gate-run check` that looks at npm's lock file, when `--lock` asks for it.

import { resolve } from 'node:path';
import type { Problem } from '../core/config/problem.ts';
import { checkLock } from '../core/lock-file.ts';
import { realDisk } from '../system/files.ts';
import type { CommandRequest } from './request.ts';

export interface LockChecked {
  readonly problems: readonly Problem[];
  /** For people: what was looked at, as a whole line; empty when nobody asked. */
  readonly note: string;
}

/** `--lock=auto` (package-lock.json where there is one), `--lock=none`, or `--lock=FILE`, which then has to be there. */
export function lockChecked({ folder, args }: Pick<CommandRequest, 'folder' | 'args'>): LockChecked {
  const [flag, next, ...more] = args[0]?.startsWith('--lock=')
    ? ['--lock', args[0].slice('--lock='.length), ...args.slice(1)]
    : args;
  if (flag === undefined) return { problems: [], note: '' };
  const surplus = flag === '--lock' ? more[0] : flag;
  if (surplus !== undefined) return refused(surplus, '`check` does not know it');
  if (next === undefined || next === '') return refused('--lock', 'it needs `auto`, `none` or a file');
  return next === 'none' ? { problems: [], note: '' } : lockAt(folder, next);
}

function lockAt(folder: string, which: string): LockChecked {
  const file = which === 'auto' ? 'package-lock.json' : which;
  const bytes = realDisk().read(resolve(folder, file));
  if (bytes === undefined && which === 'auto') return { problems: [], note: `${file}: there is none\n` };
  if (bytes === undefined) return refused(file, 'the lock file is not there');
  if (!(bytes instanceof Uint8Array))
    return refused(file, `the lock file could not be read: ${bytes.failed}`);
  const { packages, problems } = checkLock(new TextDecoder().decode(bytes));
  return {
    problems: problems.map((problem) => ({ file, ...problem })),
    note: `${file} is whole: ${packages} entries\n`,
  };
}

function refused(file: string, message: string): LockChecked {
  return { problems: [{ file, message }], note: '' };
}
