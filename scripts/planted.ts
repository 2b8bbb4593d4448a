// `npm run planted [part of a name…]`: plants each bug of tests/planted in a copy and expects its test to go red.
// Exit 1 when a bug survives, a patch no longer applies, or there is none.

import { globSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { copyOfTree, plant, readPatch, removeCopy, type Planted, type Result } from './planted/plant.ts';

const COPIES = 2;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { root: { type: 'string' } },
    allowPositionals: true,
  });
  const root = resolve(values.root ?? fileURLToPath(new URL('../', import.meta.url)));
  const paths = globSync('tests/planted/*.patch', { cwd: root })
    .map((path) => resolve(root, path))
    .filter((path) => positionals.length === 0 || positionals.some((part) => basename(path).includes(part)))
    .toSorted();
  const read = paths.map((path) => readPatch(path));
  const unreadable = read.filter((one) => typeof one === 'string');
  for (const problem of unreadable) console.log(problem);
  const results = await plantAll(
    root,
    read.filter((one) => typeof one !== 'string'),
  );
  const caught = results.filter((one) => one.caught).length;
  console.log(`planted: ${caught} of ${paths.length} bugs caught`);
  return paths.length > 0 && caught === paths.length ? 0 : 1;
}

/** Two copies, each working off one list, so that a slow test holds up only its own copy. */
async function plantAll(root: string, bugs: readonly Planted[]): Promise<readonly Result[]> {
  const queue = [...bugs];
  const results: Result[] = [];
  const worker = async (): Promise<void> => {
    const copy = copyOfTree(root);
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const result = await plant(copy, next);
        console.log(
          `${result.caught ? 'caught  ' : 'SURVIVES'} ${basename(next.patch)} — ${next.title}: ${result.what}`,
        );
        results.push(result);
      }
    } finally {
      removeCopy(copy);
    }
  };
  await Promise.all(Array.from({ length: Math.min(COPIES, bugs.length) }, worker));
  return results;
}

process.exitCode = await main();
