// The `.git` of a copy: refs and index of its own, the objects of the original behind an alternate, which git only ever reads.
// Hooks stay behind, so that a gate that commits in the copy starts none, and no setting leads back to the original.

import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const STAYS: ReadonlySet<string> = new Set(['objects', 'hooks', 'lfs', 'modules', 'worktrees', 'logs']);
/** Of a linked work tree: what is its own, and what it shares. */
const OWN = ['HEAD', 'index', 'ORIG_HEAD'];
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
  for (const name of ['config', 'config.worktree'])
    if (existsSync(join(to, name))) appendFileSync(join(to, name), settingsOf(to));
}

/** The last word counts: a work tree, hooks and a watcher that the original names are not the copy's. */
function settingsOf(git: string): string {
  const tree = dirname(git).replaceAll(/["\\]/g, '\\$&');
  return `\n[core]\n\tworktree = "${tree}"\n\thooksPath = "${tree}/.git/hooks"\n\tfsmonitor = false\n`;
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
