// For each gate of the library: a small project on which it passes, one on which it fails, and one on which it cannot judge.

import { FOREIGN, KEPT } from './more-scenes.ts';
import { scenesOf, type More, type Scene } from './scene.ts';

/** The command a gate needs; a gate that is not here serves gate-run itself. */
export const TOOL_OF: Readonly<Record<string, string>> = {
  types: 'tsc',
  compile: 'tsc',
  lint: 'oxlint',
  eslint: 'eslint',
  format: 'oxfmt',
  prettier: 'prettier',
  test: 'vitest',
  coverage: 'vitest',
  pytest: 'pytest',
  ruff: 'ruff',
  'ruff-format': 'ruff',
  pyright: 'pyright',
  'go-vet': 'go',
  'go-test': 'go',
  'cargo-clippy': 'cargo-clippy',
  'cargo-test': 'cargo',
  unused: 'knip',
  licenses: 'license-checker-rseidelsohn',
  secrets: 'secretlint',
};

const compilerOptions = { module: 'nodenext', types: [], strict: true, rootDir: 'src', outDir: 'dist' };
const tsconfig = JSON.stringify({ compilerOptions, include: ['src'] });
const referenced = JSON.stringify({
  compilerOptions: { ...compilerOptions, composite: true },
  include: ['src'],
});
const typed: readonly Scene[] = ['types', 'compile'].flatMap((gate) => {
  const scene = scenesOf(gate, {
    files: { 'tsconfig.json': tsconfig, 'src/a.ts': 'export const a: number = 1;\n' },
  });
  return [
    scene('passed', 'sound types'),
    scene('failed', 'a type error', { files: { 'src/a.ts': 'export const a: string = 1;\n' } }),
    scene('broken', 'references alone, and a type error behind them', {
      files: {
        'tsconfig.json': '{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }',
        'tsconfig.app.json': referenced,
        'src/a.ts': 'export const a: string = 1;\n',
      },
    }),
    scene('broken', 'no compiler on PATH', { bare: true }),
  ];
});

const CLEAN = { 'src/a.js': 'export const a = 1;\n' };
const WITH_DEBUGGER = { 'src/a.js': 'export const f = () => {\n  debugger;\n};\n' };
const UNFORMATTED = { 'src/a.js': 'export const   a = [1 ,2]\n' };
const UNPARSED = { 'src/a.js': 'export const x = (\n' };
const IN_SRC = { with: { paths: ['src'] } };
const ESLINT = { 'eslint.config.js': "export default [{ rules: { 'no-debugger': 'error' } }];\n" };

const oxlint = scenesOf('lint', { files: CLEAN });
const eslint = scenesOf('eslint', IN_SRC);
const style: readonly Scene[] = [
  oxlint('passed', 'clean code'),
  oxlint('failed', 'a warning', { files: WITH_DEBUGGER }),
  oxlint('broken', 'nothing to lint', {
    with: { options: ['--no-error-on-unmatched-pattern'], paths: ['nowhere'] },
  }),
  eslint('passed', 'clean code', { files: { ...ESLINT, ...CLEAN } }),
  eslint('failed', 'an error', { files: { ...ESLINT, ...WITH_DEBUGGER } }),
  eslint('broken', 'no config', { files: CLEAN }),
  ...['format', 'prettier'].flatMap((gate) => {
    const scene = scenesOf(gate, IN_SRC);
    return [
      scene('passed', 'formatted code', { files: CLEAN }),
      scene('failed', 'unformatted code', { files: UNFORMATTED }),
      scene('broken', 'code that does not parse', { files: UNPARSED }),
      scene('broken', 'unformatted code that git ignores', {
        files: { ...UNFORMATTED, '.gitignore': 'node_modules\n.gate-run\nsrc\n' },
      }),
    ];
  }),
];

const testFile = (call: string, sum: number): Record<string, string> => ({
  'tests/a.test.js': `import { expect, test } from 'vitest';\n${call}('adds', () => {\n  expect(1 + 1).toBe(${sum});\n});\n`,
});
const HALF_COVERED = {
  'src/core/sign.js': 'export function sign(n) {\n  if (n < 0) {\n    return -1;\n  }\n  return 1;\n}\n',
  'tests/sign.test.js': `import { expect, test } from 'vitest';
import { sign } from '../src/core/sign.js';
test('signs', () => {
  expect(sign(1)).toBe(1);
});
`,
};
const python = (sum: number, mark = ''): Record<string, string> => ({
  'tests/test_a.py': `import pytest\n\n${mark}\ndef test_a():\n    assert 1 + 1 == ${sum}\n`,
});

const vitest = scenesOf('test');
const coverage = scenesOf('coverage', { files: HALF_COVERED });
const include = 'src/**';
const pytest = scenesOf('pytest');
const tested: readonly Scene[] = [
  vitest('passed', 'tests that hold', { files: testFile('test', 2) }),
  vitest('failed', 'a test that does not', { files: testFile('test', 3) }),
  vitest('broken', 'tests that are all left out', { files: testFile('test.skip', 2) }),
  coverage('passed', 'enough lines', { with: { include, 'at-least': 60, folders: { 'src/core': 60 } } }),
  coverage('failed', 'too few lines in one folder', {
    with: { include, 'at-least': 60, folders: { 'src/core': 90 } },
  }),
  coverage('failed', 'enough lines but a test that does not hold', {
    with: { include, 'at-least': 10 },
    files: testFile('test', 3),
  }),
  coverage('failed', 'a file that no test loads', {
    with: { include, 'at-least': 60 },
    files: { 'src/never.js': 'export function never(n) {\n  n += 1;\n  return n;\n}\n' },
  }),
  coverage('broken', 'a folder that is not there', {
    with: { include, 'at-least': 10, folders: { 'src/gone': 90 } },
  }),
  coverage('broken', 'no file that is to be covered', { with: { include: 'nowhere/**', 'at-least': 0 } }),
  pytest('passed', 'tests that hold', { files: python(2) }),
  pytest('failed', 'a test that does not', { files: python(3) }),
  pytest('passed', 'tests that hold in a project that wants few words', {
    files: { ...python(2), 'pytest.ini': '[pytest]\naddopts = -q\n' },
  }),
  pytest('broken', 'tests that are all skipped', { files: python(3, '@pytest.mark.skip') }),
  pytest('broken', 'tests that all fail as expected', { files: python(3, '@pytest.mark.xfail') }),
  pytest('broken', 'no test at all'),
];

const simulator = `const { BAD, MUTE } = process.env;
if (!MUTE) console.log('failing seeds: ' + (Number(process.argv[2]) > 100 ? (BAD ?? 0) : 0));
`;
const simulate = (assignment: string): More => ({
  with: { command: ['env', assignment, 'node', 'simulate.cjs'] },
});
const lock = (more: object): More => ({
  files: {
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: { '': { dependencies: { a: '1.0.0' } }, ...more },
    }),
  },
});

const sims = scenesOf('sims', { files: { 'simulate.cjs': simulator } });
const mustExist = scenesOf('must-exist', { with: { paths: ['digest.txt'], 'newer-than': 'cycle' } });
const mustNotExist = scenesOf('must-not-exist', { with: { paths: ['**/*.orig'] } });
const validate = scenesOf('validate');
const own: readonly Scene[] = [
  sims('passed', 'no seed that fails', simulate('BAD=0')),
  sims('failed', 'seeds that fail on the top rung', simulate('BAD=3')),
  sims('broken', 'no result', simulate('MUTE=1')),
  mustExist('passed', 'a file that the cycle wrote', {
    step: ['node', '-e', "require('fs').writeFileSync('digest.txt', 'new')"],
  }),
  mustExist('failed', 'a file from before the cycle', {
    files: { 'digest.txt': 'old' },
    step: ['touch', '-d', '2020-01-01T00:00:00Z', 'digest.txt'],
  }),
  mustExist('broken', 'no path', { with: { paths: [] } }),
  mustNotExist('passed', 'no such file'),
  mustNotExist('failed', 'one such file', { files: { 'src/a.orig': '' } }),
  mustNotExist('broken', 'no path', { with: { paths: [] } }),
  validate('passed', 'a whole lock file', lock({ 'node_modules/a': {} })),
  validate('failed', 'a lock file with a gap', lock({})),
];

export const SCENES: readonly Scene[] = [...typed, ...style, ...tested, ...own, ...FOREIGN, ...KEPT];
