// Globs of inputs as they are compared with paths: one spelling for one place, and what takes away from the rest.

import { resolve } from 'node:path';
import { compileGlob, isGlob } from '../../core/glob.ts';

export function plain(glob: string): string {
  // `..` and doubled slashes are worked off, so that one file has one path.
  const slash = glob.endsWith('/') ? '/' : '';
  if (glob.startsWith('/')) return resolve(glob) + slash;
  const parts: string[] = [];
  for (const part of glob.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/') + slash;
}

export function unwantedOf(globs: readonly string[]): ((path: string) => boolean) | undefined {
  const tests = globs
    .filter((glob) => glob.startsWith('!'))
    .flatMap((glob) => {
      const path = plain(glob.slice(1));
      return isGlob(path) ? [path] : [path, `${path.replace(/\/$/, '')}/**`];
    })
    .map(compileGlob);
  return tests.length === 0 ? undefined : (path) => tests.some((test) => test(path));
}
