// The `.git` of a copy: refs and index of its own, the objects of the original behind an alternate, which git only ever reads.
// Hooks stay behind, so that a gate that commits in the copy starts none, and no setting leads back to the original.

import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Of a linked work tree the first ones are its own, and the others it shares. What else there is, is large, or not for a copy. */
const OWN = [
  'HEAD',
  'index',
  'config.worktree',
  'info',
  'ORIG_HEAD',
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
];
const SHARED = ['config', 'packed-refs', 'refs', 'info', 'shallow'];
/** Which repository git works on, in the words of `git rev-parse --local-env-vars`; hooks, `rebase -x` and `bisect run` set them. */
const LOCAL_VARIABLES: ReadonlySet<string> = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]);

/** For commands in a copy: git finds the repository that they stand in, and no other. */
export function withoutGit(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !LOCAL_VARIABLES.has(name)));
}

/** `from`: the folder `.git`, a link to it, or the file that a linked work tree or a submodule has in its place. False: it is none. */
export function copyGit(from: string, to: string): boolean {
  const own = statSync(from).isFile() ? gitFolderIn(from) : realpathSync(from);
  if (!existsSync(join(own, 'HEAD'))) return false;
  const common = commonOf(own);
  mkdirSync(join(to, 'objects', 'info'), { recursive: true });
  mkdirSync(join(to, 'refs'), { recursive: true });
  const parts = [...SHARED.map((name) => join(common, name)), ...OWN.map((name) => join(own, name))];
  for (const part of new Set(parts))
    if (existsSync(part)) cpSync(part, join(to, basename(part)), { recursive: true, filter: isNoLock });
  writeFileSync(join(to, 'objects', 'info', 'alternates'), `${join(common, 'objects')}\n`);
  for (const name of ['config', 'config.worktree'])
    if (name === 'config' || existsSync(join(to, name))) appendFileSync(join(to, name), settingsOf(to));
  return true;
}

function isNoLock(path: string): boolean {
  return !path.endsWith('.lock');
}

/** The last word counts: a work tree, hooks and a watcher that the original names are not the copy's. */
function settingsOf(git: string): string {
  const tree = dirname(git).replaceAll(/["\\]/g, '\\$&');
  return `\n[core]\n\tworktree = "${tree}"\n\thooksPath = "${tree}/.git/hooks"\n\tfsmonitor = false\n\tbare = false\n`;
}

function gitFolderIn(file: string): string {
  const [, folder = ''] = /^gitdir: (.+)$/m.exec(readFileSync(file, 'utf8')) ?? [];
  return resolve(file, '..', folder);
}

function commonOf(own: string): string {
  const file = join(own, 'commondir');
  return existsSync(file) ? resolve(own, readFileSync(file, 'utf8').trim()) : own;
}
