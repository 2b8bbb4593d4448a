// Writes schema/*.schema.json from the zod schemas. `--check` writes nothing and fails when a file is old.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { schemaText, textOf } from '../src/core/config/json-schema.ts';
import { ANSWERS } from '../src/core/summary/answers/answers.ts';

const FOLDER = new URL('../schema/', import.meta.url);

/** One line here for each file of the folder. */
export const SCHEMAS: Readonly<Record<string, () => string>> = {
  'loop.schema.json': () => schemaText('loop'),
  'gate.schema.json': () => schemaText('gate'),
  ...Object.fromEntries(
    Object.entries(ANSWERS).map(([name, schema]) => [`${name}.schema.json`, () => textOf(schema)]),
  ),
};

/** Names of the files that are not what the zod schemas say. */
export function staleSchemas(): readonly string[] {
  return Object.entries(SCHEMAS)
    .filter(([name, text]) => {
      const file = new URL(name, FOLDER);
      return !existsSync(file) || readFileSync(file, 'utf8') !== text();
    })
    .map(([name]) => name);
}

if (import.meta.main) {
  const stale = staleSchemas();
  const isCheck = process.argv.includes('--check');
  mkdirSync(FOLDER, { recursive: true });
  for (const name of stale) {
    if (!isCheck) writeFileSync(new URL(name, FOLDER), SCHEMAS[name]?.() ?? '');
    console.log(`${isCheck ? 'stale' : 'wrote'} schema/${name}`);
  }
  process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
}
