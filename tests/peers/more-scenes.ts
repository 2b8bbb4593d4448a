// Scenes for the gates of Python, Go and Rust, for those that look through a whole project, and for those that gate-run answers itself.

import { scenesOf, type Scene } from './scene.ts';

const PY = { 'src/a.py': 'x = 1\n' };
const GO = {
  'go.mod': 'module parser\n\ngo 1.19\n',
  'a.go': 'package parser\n\nfunc Twice(n int) int {\n\treturn 2 * n\n}\n',
};
const goTest = (sum: number): Record<string, string> => ({
  'a_test.go': `package parser\n\nimport "testing"\n\nfunc TestTwice(t *testing.T) {\n\tif Twice(2) != ${sum} {\n\t\tt.Error("no")\n\t}\n}\n`,
});
const GO_SKIPPED =
  'package parser\n\nimport "testing"\n\nfunc TestTwice(t *testing.T) {\n\tt.Skip("no")\n}\n';
const rust = (body: string, sum: number): Record<string, string> => ({
  'Cargo.toml': '[package]\nname = "parser"\nversion = "0.1.0"\nedition = "2021"\n',
  'src/lib.rs': `pub fn twice(n: i32) -> i32 {\n    ${body}\n}\n\n#[test]\nfn doubles() {\n    assert_eq!(twice(2), ${sum});\n}\n`,
});
const ENTRY: Record<string, string> = {
  'package.json':
    '{ "name": "my-parser", "version": "1.0.0", "private": true, "type": "module", "main": "src/a.js" }',
  'src/a.js': 'export const a = 1;\n',
};

const ruff = scenesOf('ruff');
const ruffFormat = scenesOf('ruff-format');
const pyright = scenesOf('pyright');
const goVet = scenesOf('go-vet', { files: GO });
const goTests = scenesOf('go-test', { files: GO });
const clippy = scenesOf('cargo-clippy');
const cargoTest = scenesOf('cargo-test');
const unused = scenesOf('unused', { files: ENTRY });
const licenses = scenesOf('licenses', { files: ENTRY });
/** A folder of its own: in the project's node_modules lie the tools of this test. */
const VENDOR = { with: { options: ['--start', 'vendor'] } };
const installed = (name: string, license: string): Record<string, string> => ({
  'vendor/package.json': '{ "name": "vendor", "version": "1.0.0", "private": true }',
  [`vendor/node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', license }),
});
const secrets = scenesOf('secrets', {
  with: { paths: ['src/**/*'] },
  files: {
    ...ENTRY,
    '.secretlintrc.json': '{ "rules": [{ "id": "@secretlint/secretlint-rule-preset-recommend" }] }',
  },
});
/** In two parts, so that it is none here. */
const KEY = `aws_secret_access_key = ${['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYzzzzzzzKEY'].join('/')}\n`;

export const FOREIGN: readonly Scene[] = [
  ruff('passed', 'clean code', { files: PY }),
  ruff('failed', 'a name that is not there', { files: { 'src/a.py': 'x = nothing\n' } }),
  ruff('broken', 'no file'),
  ruffFormat('passed', 'formatted code', { files: PY }),
  ruffFormat('failed', 'unformatted code', { files: { 'src/a.py': 'x   = 1\n' } }),
  ruffFormat('broken', 'code that does not parse', { files: { 'src/a.py': 'x = (\n' } }),
  pyright('passed', 'sound types', { files: PY }),
  pyright('failed', 'a type that does not fit', { files: { 'src/a.py': 'x: int = "a"\n' } }),
  pyright('broken', 'no file'),
  goVet('passed', 'clean code'),
  goVet('failed', 'a format that does not fit', {
    files: { 'b.go': 'package parser\n\nimport "fmt"\n\nfunc Say() {\n\tfmt.Printf("%d", "x")\n}\n' },
  }),
  goVet('broken', 'no go on PATH', { bare: true }),
  goTests('passed', 'tests that hold', { files: goTest(4) }),
  goTests('failed', 'a test that does not', { files: goTest(5) }),
  goTests('broken', 'no test of that name', { with: { options: ['-run=TestGone'] }, files: goTest(5) }),
  goTests('broken', 'tests that all skip themselves', { files: { 'a_test.go': GO_SKIPPED } }),
  goTests('broken', 'no test at all'),
  clippy('passed', 'clean code', { files: rust('2 * n', 4) }),
  clippy('failed', 'a warning', { files: rust('return 2 * n;', 4) }),
  clippy('broken', 'no cargo on PATH', { bare: true }),
  cargoTest('passed', 'tests that hold', { files: rust('2 * n', 4) }),
  cargoTest('failed', 'a test that does not', { files: rust('2 * n', 5) }),
  cargoTest('broken', 'no test at all', { files: { ...rust('', 4), 'src/lib.rs': '' } }),
  unused('passed', 'a project where all is used'),
  unused('failed', 'a file that nothing uses', { files: { 'src/b.js': 'export const b = 1;\n' } }),
  unused('broken', 'a config with a mistake', { files: { 'knip.json': '{ "entry": 1 }' } }),
  licenses('passed', 'a licence that is allowed, and a choice of two', {
    ...VENDOR,
    files: { ...installed('a', 'MIT'), ...installed('b', '(MIT OR GPL-3.0-only)') },
  }),
  licenses('failed', 'a licence that is not allowed', { ...VENDOR, files: installed('a', 'WTFPL') }),
  licenses('failed', 'two licences at once', { ...VENDOR, files: installed('a', '(GPL-3.0-only AND MIT)') }),
  licenses('failed', 'a name that begins like one that is allowed', {
    ...VENDOR,
    files: installed('a', 'MITNFA'),
  }),
  licenses('broken', 'no tool on PATH', { bare: true }),
  secrets('passed', 'no secret'),
  secrets('failed', 'a key', { files: { 'src/key.txt': KEY } }),
  secrets('broken', 'a key in a file that is ignored', {
    files: { 'src/key.txt': KEY, '.secretlintignore': 'src\n' },
  }),
  secrets('broken', 'no file', { with: { paths: ['nowhere/**'] } }),
];

/** Of the three bytes `abc`, as FIPS 180 gives it. */
const SUM_OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const OPEN =
  'Question for somebody 2026-02-10T06:30:00Z:\nWhile performing [1:a], encountered the following error:\n[no]\n';
const writable = scenesOf('writable');
const room = scenesOf('disk-space');
const capabilities = scenesOf('capabilities');
const build = scenesOf('manifest-build', { with: { paths: ['assets/**'] } });
const verify = scenesOf('manifest-verify', {
  with: { paths: ['assets/**'] },
  files: { 'assets/a.txt': 'abc', 'assets.sha256': `${SUM_OF_ABC}  assets/a.txt\n` },
});
const questions = scenesOf('questions');

export const KEPT: readonly Scene[] = [
  writable('passed', 'a folder that is made', { with: { paths: ['state/deep'] } }),
  writable('failed', 'a file in its place', { with: { paths: ['state'] }, files: { state: '' } }),
  writable('broken', 'no folder', { with: { paths: [] } }),
  room('passed', 'room enough', { with: { free: '1k' } }),
  room('failed', 'too little', { with: { free: '900t' } }),
  room('broken', 'no such folder', { with: { path: 'nowhere' } }),
  capabilities('passed', 'what is here', { with: { commands: ['sh', 'optional:no-such-command-x'] } }),
  capabilities('failed', 'one that is missing', { with: { commands: ['sh', 'no-such-command-x'] } }),
  capabilities('broken', 'no command', { with: { commands: [] } }),
  build('passed', 'a folder', { files: { 'assets/a.txt': 'abc' } }),
  build('failed', 'one folder of two', {
    with: { paths: ['assets/**', 'fonts/**'] },
    files: { 'assets/a.txt': 'abc' },
  }),
  build('broken', 'no file'),
  verify('passed', 'a file as it was'),
  verify('failed', 'a file that changed', { files: { 'assets/a.txt': 'abd' } }),
  verify('broken', 'no manifest', { with: { paths: ['assets/**'], manifest: 'nowhere.sha256' } }),
  questions('passed', 'none', { files: { 'docs/a.md': '# Nothing\n' } }),
  questions('failed', 'one', { files: { 'docs/a.md': OPEN } }),
  questions('broken', 'no file'),
];
