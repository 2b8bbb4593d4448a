// The processes of a container as they are seen from outside: by the control group that its engine made for it.

import { readFileSync } from 'node:fs';
import { foldersOf, mountOf, treesHere } from '../../cgroup-tree.ts';
import { processIds } from '../../group.ts';
import { textOf } from '../../proc.ts';
import { membersOf } from '../group-folders.ts';

export interface Seen {
  /** Its control group, in a tree that shows its processes. */
  readonly folder: string;
  /** Where the kernel counts what it killed in there for want of memory. */
  readonly oom: string | undefined;
}

/** Undefined: not there yet, not there any more, or in a machine of its own, as an engine for desktops has it. */
export function seeContainer(id: string): Seen | undefined {
  for (const pid of processIds() ?? []) {
    const lines = (textOf(`/proc/${pid}/cgroup`) ?? '').split('\n').map(entryOf);
    // The engine's own watcher stands beside, in a group with a name like this one's.
    const own = lines.filter(({ path }) => path.includes(id) && !path.includes('conmon'));
    const folders = own.map(({ controllers, path }) => ({
      controllers,
      folder: folderOf(controllers, endOf(path, id)),
    }));
    const { folder } = folders.find((one) => one.folder !== undefined) ?? {};
    if (folder === undefined) continue;
    const memory = folders.find(({ controllers }) => controllers.includes('memory'))?.folder;
    const unified = folders.find(({ controllers }) => controllers.length === 0)?.folder;
    const oom = memory === undefined ? unified && `${unified}/memory.events` : `${memory}/memory.oom_control`;
    return { folder, oom };
  }
  return undefined;
}

export function membersIn({ folder }: Seen): readonly number[] {
  return membersOf(folder);
}

/** NaN where it cannot be read any more. */
export function oomKillsIn({ oom }: Seen): number {
  if (oom === undefined) return Number.NaN;
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(oom, 'latin1'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** `4:memory:/libpod_parent/libpod-ID`. */
function entryOf(line: string): { readonly controllers: readonly string[]; readonly path: string } {
  const [, controllers = '', ...path] = line.split(':');
  return { controllers: controllers === '' ? [] : controllers.split(','), path: path.join(':') };
}

/** Whoever is in a group below it belongs to it. */
function endOf(path: string, id: string): string {
  const names = path.split('/');
  return names.slice(0, names.findIndex((name) => name.includes(id)) + 1).join('/');
}

function folderOf(controllers: readonly string[], path: string): string | undefined {
  const line = treesHere()
    .mounts.split('\n')
    .find((one) => isOf(one, controllers));
  return line === undefined ? undefined : foldersOf(mountOf(line), path)[0];
}

function isOf(line: string, controllers: readonly string[]): boolean {
  if (controllers.length === 0) return line.includes(' - cgroup2 ');
  const options = line.slice(line.lastIndexOf(' ') + 1).split(',');
  return line.includes(' - cgroup ') && controllers.every((one) => options.includes(one));
}
