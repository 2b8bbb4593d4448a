// The `.git` of a copy: refs and index of its own, the objects of the original behind an alternate, which git only ever reads.
// Hooks stay behind, so that a gate that commits in the copy starts none.

import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const STAYS: ReadonlySet<string> = new Set(['objects', 'hooks', 'lfs', 'modules', 'worktrees', 'logs']);
/** Of a linked work tree: what is its own, and what it shares. */
const OWN = ['HEAD', 'index', 'ORIG_HEAD'];
const SHARED = ['config', 'packed-refs', 'refs', 'info', 'shallow'];

/** `from`: the folder `.git`, or the file that a linked work tree has in its place. */
export function copyGit(from: string, to: string): void {
  const isLinked = statSync(from).isFile();
  const own = isLinked ? gitFolderIn(from) : from;
  const common = isLinked ? commonOf(own) : from;
  mkdirSync(join(to, 'objects', 'info'), { recursive: true });
  mkdirSync(join(to, 'refs'), { recursive: true });
  const parts = isLinked
    ? [...OWN.map((name) => join(own, name)), ...SHARED.map((name) => join(common, name))]
    : [];
  for (const part of parts) if (existsSync(part)) cpSync(part, join(to, basename(part)), { recursive: true });
  if (!isLinked)
    cpSync(from, to, {
      recursive: true,
      filter: (path) => path === from || !isLeft(path.slice(from.length + 1)),
    });
  writeFileSync(join(to, 'objects', 'info', 'alternates'), `${join(common, 'objects')}\n`);
}

function isLeft(path: string): boolean {
  return STAYS.has(path) || path.endsWith('.lock');
}

function gitFolderIn(file: string): string {
  const [, folder = ''] = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return resolve(file, '..', folder);
}

function commonOf(own: string): string {
  const file = join(own, 'commondir');
  return existsSync(file) ? resolve(own, readFileSync(file, 'utf8').trim()) : own;
}
