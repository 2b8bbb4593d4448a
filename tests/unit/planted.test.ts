// Every planted bug can still be planted. Whether its test goes red is for `npm run planted`, which takes minutes.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPatch } from '../../scripts/planted/plant.ts';

const root = new URL('../../', import.meta.url).pathname;

test('each planted bug applies to the code as it is, and names a test that is there', () => {
  const patches = globSync('tests/planted/*.patch', { cwd: root }).toSorted();
  expect(patches.length).toBeGreaterThan(40);
  expect(patches.flatMap((patch) => faultsOf(patch))).toEqual([]);
});

function faultsOf(patch: string): readonly string[] {
  const read = readPatch(join(root, patch));
  if (typeof read === 'string') return [read];
  const missing = existsSync(join(root, read.file))
    ? []
    : [`${patch} names ${read.file}, which is not there`];
  const tried = spawnSync('git', ['apply', '--check', patch], { cwd: root, encoding: 'utf8' });
  return tried.status === 0 ? missing : [...missing, `${patch}: ${tried.stderr.trim()}`];
}
