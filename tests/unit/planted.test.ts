// Every planted bug can still be planted. Whether its test goes red is for `npm run planted`, which takes minutes.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readPatch } from '../../scripts/planted/plant.ts';

const root = new URL('../../', import.meta.url).pathname;

test('each planted bug applies to the code as it is, leaves code, and names a test that is there', () => {
  const patches = globSync('tests/planted/*.patch', { cwd: root }).toSorted();
  expect(patches.length).toBeGreaterThan(40);
  const copy = mkdtempSync(join(tmpdir(), 'gate-run-planted-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  expect(patches.flatMap((patch) => faultsOf(patch, copy))).toEqual([]);
});

function faultsOf(patch: string, copy: string): readonly string[] {
  const path = join(root, patch);
  const read = readPatch(path);
  if (typeof read === 'string') return [read];
  const missing = existsSync(join(root, read.file))
    ? []
    : [`${patch} names ${read.file}, which is not there`];
  const changed = Array.from(
    readFileSync(path, 'utf8').matchAll(/^\+\+\+ b\/(\S+)$/gm),
    ([, file = '']) => file,
  );
  for (const file of changed) cpSync(join(root, file), join(copy, file));
  const tried = spawnSync('git', ['apply', path], { cwd: copy, encoding: 'utf8' });
  if (tried.status !== 0) return [...missing, `${patch}: ${tried.stderr.trim()}`];
  return [
    ...missing,
    ...changed
      .filter((file) => !isCode(join(copy, file)))
      .map((file) => `${patch}: ${file} is no code any more`),
  ];
}

/** A patch that moved may still apply, and in the wrong place. */
function isCode(path: string): boolean {
  if (!path.endsWith('.ts')) return true;
  try {
    stripTypeScriptTypes(readFileSync(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}
