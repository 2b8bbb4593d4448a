// Writes docs/cli.md, docs/config.md and docs/gates.md from what they describe. `--check` writes nothing and fails when a page is old.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cliPage } from './reference/cli-page.ts';
import { configPage } from './reference/config-page.ts';
import { gatesPage } from './reference/gates-page.ts';

const ROOT = new URL('../', import.meta.url);

export interface Page {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

export function pages(): readonly Page[] {
  return [
    { path: 'docs/cli.md', text: cliPage() },
    { path: 'docs/config.md', text: configPage() },
    { path: 'docs/gates.md', text: gatesPage() },
  ];
}

export function isFresh({ path, text }: Page): boolean {
  const file = new URL(path, ROOT);
  return existsSync(file) && readFileSync(file, 'utf8') === text;
}

if (import.meta.main) {
  const stale = pages().filter((page) => !isFresh(page));
  const isCheck = process.argv.includes('--check');
  for (const { path, text } of stale) {
    if (!isCheck) writeFileSync(new URL(path, ROOT), text);
    console.log(`${isCheck ? 'stale' : 'wrote'} ${path}`);
  }
  process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
}
