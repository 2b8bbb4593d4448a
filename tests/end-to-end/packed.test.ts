// The tarball as people get it: packed, installed with production dependencies alone, used under two Nodes.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cloneTo,
  linkModules,
  remove,
  root,
  run,
  strangerEnvironment,
  temporaryFolder,
} from './house/tree.ts';

const SCENE_LIMIT_MS = 3 * 60_000;
/** The oldest Node that package.json allows; the pinned one is at hand. */
const OLDEST_NODE = '22.18.0';

const folder = temporaryFolder('packed');
const home = join(folder, 'home');
const env = strangerEnvironment(home);
const installed = join(folder, 'installed');
const product = join(installed, 'node_modules/gate-run');
const nodes = {
  'the oldest Node': join(folder, `node/node_modules/node-${process.platform}-${process.arch}/bin/node`),
  'the pinned Node': join(root, 'node_modules/node/bin/node'),
};

beforeAll(() => {
  const source = join(folder, 'source');
  for (const path of [home, installed, join(folder, 'node')]) mkdirSync(path, { recursive: true });
  cloneTo(source);
  linkModules(source);
  const built = run(nodes['the pinned Node'], ['scripts/build.mjs'], source, env);
  expect(built.code, built.stdout + built.stderr).toBe(0);
  const packed = run(
    'npm',
    ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder],
    source,
    env,
  );
  writeFileSync(join(installed, 'package.json'), '{ "private": true }\n');
  const tarball = join(folder, packed.stdout.trim());
  install(installed, '--omit=dev', '--ignore-scripts', tarball);
  install(join(folder, 'node'), `node-${process.platform}-${process.arch}@${OLDEST_NODE}`);
}, SCENE_LIMIT_MS);

afterAll(() => remove(folder));

function install(where: string, ...what: readonly string[]): void {
  const ran = run(
    'npm',
    ['install', '--silent', '--prefix', where, '--no-audit', '--no-fund', ...what],
    where,
    env,
  );
  expect(ran.code, ran.stdout + ran.stderr).toBe(0);
}

test('holds the command, its bundle, the library with types, gates and schemas, and nothing of the workshop', () => {
  const names = readdirSync(product).toSorted();
  expect(names).toEqual(expect.arrayContaining(['bin', 'dist', 'gates', 'package.json', 'schema']));
  for (const name of ['src', 'tests', 'scripts', 'bench', 'node_modules']) expect(names).not.toContain(name);
  expect(readdirSync(join(product, 'dist'))).toEqual(
    expect.arrayContaining(['index.js', 'index.d.ts', 'bundle']),
  );
  expect(readdirSync(join(installed, 'node_modules'))).not.toContain('vitest');
});

describe.each(Object.entries(nodes))('under %s', (name, node) => {
  const project = join(folder, name.replaceAll(' ', '-'));
  const gateRun = (...args: readonly string[]) =>
    run(node, [join(product, 'bin/gate-run.js'), ...args], project, env);

  test('init writes a config for the folder, and its cycle is green', { timeout: SCENE_LIMIT_MS }, () => {
    mkdirSync(project);
    const scripts = { test: 'node --test', lint: 'node --check index.js' };
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ name: 'fresh', version: '1.0.0', scripts }),
    );
    writeFileSync(join(project, 'index.js'), 'export const one = 1;\n');
    writeFileSync(join(project, 'one.test.js'), "require('node:test').test('one', () => {});\n");
    const made = gateRun('init');
    expect(made.code, made.stdout + made.stderr).toBe(0);
    const checked = gateRun('check');
    expect(checked.code, checked.stdout + checked.stderr).toBe(0);
    const cycle = gateRun();
    expect(cycle.code, cycle.stdout + cycle.stderr).toBe(0);
    expect(gateRun('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(gateRun('--help').stdout).toContain('gate-run [command]');
  });

  test('the library answers to its name', () => {
    const script = "import { defineConfig } from 'gate-run'; process.stdout.write(typeof defineConfig);";
    const ran = run(node, ['--input-type=module', '-e', script], installed, env);
    expect(ran.stdout, ran.stderr).toBe('function');
  });
});
