// Fetches the peers by package name into a temporary folder, or says why one cannot be had. It measures nothing.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Peer {
  readonly name: string;
  /** What to start; undefined when it cannot be had. */
  readonly program: string | undefined;
  readonly version: string;
}

const FROM_NPM = ['turbo', 'wireit', 'lefthook'];
const FROM_SYSTEM = ['make', 'xargs'];
const INSTALL_LIMIT_MS = 3 * 60_000;

export function openPeers(folder: string): readonly Peer[] {
  return [...FROM_NPM.map((name) => fromNpm(folder, name)), ...FROM_SYSTEM.map(fromSystem)];
}

/** One install each, so that a package that cannot be had does not take the others with it. */
function fromNpm(folder: string, name: string): Peer {
  const home = join(folder, 'peers', name);
  const program = join(home, 'node_modules/.bin', name);
  if (!existsSync(program)) {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', name];
    spawnSync('npm', args, { cwd: home, stdio: ['ignore', 'ignore', 'inherit'], timeout: INSTALL_LIMIT_MS });
  }
  if (!existsSync(program)) return { name, program: undefined, version: 'npm could not install it' };
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(home, 'node_modules', name, 'package.json'), 'utf8'),
  );
  return { name, program, version: manifest.version };
}

function fromSystem(name: string): Peer {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const program = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (program === undefined) return { name, program: undefined, version: 'not on PATH' };
  const asked = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return { name, program, version: (asked.stdout ?? '').split('\n', 1)[0] ?? '' };
}
