// One way to break this repository for each gate of its own config, such that no other gate minds.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Break {
  readonly gate: string;
  readonly what: string;
  readonly path: string;
  readonly change: (text: string) => string;
}

/** Adds nothing that the other gates look at: `types` sees what only `compile` would mind, and so on. */
export const BREAKS: readonly Break[] = [
  {
    gate: 'validate',
    what: 'a misspelt key in a gate file',
    path: 'gates/pytest.yaml',
    change: (text) => text.replace('\nrun:', '\nrunn: x\nrun:'),
  },
  {
    gate: 'types',
    what: 'a text where a number is due, in a test',
    path: 'tests/unit/crc32.test.ts',
    change: (text) => `${text}\nconst count: number = 'text';\nexpect(count).toBe('text');\n`,
  },
  {
    gate: 'lint',
    what: 'a variable that nobody reads',
    path: 'scripts/floors.ts',
    change: (text) => `${text}\nconst nobody = 1;\n`,
  },
  {
    gate: 'floors',
    what: 'the clock of the machine, asked in the core',
    path: 'src/core/crc32.ts',
    change: (text) => text.replace('  let sum = ~seed;', '  let sum = Date.now() < 0 ? 0 : ~seed;'),
  },
  {
    gate: 'unused',
    what: 'an export that nobody imports',
    path: 'src/core/crc32.ts',
    change: (text) =>
      `${text}\nexport function crc32Nobody(bytes: Uint8Array): number {\n  return crc32(bytes, 1);\n}\n`,
  },
  {
    gate: 'compile',
    what: 'an export without the type that the declaration file needs',
    path: 'src/core/crc32.ts',
    change: (text) =>
      text.replace(
        'export function crc32(bytes: Uint8Array, seed: number = 0): number {',
        'export function crc32(bytes: Uint8Array, seed: number = 0) {',
      ),
  },
  {
    gate: 'sims',
    what: 'failed and broken tasks that leave their cycle green',
    path: 'src/core/judge/cycle-verdict.ts',
    change: (text) => text.replace(/ {2}if \(parts\.has\('(?:broken|failed)'\)\) return .*\n/g, ''),
  },
  {
    gate: 'coverage',
    what: 'a test that expects something else',
    path: 'tests/unit/crc32.test.ts',
    change: (text) => text.replace(/toBe\(/, 'not.toBe('),
  },
];

/** Breaks one file of a copy; answers how to put it right again. */
export function breakFile(copy: string, one: Break): () => void {
  const path = join(copy, one.path);
  const text = readFileSync(path, 'utf8');
  const broken = one.change(text);
  if (broken === text) throw new Error(`${one.path} has changed: nothing was broken for ${one.gate}`);
  writeFileSync(path, broken);
  return () => writeFileSync(path, text);
}
