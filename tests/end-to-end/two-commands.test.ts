// The promise of the README's first lines: after `git clone`, `npm start` and `npm test` need no step before them.
// One clone is installed for real, cut off, mended and started again; the scenes follow one another.

import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begin, cloneTo, remove, run, strangerEnvironment, temporaryFolder, type Ran } from './house/tree.ts';

const SCENE_LIMIT_MS = 4 * 60_000;
const ADDED_LIMIT_MS = 2000;
const STAMP = 'node_modules/.gate-run-install.json';

const folder = temporaryFolder('two-commands');
const clone = join(folder, 'gate-run');
const home = join(folder, 'home');
const env = strangerEnvironment(home);

const start = (...args: readonly string[]): Ran =>
  run('npm', ['--silent', 'start', '--', ...args], clone, env);
const pinned = (): string => join(clone, 'node_modules/node/bin/node');

beforeAll(() => {
  mkdirSync(home);
  cloneTo(clone);
});

afterAll(() => remove(folder));

async function until(holds: () => boolean): Promise<void> {
  const limit = Date.now() + SCENE_LIMIT_MS / 2;
  while (!holds()) {
    if (Date.now() > limit) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('modules that are only linked are never installed over: what the link names stays whole', () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'kept'), 'kept');
  symlinkSync(elsewhere, join(clone, 'node_modules'));
  const ran = start('check');
  rmSync(join(clone, 'node_modules'));
  expect(ran.code, ran.stderr).toBe(3);
  expect(ran.stderr).toContain('node_modules is a link');
  expect(readFileSync(join(elsewhere, 'kept'), 'utf8')).toBe('kept');
});

test(
  'a first start that is killed in the middle of its install leaves no stamp behind',
  { timeout: SCENE_LIMIT_MS },
  async () => {
    const first = begin('npm', ['--silent', 'start', '--', 'check'], clone, env);
    await until(() => existsSync(join(clone, 'node_modules/typescript')));
    first.kill();
    await first.ended;
    expect(first.text.stderr).toContain('installing');
    expect(existsSync(join(clone, STAMP))).toBe(false);
  },
);

test(
  'two starts at once mend that install once, build once, and both run',
  { timeout: SCENE_LIMIT_MS },
  async () => {
    const both = ['check', 'check'].map((command) =>
      begin('npm', ['--silent', 'start', '--', command], clone, env),
    );
    const ran = await Promise.all(both.map((one) => one.ended));
    const said = ran.map((one) => one.stderr).join('');
    expect(
      ran.map((one) => one.code),
      said,
    ).toEqual([0, 0]);
    expect(said.match(/: installing /g)).toHaveLength(1);
    expect(said.match(/: building /g)).toHaveLength(1);
    expect(existsSync(join(clone, STAMP))).toBe(true);
  },
);

test(
  'a second start installs and builds nothing and adds less than two seconds',
  { timeout: SCENE_LIMIT_MS },
  () => {
    const stamps = [STAMP, 'dist/bundle/stamp.json'].map((path) => join(clone, path));
    const before = stamps.map((path) => readFileSync(path, 'utf8'));
    const again = start('check');
    expect(again.code).toBe(0);
    expect(again.stderr).not.toMatch(/installing|building/);
    expect(stamps.map((path) => readFileSync(path, 'utf8'))).toEqual(before);
    const through = Math.min(...[1, 2, 3].map(() => start('--version').ms));
    const direct = Math.min(
      ...[1, 2, 3].map(() => run(pinned(), ['bin/gate-run.js', '--version'], clone, env).ms),
    );
    expect(through - direct).toBeLessThan(ADDED_LIMIT_MS);
  },
);

test(
  'a start runs one cycle under the pinned Node and hands its exit code through',
  { timeout: SCENE_LIMIT_MS },
  () => {
    const green = start('--only', 'floors');
    expect(green.code, green.stdout + green.stderr).toBe(0);
    expect(start('no-such-task').code).toBe(2);
    const seen = run('npm', ['--silent', 'run', 'ready', '--', 'node', '--version'], clone, env);
    expect(seen.stdout.trim()).toBe(run(pinned(), ['--version'], clone, env).stdout.trim());
  },
);

test(
  'an install that lost a package is mended, also when npm may run no install scripts',
  { timeout: SCENE_LIMIT_MS },
  () => {
    rmSync(join(clone, 'node_modules/yaml'), { recursive: true });
    const strict = { ...env, npm_config_ignore_scripts: 'true' };
    const mended = run('npm', ['--silent', 'test', '--', 'tests/unit/floors.test.ts'], clone, strict);
    expect(mended.stderr).toMatch(/installing \(1 packages are missing, node_modules\/yaml/);
    expect(mended.code, mended.stdout + mended.stderr).toBe(0);
    expect(run(pinned(), ['--version'], clone, env).stdout).toMatch(/^v\d+/);
  },
);
