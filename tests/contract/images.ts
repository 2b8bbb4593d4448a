// An image for tests, made of one program: no registry can be asked from here. Removed behind the tests that made it.

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BUSYBOX = '/bin/busybox';

/** Why no container can be tried here; undefined: one can. */
export const whyNoPodman: string | undefined = whyNot();
if (whyNoPodman !== undefined) console.log(`figure: containers are not tried here: ${whyNoPodman}`);

function whyNot(): string | undefined {
  if (!existsSync(BUSYBOX)) return `there is no ${BUSYBOX} (package busybox-static)`;
  if (process.getuid?.() !== 0) return 'this is not root';
  try {
    podman('info');
    return undefined;
  } catch {
    return 'podman does not answer';
  }
}

export function podman(...words: readonly string[]): string {
  return execFileSync('podman', [...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
}

/** A busybox and the names of what it can. */
export function makeImage(name: string): void {
  const root = mkdtempSync(join(tmpdir(), 'gate-run-image-'));
  for (const folder of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder));
  cpSync(BUSYBOX, join(root, 'bin/busybox'));
  const able = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n');
  for (const one of able.filter((word) => word !== '' && word !== 'busybox'))
    symlinkSync('busybox', join(root, 'bin', one));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  execFileSync('sh', ['-c', `tar -C "$1" -c . | podman import - "$2"`, 'sh', root, name], {
    stdio: 'ignore',
  });
  rmSync(root, { recursive: true, force: true });
}

export function removeImage(name: string): void {
  try {
    podman('rmi', '--force', name);
  } catch {
    // It was never made.
  }
}

/** Names of the containers of a task or a run, whatever they are doing. */
export function containersOf(label: 'run' | 'task', value: string): readonly string[] {
  return podman('ps', '--all', '--filter', `label=gate-run.${label}=${value}`, '--format', '{{.Names}}')
    .split('\n')
    .filter(Boolean);
}

/** Command lines of all processes that hold the word. */
export function commandLinesWith(word: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    const line = /^\d+$/.test(pid) ? lineOf(pid) : '';
    return line.includes(word) ? [line] : [];
  });
}

function lineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
