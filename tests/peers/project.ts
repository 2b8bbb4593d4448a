// A small project in a temporary folder, and the built gate-run carried out in it with real tools on PATH.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url));
const BIN = join(REPOSITORY, 'bin', 'gate-run.js');
/** A tool that takes longer over five files hangs. */
const RUN_LIMIT_MS = 60_000;

export interface Ended {
  readonly exit: number | null;
  readonly out: string;
  readonly error: string;
}

export interface Project {
  readonly folder: string;
  write(files: Readonly<Record<string, string>>): void;
  remove(): void;
}

export function openProject(files: Readonly<Record<string, string>>, modules: string | undefined): Project {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-peers-'));
  const write: Project['write'] = (more) => {
    for (const [path, text] of Object.entries(more)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  };
  write({ 'package.json': '{ "name": "my-parser", "private": true, "type": "module" }\n' });
  write({ '.gitignore': 'node_modules\n.gate-run\n', ...files });
  if (modules !== undefined) symlinkSync(modules, join(folder, 'node_modules'));
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The folders of commands that a person has on PATH who works in a project with these modules. */
export function pathWith(modules: string | undefined): string {
  const commands = [
    modules === undefined ? [] : [join(modules, '.bin')],
    dirname(process.execPath),
    process.env['PATH'] ?? '',
  ];
  return commands.flat().join(delimiter);
}

/** Where rustup looks for what it starts, and where go keeps what it built: not in a home that is new each time. */
const TOOLCHAINS = {
  RUSTUP_HOME: process.env['RUSTUP_HOME'] ?? join(homedir(), '.rustup'),
  CARGO_HOME: process.env['CARGO_HOME'] ?? join(homedir(), '.cargo'),
  GOCACHE: process.env['GOCACHE'] ?? join(tmpdir(), 'gate-run-peers-go'),
};

/** PATH with Node alone: no tool is found on it. */
export const BARE_PATH: string = dirname(process.execPath);

export function gateRun(words: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return ended(process.execPath, [BIN, ...words], surroundings);
}

export interface Surroundings {
  readonly folder: string;
  readonly path: string;
  /** Beside HOME and PATH; by default nothing of the person who runs the tests. */
  readonly env?: NodeJS.ProcessEnv;
}

export function ended(
  command: string,
  words: readonly string[],
  { folder, path, env = {} }: Surroundings,
): Promise<Ended> {
  return new Promise((resolve) => {
    const clean = { HOME: folder, PYTHONDONTWRITEBYTECODE: '1', ...TOOLCHAINS, ...env, PATH: path };
    const child = spawn(command, words, { cwd: folder, env: clean, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, error] = ['', ''];
    const limit = setTimeout(() => child.kill('SIGKILL'), RUN_LIMIT_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      error += chunk.toString();
    });
    const finish = (exit: number | null, why = ''): void => {
      clearTimeout(limit);
      resolve({ exit, out, error: error + why });
    };
    child.on('error', (cause) => finish(null, cause.message));
    child.on('close', (exit) => finish(exit));
  });
}
