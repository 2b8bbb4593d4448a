// A small disk of its own for a state directory: a tmpfs in a mount namespace that only its holder and gate-run see.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until, type Folder } from '../rig.ts';
import { COMMAND, start, textOf, type Over, type Started } from './start.ts';

export interface SmallDisk {
  /** The state directory as it stands on that disk. */
  readonly state: string;
  run(...flags: readonly string[]): Promise<Over>;
  /** Like `run`, for a story in which something happens while it runs. */
  begin(...flags: readonly string[]): Started;
  /** Any command, seen from inside. */
  inside(script: string): string;
}

/** Root needs no user namespace of its own; everybody else gets one where the system grants it. */
const WAYS: readonly (readonly string[])[] = [['--mount'], ['--mount', '--map-root-user']];

const WAY = WAYS.find(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
);

/** For tasks that let it pass: then their output goes another way. */
const SECRET = { MY_TOKEN: 'open-sesame-1234' };
const INSIDE_LIMIT_MS = 10_000;

/** Undefined where no mount namespace is to be had; the story then says so and cannot be told. */
export async function smallDisk(folder: Folder, options: string): Promise<SmallDisk | undefined> {
  if (WAY === undefined) {
    console.warn('no mount namespace is to be had here (unshare), so a disk of its own could not be tried');
    return undefined;
  }
  const state = join(folder.path, '.gate-run');
  mkdirSync(state, { recursive: true });
  const script = `mount -t tmpfs -o ${options} tmpfs "$0" && echo mounted > "$1" && exec sleep 600`;
  const holder = spawn('unshare', [...WAY, 'sh', '-c', script, state, join(folder.path, 'mounted')], {
    stdio: 'inherit',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await until('the disk is mounted', () => textOf(join(folder.path, 'mounted')) !== '');
  const enter = ['nsenter', `--target=${holder.pid}`, '--mount', `--wd=${folder.path}`];
  if (WAY.length > 1) enter.push('--user', '--preserve-credentials');
  const beginInside = (...flags: readonly string[]): Started =>
    start(folder, [...enter, ...COMMAND, ...flags], { env: SECRET });
  return {
    begin: beginInside,
    state: `/proc/${holder.pid}/root${state}`,
    run: (...flags) => beginInside(...flags).over,
    // The folder that nsenter starts in is still the one outside: without `cd`, a relative path would miss the disk.
    inside: (text) => {
      const words = [...enter.slice(1), 'sh', '-c', `cd "$0" && { ${text}; }`, folder.path];
      return spawnSync(enter[0] ?? '', words, { encoding: 'utf8', timeout: INSIDE_LIMIT_MS }).stdout;
    },
  };
}
