// The gate `floors`: prints every import and word that breaks the house, and how many. Exit 1 when there is one.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource } from './floors/read.ts';
import { violations, type Violation } from './floors/rules.ts';

export function treeViolations(root: string): {
  readonly files: number;
  readonly found: readonly Violation[];
} {
  const paths = globSync('src/**/*.ts', { cwd: root }).toSorted();
  const sources = paths.map((path) => readSource(path, readFileSync(join(root, path), 'utf8')));
  return { files: sources.length, found: violations(sources) };
}

if (import.meta.main) {
  const { files, found } = treeViolations(process.argv[2] ?? fileURLToPath(new URL('../', import.meta.url)));
  for (const { path, line, what } of found) console.log(`${path}:${line}  ${what}`);
  console.log(`floors: ${found.length} violations in ${files} files`);
  // A tree without sources was not checked at all: that is no pass.
  process.exitCode = files === 0 ? 2 : found.length === 0 ? 0 : 1;
}
