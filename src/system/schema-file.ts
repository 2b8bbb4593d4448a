// The JSON Schemas that ship with gate-run.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFolder } from './self.ts';

export function schemaFile(name: string): string {
  return readFileSync(join(packageFolder(), 'schema', `${name}.schema.json`), 'utf8');
}
