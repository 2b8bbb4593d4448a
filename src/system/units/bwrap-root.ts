// How much of the file system a namespace shows, and what of it can be written, in the words of bwrap(1). Later words lie over earlier ones.

import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SandboxPlan } from '../../core/plan/sandbox.ts';

const TMP = '/tmp';

export interface Places {
  readonly cwd: string;
  /** Of the attempt's cycle, where it is told one: its evidence goes there. */
  readonly cycleDir: string | undefined;
  /** Of its way to the network. */
  readonly socket: string | undefined;
  /** Of its control groups. */
  readonly entries?: readonly string[] | undefined;
}

export function rootWords(
  sandbox: SandboxPlan | undefined,
  { cwd, cycleDir, socket, entries = [] }: Places,
): readonly string[] {
  const { isReadOnly = false, hasOwnTmp = false, writable = [] } = sandbox ?? {};
  const root = isReadOnly ? ['--ro-bind', '/', '/', '--dev-bind', '/dev', '/dev'] : ['--dev-bind', '/', '/'];
  // A link is no place to mount something at: what it leads to is.
  const own = [...writable, ...(cycleDir === undefined ? [] : [cycleDir])].map(real);
  // What lies in the /tmp of everybody, and has to be there all the same.
  const kept = hasOwnTmp ? [cwd, ...own].filter(isInTmp) : [];
  const ways = hasOwnTmp && socket !== undefined && isInTmp(socket) ? [dirname(socket)] : [];
  return [
    root,
    hasOwnTmp ? ['--tmpfs', TMP] : [],
    kept.map((path) => [isReadOnly ? '--ro-bind' : '--bind', path, path]),
    isReadOnly ? [...own, ...entries].map((path) => ['--bind', path, path]) : [],
    ways.map((path) => ['--bind', path, path]),
    isReadOnly || hasOwnTmp ? NO_MOUNTS : [],
  ].flat(2);
}

/** Else root would mount what was taken away back again. Others cannot, whatever namespaces they make. */
const NO_MOUNTS = ['--cap-drop', 'CAP_SYS_ADMIN'];

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function isInTmp(path: string): boolean {
  return path.startsWith(`${TMP}/`);
}
