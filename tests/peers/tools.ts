// The tools that the gates serve: where each comes from, and whether it is here. What is missing is said, never passed over.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BARE_PATH, ended, pathWith, REPOSITORY } from './project.ts';

/** Ours are in the lock file; others are installed into a temporary folder, or are found on PATH, or are missing. */
export const OURS = ['tsc', 'oxlint', 'oxfmt', 'vitest', 'knip'] as const;
const INSTALLED: Readonly<Record<string, string>> = {
  eslint: '9.39.5',
  prettier: '3.10.1',
  pyright: '1.1.414',
  secretlint: '13.0.6',
  'license-checker-rseidelsohn': '5.0.1',
};
/** What those need beside themselves. */
const BESIDE = ['@secretlint/secretlint-rule-preset-recommend@13.0.7'];
/** Of Python, of Go and of Rust. */
const ON_PATH = ['pytest', 'ruff', 'go', 'cargo', 'cargo-clippy'] as const;
const VERSION_WORD: Readonly<Record<string, string>> = {
  go: 'version',
  'license-checker-rseidelsohn': '--help',
};

export interface Tool {
  readonly name: string;
  /** A node_modules folder that holds it; undefined where it is on PATH. */
  readonly modules: string | undefined;
  readonly version: string;
}

export interface Tools {
  readonly here: ReadonlyMap<string, Tool>;
  /** By name, why it is not here. */
  readonly missing: ReadonlyMap<string, string>;
  close(): void;
}

export async function findTools(): Promise<Tools> {
  const here = new Map<string, Tool>();
  const missing = new Map<string, string>();
  const add = async (name: string, modules: string | undefined): Promise<void> => {
    const path = pathWith(modules);
    const { exit, out, error } = await ended(name, [VERSION_WORD[name] ?? '--version'], {
      folder: tmpdir(),
      path,
    });
    const version = /\d+\.\d+[\w.-]*/.exec(out)?.[0];
    if (exit === 0 && version !== undefined) here.set(name, { name, modules, version });
    else missing.set(name, firstLine(error) || `\`${name} --version\` ended with ${exit}`);
  };
  await Promise.all(OURS.map((name) => add(name, join(REPOSITORY, 'node_modules'))));
  for (const name of ON_PATH) await add(name, undefined);
  const { folder, why } = await installed();
  for (const name of Object.keys(INSTALLED)) {
    if (why === undefined) await add(name, join(folder, 'node_modules'));
    else missing.set(name, why);
  }
  return { here, missing, close: () => rmSync(folder, { recursive: true, force: true }) };
}

async function installed(): Promise<{ readonly folder: string; readonly why?: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-tools-'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packages = [...Object.entries(INSTALLED).map(([name, version]) => `${name}@${version}`), ...BESIDE];
  const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages];
  const path = `${BARE_PATH}:${process.env['PATH'] ?? ''}`;
  const { exit, error } = await ended('npm', words, { folder, path, env: process.env });
  const isHere = exit === 0 && existsSync(join(folder, 'node_modules', '.bin', 'eslint'));
  return isHere
    ? { folder }
    : { folder, why: `npm could not install it: ${firstLine(error) || `exit ${exit}`}` };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
