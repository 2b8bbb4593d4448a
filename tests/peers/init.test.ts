import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gateRun, openProject, pathWith, REPOSITORY } from './project.ts';

const MODULES = join(REPOSITORY, 'node_modules');
const manifest = (scripts: Record<string, string>, more: object = {}): string =>
  JSON.stringify({ name: 'my-parser', private: true, type: 'module', scripts, ...more });

const FOLDERS: readonly (readonly [
  what: string,
  files: Record<string, string>,
  passed: readonly string[],
])[] = [
  ['an empty folder', { 'package.json': '{}' }, ['validate']],
  [
    'scripts of npm',
    {
      'package.json': manifest({ lint: 'oxlint src', test: 'node --test', build: 'node -e 0' }),
      'src/a.js': '',
    },
    ['lint', 'build', 'test'],
  ],
  ['a Makefile', { 'package.json': '{}', Makefile: 'check:\n\t@echo checked\n' }, ['check']],
  [
    'TypeScript and vitest without a script',
    {
      'package.json': manifest(
        {},
        { devDependencies: { typescript: '*', vitest: '*', '@vitest/coverage-v8': '*' } },
      ),
      'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "types": [] }, "include": ["src"] }',
      'src/a.ts': 'export const twice = (n: number): number => n * 2;\n',
      'tests/a.test.js':
        "import { expect, test } from 'vitest';\nimport { twice } from '../src/a.ts';\ntest('doubles', () => {\n  expect(twice(2)).toBe(4);\n});\n",
    },
    ['types', 'coverage'],
  ],
];

describe('init, and then the first cycle', () => {
  test.each(FOLDERS)('in a folder with %s is green', async (_, files, passed) => {
    const project = openProject(files, MODULES);
    const place = { folder: project.folder, path: pathWith(MODULES) };
    const made = await gateRun(['init'], place);
    const config = readFileSync(join(project.folder, 'loop.config.yaml'), 'utf8');
    const { exit, out, error } = await gateRun(['--json'], place);
    const again = await gateRun(['init'], place);
    project.remove();
    expect(made, made.error).toMatchObject({ exit: 0, error: '' });
    expect(exit, `${config}\n${out}\n${error}`).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      tasks: passed.map((id) => expect.objectContaining({ id, verdict: 'passed' })),
    });
    expect(again.exit).toBe(2);
  });
});
