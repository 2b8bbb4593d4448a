// Stories of the runner of planted bugs, on a repository of three files: it must itself be caught lying.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
let folder: string;

const SOURCE = 'export const sum = (a: number, b: number): number => a + b;\n';
const patchOf = (red: string, to: string): string =>
  `# red: ${red}\n--- a/sum.ts\n+++ b/sum.ts\n@@ -1 +1 @@\n-${SOURCE}+${to}\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-planted-story-'));
  mkdirSync(join(folder, 'tests/planted'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const files: Readonly<Record<string, string>> = {
    '.gitignore': 'node_modules\nout\n',
    'package.json': '{ "type": "module" }\n',
    'sum.ts': SOURCE,
    'tests/sum.test.ts': [
      "import { expect, test } from 'vitest';",
      "import { sum } from '../sum.ts';",
      "test('adds (two)', () => expect(sum(2, 3)).toBe(5));",
      "test('is a function', () => expect(typeof sum).toBe('function'));",
      "test('is red anyway', () => expect(1).toBe(2));\n",
    ].join('\n'),
    'tests/planted/caught.patch': patchOf(
      'tests/sum.test.ts :: adds (two)',
      SOURCE.replace('a + b', 'a - b').trim(),
    ),
    'tests/planted/survives.patch': patchOf(
      'tests/sum.test.ts :: is a function',
      SOURCE.replace('a + b', 'a').trim(),
    ),
    'tests/planted/stale.patch': patchOf('tests/sum.test.ts :: adds', 'x').replace('a + b', 'b + a'),
    'tests/planted/no-such-test.patch': patchOf('tests/sum.test.ts :: multiplies', 'x'),
    'tests/planted/red-before.patch': patchOf('tests/sum.test.ts :: is red anyway', 'x'),
    'tests/planted/does-not-load.patch': patchOf('tests/sum.test.ts :: adds (two)', 'export const = ;'),
    'tests/planted/nameless.patch': 'no first line\n',
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  execFileSync('git', ['init', '-q'], { cwd: folder });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function planted(...names: readonly string[]): { code: number | null; text: string } {
  const args = [join(root, 'scripts/planted.ts'), '--root', folder, ...names];
  const ran = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { code: ran.status, text: ran.stdout + ran.stderr };
}

test('a bug whose test goes red is caught, and the tree stays as it was', () => {
  expect(planted('caught')).toEqual({ code: 0, text: expect.stringContaining('1 of 1 bugs caught') });
  expect(readFileSync(join(folder, 'sum.ts'), 'utf8')).toBe(SOURCE);
});

test('a surviving bug, a patch that does not apply and a test that proves nothing are each told and fail', () => {
  const { code, text } = planted();
  expect(code).toBe(1);
  expect(text).toContain('1 of 7 bugs caught');
  expect(text).toMatch(/SURVIVES survives\.patch.*the test is green/);
  expect(text).toMatch(/SURVIVES stale\.patch.*does not apply/);
  expect(text).toMatch(/SURVIVES no-such-test\.patch.*no test of that title/);
  expect(text).toMatch(/SURVIVES red-before\.patch.*red without the bug as well: .*expected 1 to be 2/);
  expect(text).toMatch(/SURVIVES does-not-load\.patch.*nothing ran/);
  expect(text).toMatch(/nameless\.patch:1 must say/);
});

test('no bug at all is no proof', () => {
  expect(planted('nothing-of-that-name').code).toBe(1);
});
