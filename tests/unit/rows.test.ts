// Lists the rows of reported failures that this stage promises and that no test title begins with.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

/** A: loops that nobody watches. B: runners that people read. */
const PROMISED: readonly string[] = (
  'A1 A3 A4 A5 A6 A7 A8 A10 A11 A13 A14 A15 A16 A18 A21 A22 ' +
  'B1 B2 B3 B4 B5 B6 B7 B9 B10 B11 B12 B13 B14 B15 B16 B17 B18 B20'
).split(' ');

/** The rows that open a string in the text: a title is `[A7] …` or `[A7][B20] …`. */
function rowsIn(text: string): readonly string[] {
  const openings = text.matchAll(/['"`]((?:\[[A-Z]\d+\] ?)+)(?=[^\s'"`\]])/g);
  return [...openings].flatMap((found) => [...(found[1] ?? '').matchAll(/[A-Z]\d+/g)].map((row) => row[0]));
}

test('every promised row has a scene', () => {
  const files = globSync('tests/**/*.test.ts', { cwd: root }).filter(
    (file) => !file.endsWith('rows.test.ts'),
  );
  expect(files.length).toBeGreaterThan(5);
  const rows = new Set(files.flatMap((file) => rowsIn(readFileSync(join(root, file), 'utf8'))));
  expect(PROMISED.filter((row) => !rows.has(row))).toEqual([]);
});

test('a row counts where it opens a title, alone or with others, and nowhere else', () => {
  expect(rowsIn("test('[A7] starts every gate itself'")).toEqual(['A7']);
  expect(rowsIn('test(`[A7][B20] judges what it saw`')).toEqual(['A7', 'B20']);
  expect(rowsIn('])("[A7] [B20] judges $it"')).toEqual(['A7', 'B20']);
  expect(rowsIn("// [A7]\n const x = ['A7']; test('serves [A7]'); const y = '[A7]';")).toEqual([]);
});
