// Where this process stands in the kernel's trees of control groups. See cgroups(7), proc_pid_mountinfo(5).

import { textOf } from './proc.ts';

export interface Mount {
  readonly root: string;
  readonly point: string;
}

export interface Trees {
  readonly cgroup: string;
  readonly mounts: string;
}

let known: Trees | undefined;

/** Read once: later, gate-run itself may stand in another group for a moment. */
export function treesHere(): Trees {
  known ??= { cgroup: textOf('/proc/self/cgroup') ?? '', mounts: textOf('/proc/self/mountinfo') ?? '' };
  return known;
}

/** The folder of the unified tree (v2) that this process is in; undefined where there is none that can be seen. */
export function unifiedFolder(trees: Trees = treesHere()): string | undefined {
  return unifiedFolders(trees)[0];
}

/** With those above it. */
export function unifiedFolders({ cgroup, mounts }: Trees): readonly string[] {
  const path = cgroup
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  const mount = mounts.split('\n').find((line) => line.includes(' - cgroup2 '));
  return path === undefined || mount === undefined ? [] : foldersOf(mountOf(mount), path);
}

/** Of the tree that this controller has for its own (v1), the folder that this process is in and those above; empty where it has none. */
export function foldersFor(controller: string, { cgroup, mounts }: Trees): readonly string[] {
  const path = cgroup
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, controllers]) => controllers?.split(',').includes(controller))
    ?.slice(2)
    .join(':');
  const mount = mounts.split('\n').find((line) => isOf(controller, line));
  return path === undefined || mount === undefined ? [] : foldersOf(mountOf(mount), path);
}

function isOf(controller: string, mount: string): boolean {
  const options = mount.slice(mount.lastIndexOf(' ') + 1).split(',');
  return mount.includes(' - cgroup ') && options.includes(controller);
}

/** `31 23 0:28 / /sys/fs/cgroup rw … - cgroup2 cgroup2 rw`, with odd characters in octal. */
export function mountOf(line: string): Mount {
  const [, , , root = '', point = ''] = line.split(' ');
  if (!point.includes('\\')) return { root, point };
  const plain = point.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return { root, point: plain };
}

/**
 * The group's own folder and those above it. A container may see only its own part of the tree, and one that was moved may stand outside
 * of what it sees: then there is none.
 */
export function foldersOf(mount: Mount, path: string): readonly string[] {
  const root = mount.root === '/' ? '' : mount.root;
  if (path.startsWith('/..') || !`${path}/`.startsWith(`${root}/`)) return [];
  const names = path.slice(root.length).split('/').filter(Boolean);
  return Array.from({ length: names.length + 1 }, (_, up) =>
    [mount.point, ...names.slice(0, names.length - up)].join('/'),
  );
}
