// Copies of this repository for the stories that install, pack or break one. Nothing here judges.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';

export const root: string = new URL('../../../', import.meta.url).pathname;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

const COMMAND_LIMIT_MS = 2 * 60_000;
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

export function temporaryFolder(name: string): string {
  return mkdtempSync(join(tmpdir(), `gate-run-${name}-`));
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** A real clone of what is committed, with the changes to tracked files laid over it: a file nobody added stays missing. */
export function cloneTo(folder: string): void {
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const changed = git(['diff', '--name-only', '-z', 'HEAD']);
  for (const path of changed) {
    rmSync(join(folder, path), { force: true });
    if (!existsSync(join(root, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, path), join(folder, path));
  }
}

/** Lends this repository's own install to a copy. Never run npm's install in such a copy: it would empty this one. */
export function linkModules(folder: string): void {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
}

function git(args: readonly string[]): readonly string[] {
  const text = execFileSync('git', [...args], { cwd: root, encoding: 'utf8', maxBuffer: OUTPUT_LIMIT_BYTES });
  return text.split('\0').filter((path) => path !== '');
}

/**
 * The environment of somebody who has just cloned: an empty home, and the machine's own Node first instead of the
 * pinned one. Only npm's download cache is shared, because it holds nothing but what the registry would send again.
 */
export function strangerEnvironment(
  home: string,
  extra: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package)_|VITEST|NODE_|INIT_CWD)/.test(name),
  );
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const own = folders.filter(
    (folder) => !folder.includes(`node_modules${sep}.bin`) && !folder.includes('node-gyp-bin'),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    XDG_CACHE_HOME: join(home, '.cache'),
    PATH: own.join(delimiter),
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_update_notifier: 'false',
    npm_config_prefer_offline: 'true',
    NO_COLOR: '1',
    ...extra,
  };
}

export function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Ran {
  const from = performance.now();
  const ran = spawnSync(command, [...args], {
    cwd,
    env,
    encoding: 'utf8',
    timeout: COMMAND_LIMIT_MS,
    maxBuffer: OUTPUT_LIMIT_BYTES,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr, ms: performance.now() - from };
}

/** Like `run`, but several may be under way; `kill` ends the whole group as a power cut would. */
export function begin(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const from = performance.now();
  const child = spawn(command, [...args], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk));
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code) => resolve({ code, ...text, ms: performance.now() - from }));
  });
  return { ended, text, kill: () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL') };
}
