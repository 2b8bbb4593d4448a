import { describe, expect, test } from 'vitest';
import { starter } from '../../../src/core/init/starter.ts';

const folder = (files: Record<string, string>, name = 'my-parser') => ({
  name,
  files: new Map(Object.entries(files)),
});
const manifest = (scripts: Record<string, string>, more: object = {}): string =>
  JSON.stringify({ name: 'my-parser', scripts, ...more });

describe('a starter config', () => {
  test('takes the scripts of a small TypeScript folder and says where each came from', () => {
    const { text } = starter(
      folder({
        'package.json': manifest(
          { typecheck: 'tsc --noEmit', lint: 'eslint .', test: 'vitest run' },
          { devDependencies: { vitest: '5.1.0', '@vitest/coverage-v8': '5.1.0' } },
        ),
        'package-lock.json': '',
        src: '',
      }),
    );
    expect(text).toBe(`# yaml-language-server: $schema=./node_modules/gate-run/schema/loop.schema.json
# Try:  npx gate-run   (one cycle)   npx gate-run plan   (what would run, and why)
version: 1
name: my-parser

phases:
  check:
    gates:
      types: { run: npm run -s typecheck }               # from package.json
      lint: { run: npm run -s lint, mode: soft }         # soft: shown and counted, does not fail the cycle
      test: { run: npm run -s test }                     # from package.json
  measure:
    gates:
      coverage: { uses: coverage, with: { at-least: 80 } } # from package.json

# Next:
#   lint strict, for CI:   profiles: { ci: { gates: { lint: { mode: strict } } } }
#   a limit for each task: defaults: { timeout: 5m }
#   is this file right?    npx gate-run check
`);
  });

  test('leaves coverage out where no folder says which files are to be covered', () => {
    const text = manifest({}, { devDependencies: { vitest: '5.1.0', '@vitest/coverage-v8': '5.1.0' } });
    const { gates, left } = starter(folder({ 'package.json': text }));
    expect(gates).toEqual([]);
    expect(left).toEqual(['coverage of package.json: no folder `src` says which files are to be covered']);
  });

  test('of an empty folder checks itself, so that the first minute is green', () => {
    const { text, gates } = starter(folder({}));
    expect(gates).toEqual([]);
    expect(text).toContain('validate: { uses: validate }');
    expect(text).not.toContain('node_modules');
  });

  test.each([
    ['package-lock.json', 'npm run -s lint'],
    ['pnpm-lock.yaml', 'pnpm -s run lint'],
    ['yarn.lock', 'yarn run lint'],
    ['bun.lock', 'bun run lint'],
  ])('with %s starts scripts by `%s`', (lock, run) => {
    const { text } = starter(folder({ 'package.json': manifest({ lint: 'eslint .' }), [lock]: '' }));
    expect(text).toContain(`lint: { run: ${run}, mode: soft }`);
  });

  test('believes packageManager before a lock file', () => {
    const text = manifest({ lint: 'eslint .' }, { packageManager: 'pnpm@10.1.0' });
    expect(starter(folder({ 'package.json': text, 'package-lock.json': '' })).text).toContain(
      'pnpm -s run lint',
    );
  });

  test.each([
    ['the test that npm writes when there is none', 'echo "Error: no test specified" && exit 1', 'no tests'],
    ['a watcher', 'jest --watch', 'never end'],
    ['a script that calls gate-run', 'npx gate-run', 'start itself'],
  ])('leaves %s out and says why', (_, script, reason) => {
    const { gates, left } = starter(folder({ 'package.json': manifest({ test: script }) }));
    expect(gates).toEqual([]);
    expect(left.join()).toContain(reason);
  });

  test('keeps a script that only switches watching off', () => {
    const { text } = starter(folder({ 'package.json': manifest({ test: 'jest --watch=false' }) }));
    expect(text).toContain('test: { run: npm run -s test }');
  });

  test('lets the test wait for the build', () => {
    const { text } = starter(folder({ 'package.json': manifest({ build: 'tsc', test: 'node --test' }) }));
    expect(text).toContain('test: { needs: [build], run: npm run -s test }');
  });

  test('takes targets of a Makefile, but no variable, comment or recipe', () => {
    const makefile = '# build: no\nlint := x\nall: test\ntest check: deps\n\tbuild: no\n.PHONY: coverage\n';
    const { gates, text } = starter(folder({ Makefile: makefile }));
    expect(gates).toEqual(['check: make check (from Makefile)', 'test: make test (from Makefile)']);
    expect(text).not.toContain('npx');
  });

  test('leaves a target out whose recipe calls gate-run', () => {
    const { gates, left } = starter(folder({ Makefile: 'test:\n\tpytest\n\ncheck:\n\tgate-run\n' }));
    expect(gates).toEqual(['test: make test (from Makefile)']);
    expect(left).toEqual(['target check of Makefile: it calls gate-run, which would start itself']);
  });

  test('prefers the script to the target of the same job, and says so', () => {
    const { gates, left } = starter(
      folder({ 'package.json': manifest({ test: 'node --test' }), Makefile: 'test:\n\tmake it\n' }),
    );
    expect(gates).toEqual(['test: npm run -s test (from package.json)']);
    expect(left).toEqual(['test of Makefile: package.json has one already']);
  });

  test.each([
    ['pytest.ini', ''],
    ['pyproject.toml', '[tool.pytest.ini_options]\n'],
    ['pyproject.toml', '[project]\ndependencies = ["pytest>=8"]\n'],
    ['setup.cfg', '[tool:pytest]\n'],
    ['tests/test_parser.py', ''],
    ['parser_test.py', ''],
  ])('finds pytest by %s', (path, text) => {
    expect(starter(folder({ [path]: text })).gates).toEqual([
      `pytest: the gate pytest that ships (from ${path})`,
    ]);
  });

  test('takes no pyproject.toml for tests that it does not mention', () => {
    expect(starter(folder({ 'pyproject.toml': '[project]\nname = "x"\n' })).gates).toEqual([]);
  });

  test('checks types by the library where a tsconfig.json has no script, and only with the folder’s own compiler', () => {
    const own = manifest({}, { devDependencies: { typescript: '7.0.2' } });
    expect(starter(folder({ 'package.json': own, 'tsconfig.json': '' })).text).toContain(
      'types: { uses: types }',
    );
    expect(starter(folder({ 'package.json': manifest({}), 'tsconfig.json': '' })).gates).toEqual([]);
  });

  test('says that a package.json is no JSON and goes on', () => {
    const { left, gates } = starter(folder({ 'package.json': '{ "scripts": ', Makefile: 'test:\n' }));
    expect(left).toEqual(['package.json: it is not valid JSON']);
    expect(gates).toEqual(['test: make test (from Makefile)']);
  });

  test.each([
    ['@scope/parser', 'parser'],
    ['yes', '"yes"'],
    ['007', '"007"'],
    ['{{goal}}: "x" #y', 'goal-x-y'],
    ['日本語 パーサ', '"日本語-パーサ"'],
    ['…', 'my-loop'],
  ])('names the loop after %s in a way that YAML reads as text', (name, written) => {
    const text = starter(folder({ 'package.json': JSON.stringify({ name }) }, '…')).text;
    expect(text).toContain(`\nname: ${written}\n`);
  });
});
