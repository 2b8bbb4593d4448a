// How a test becomes a plain user: by setpriv alone, or, where that one may not even walk through `/`, in a root of its own.

import { execFileSync, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { Folder } from './rig.ts';

const NOBODY_ID = 65534;
const REPOSITORY = new URL('../../', import.meta.url).pathname.replace(/\/$/, '');
const PLAIN = ['setpriv', `--reuid=${NOBODY_ID}`, `--regid=${NOBODY_ID}`, '--clear-groups'];
const WRITABLE = ['/tmp', '/sys'].flatMap((path) => ['--bind', path, path]);
const READABLE = ['/usr', '/etc', REPOSITORY].flatMap((path) => ['--ro-bind', path, path]);
const LINKS = ['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]);
const ROOT = [
  'bwrap',
  '--cap-add',
  'ALL',
  ...READABLE,
  ...LINKS,
  ...WRITABLE,
  '--dev-bind',
  '/dev',
  '/dev',
  '--proc',
  '/proc',
];

/** What to put before a command; undefined where nobody else can be become, which a test says out loud. */
export function asNobody(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return [PLAIN, [...ROOT, ...PLAIN]].find(
    ([file = '', ...words]) => spawnSync(file, [...words, process.execPath, '--version']).status === 0,
  );
}

/** The folder of a story, and all around it, in the hands of that user. */
export function givenAway(folder: Folder): Folder {
  execFileSync('chown', ['-R', `${NOBODY_ID}:${NOBODY_ID}`, dirname(folder.path)]);
  return folder;
}
