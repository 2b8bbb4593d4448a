// The JSON Schemas that ship with gate-run.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './self.ts';

const ENDING = '.schema.json';

export function schemaNames(): readonly string[] {
  const names = readdirSync(join(packageFolder(), 'schema')).filter((name) => name.endsWith(ENDING));
  return names.map((name) => name.slice(0, -ENDING.length)).toSorted();
}

export function schemaFile(name: string): string {
  return readFileSync(join(packageFolder(), 'schema', `${name}${ENDING}`), 'utf8');
}
