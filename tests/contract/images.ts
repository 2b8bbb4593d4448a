// An image for tests, made of one program: no registry can be asked from here. Removed behind the tests that made it.

import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
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
import { dirname, join } from 'node:path';

const BUSYBOX = '/bin/busybox';

/** Written down here and not asked of gate-run, which has to find them out by itself. */
const WAYS = [[], ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096']].flatMap((run) =>
  [[], ['--runtime', 'runc']].map((engine) => ({ engine, run })),
);

/** Why no container can be tried here; undefined: one can. */
export const whyNoPodman: string | undefined = whyNot();
if (whyNoPodman !== undefined) console.log(`figure: containers are not tried here: ${whyNoPodman}`);

function whyNot(): string | undefined {
  if (!existsSync(BUSYBOX)) return `there is no ${BUSYBOX} (package busybox-static)`;
  if (process.getuid?.() !== 0) return 'this is not root';
  const name = `localhost/gate-run-probe-${process.pid}:1`;
  try {
    makeImage(name);
    return WAYS.some((words) => runs(words, name)) ? undefined : 'podman cannot start a container here';
  } catch {
    return 'podman does not answer';
  } finally {
    removeImage(name);
  }
}

function runs({ engine, run }: (typeof WAYS)[number], image: string): boolean {
  try {
    podman(...engine, 'run', '--rm', '--network=none', ...run, image, 'true');
    return true;
  } catch {
    return false;
  }
}

export function podman(...words: readonly string[]): string {
  return execFileSync('podman', [...words], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 60_000,
  });
}

/** A busybox and the names of what it can; on request also this Node, with the libraries that it is linked to. */
export function makeImage(name: string, hasNode = false): void {
  const root = mkdtempSync(join(tmpdir(), 'gate-run-image-'));
  for (const folder of ['bin', 'tmp', 'etc', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder));
  cpSync(BUSYBOX, join(root, 'bin/busybox'));
  const able = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n');
  for (const one of able.filter((word) => word !== '' && word !== 'busybox'))
    symlinkSync('busybox', join(root, 'bin', one));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  if (hasNode) for (const file of [process.execPath, ...librariesOf(process.execPath)]) putIn(root, file);
  execFileSync('sh', ['-c', `tar -C "$1" -c . | podman import - "$2"`, 'sh', root, name], {
    stdio: 'ignore',
  });
  rmSync(root, { recursive: true, force: true });
}

function librariesOf(program: string): readonly string[] {
  return execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
}

/** A library where it is looked for, a program among the others. */
function putIn(root: string, file: string): void {
  const place = join(root, file === process.execPath ? '/bin/node' : file);
  mkdirSync(dirname(place), { recursive: true });
  copyFileSync(file, place);
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
