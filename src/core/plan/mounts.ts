// Folders of this machine that a container sees, and what a path of ours is called in there. It never looks whether anything is there.

import { joinPath } from './path.ts';
import type { Path } from '../config/problem.ts';
import type { Reader } from './reader.ts';

export interface MountPlan {
  /** Of this machine; in a plan as written, from the config's folder. */
  readonly host: string;
  /** Absolute, in the container. */
  readonly inside: string;
  readonly isReadOnly: boolean;
}

/** What stands behind the second colon. */
const WAYS: ReadonlyMap<string | undefined, boolean> = new Map([
  [undefined, false],
  ['rw', false],
  ['ro', true],
]);

/** `FROM:TO`, `FROM:TO:ro`. */
export function readMounts(written: readonly string[], reader: Reader, path: Path): readonly MountPlan[] {
  const mounts = written.flatMap((one, at) => {
    const text = reader.text(one, [...path, at]);
    const mount = text === undefined ? undefined : mountOf(text);
    if (text !== undefined && mount === undefined)
      reader.say([...path, at], `\`${text}\` is no mount`, {
        mend: 'write `FROM:TO` or `FROM:TO:ro`: a path of this machine, and an absolute one in the container',
      });
    return mount ? [{ ...mount, at }] : [];
  });
  for (const { inside, at } of mounts) {
    if (mounts.findIndex((one) => one.inside === inside) === at) continue;
    reader.say([...path, at], `\`${inside}\` is mounted twice`, { mend: 'keep one of the two' });
  }
  return mounts.map(({ host, inside, isReadOnly }) => ({ host, inside, isReadOnly }));
}

function mountOf(text: string): MountPlan | undefined {
  const [host = '', inside = '', way, ...more] = text.split(':');
  const isReadOnly = WAYS.get(way);
  if (host === '' || !inside.startsWith('/') || isReadOnly === undefined || more.length > 0) return undefined;
  const place = joinPath('/', inside.replace(/(?<=.)\/+$/, ''));
  return place === '/' ? undefined : { host, inside: place, isReadOnly };
}

/** With the paths of this machine made absolute. */
export function mountsFrom(folder: string, mounts: readonly MountPlan[]): readonly MountPlan[] {
  return mounts.map((mount) => ({ ...mount, host: withoutSlash(joinPath(folder, mount.host)) }));
}

/** What the path is called in the container, by the nearest mount that holds it; undefined: nobody in there sees it. */
export function insidePath(mounts: readonly MountPlan[], path: string): string | undefined {
  const holds = ({ host }: MountPlan): boolean =>
    path === host || path.startsWith(host === '/' ? '/' : `${host}/`);
  const nearest = mounts.filter(holds).toSorted((one, other) => other.host.length - one.host.length)[0];
  if (!nearest) return undefined;
  const rest = path.slice(nearest.host === '/' ? 0 : nearest.host.length);
  return `${nearest.inside}${rest === '/' ? '' : rest}`;
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** As a config has it. */
export function mountText({ host, inside, isReadOnly }: MountPlan): string {
  return `${host}:${inside}${isReadOnly ? ':ro' : ''}`;
}
