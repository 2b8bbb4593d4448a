// What an engine has said and shown already: kept for as long as this machine is up and the engine is the same file with the same settings.

import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, keep, kept, type CacheKey } from '../../parse-cache.ts';
import { bootId, textOf } from '../../proc.ts';
import { executable } from '../../launch.ts';

/** Where podman is told which runtime it has and what a container gets; the user's own stands in its home. */
const SETTINGS = ['/etc/containers', '/usr/share/containers', '.config/containers'];
const SETTING_FILES = ['containers.conf', 'containers.conf.d', 'storage.conf'];
const OF_THE_ENGINE = /^(?:CONTAINERS?_|PODMAN_|DOCKER_|STORAGE_|XDG_)/;

/** `what` it is about; undefined: not known, or not any more. */
export function known(engine: string, what: string): unknown {
  const key = keyOf(engine, what);
  const json = key && kept(key);
  return json === undefined ? undefined : JSON.parse(json);
}

export function remember(engine: string, what: string, value: unknown): void {
  const key = keyOf(engine, what);
  if (key) keep(key, value);
}

function keyOf(engine: string, what: string): CacheKey | undefined {
  const [boot, program] = [bootId(), programOf(engine)];
  if (boot === undefined || program === undefined) return undefined;
  const { env } = process;
  const settings = SETTINGS.flatMap((place) =>
    SETTING_FILES.map((name) =>
      identityOf(join(place.startsWith('/') ? '' : (env['HOME'] ?? ''), place, name)),
    ),
  );
  const own = Object.entries(env).filter(([name]) => OF_THE_ENGINE.test(name));
  const sorted = own.toSorted(([one], [other]) => (one < other ? -1 : 1));
  const named = [env['CONTAINERS_CONF'], env['CONTAINERS_CONF_OVERRIDE']].map((file) =>
    identityOf(file ?? ''),
  );
  const about = [boot, process.getuid?.(), program, what, limits(), settings, named, sorted];
  return { cacheFolder: cacheFolder(env), path: `engine ${engine} ${what}`, text: JSON.stringify(about) };
}

function programOf(name: string): readonly unknown[] | undefined {
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((place) => join(place, name))
    .find((file) => file.startsWith('/') && executable(file) === undefined);
  return path === undefined ? undefined : [path, identityOf(path)];
}

function identityOf(path: string): readonly number[] | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && [found.dev, found.ino, found.size, found.mtimeMs, found.ctimeMs];
}

/** Containers are given ours where an engine would give them more. */
function limits(): string | undefined {
  return textOf('/proc/self/limits');
}
