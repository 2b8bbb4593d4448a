// What a copy of a folder is made of, and that nothing planted in it is planted in the original.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Planting } from '../../../src/core/prove/planting.ts';
import { copyFolder } from '../../../src/system/prove/copy.ts';
import { plant } from '../../../src/system/prove/plant.ts';

let root = '';
const at = (name: string) => join(root, 'work', name);
const to = (name: string) => join(root, 'copy', name);

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'gate-run-copy-')));
  mkdirSync(join(root, 'work'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(name: string, text = name): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

function copy(without: readonly string[] = [], isOver = () => false): Promise<string | undefined> {
  return copyFolder({
    from: join(root, 'work'),
    to: join(root, 'copy'),
    without: new Set(without.map(at)),
    isOver,
  });
}

test('bytes, modes and times are the same, and no inode is', async () => {
  put('a/b.sh', 'echo 1\n');
  chmodSync(at('a/b.sh'), 0o751);
  utimesSync(at('a/b.sh'), 1000, 2000);
  expect(await copy()).toBeUndefined();
  const [one, other] = [statSync(at('a/b.sh')), statSync(to('a/b.sh'))];
  expect(readFileSync(to('a/b.sh'), 'utf8')).toBe('echo 1\n');
  expect([other.mode, other.mtimeMs]).toEqual([one.mode, one.mtimeMs]);
  expect(other.ino).not.toBe(one.ino);
});

test('what is left out, what is a cache by its own word, and what is no file stays behind', async () => {
  put('state/history.jsonl');
  put('target/CACHEDIR.TAG');
  put('target/big');
  put('src/a');
  execFileSync('mkfifo', [at('src/pipe')]);
  await copy(['state']);
  expect(['state', 'target', 'src/pipe', 'src/a'].map((name) => existsSync(to(name)))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});

test('links lead to the copy of what is in the folder, and to what is elsewhere as before', async () => {
  put('src/a');
  put('lib/b');
  writeFileSync(join(root, 'outside'), 'outside');
  symlinkSync(at('src/a'), at('whole'));
  symlinkSync('../src/a', at('lib/near'));
  symlinkSync('../../outside', at('lib/far'));
  symlinkSync('nowhere', at('dangling'));
  symlinkSync('.', at('self'));
  await copy();
  expect(realpathSync(to('whole'))).toBe(to('src/a'));
  expect(realpathSync(to('lib/near'))).toBe(to('src/a'));
  expect(realpathSync(to('lib/far'))).toBe(join(root, 'outside'));
  expect(readlinkSync(to('dangling'))).toBe('nowhere');
  expect(realpathSync(to('self'))).toBe(join(root, 'copy'));
});

test('installed packages are links, those of the folder itself are copies, and caches beside them stay behind', async () => {
  put('node_modules/tool/index.js');
  put('node_modules/@scope/part/index.js');
  put('node_modules/.cache/answers');
  put('node_modules/.bin/tool');
  put('packages/own/index.js');
  symlinkSync('../packages/own', at('node_modules/own'));
  symlinkSync('../../packages/own', at('node_modules/@scope/own'));
  await copy();
  expect(realpathSync(to('node_modules/tool'))).toBe(at('node_modules/tool'));
  expect(realpathSync(to('node_modules/@scope/part'))).toBe(at('node_modules/@scope/part'));
  expect(realpathSync(to('node_modules/.bin'))).toBe(at('node_modules/.bin'));
  expect(realpathSync(to('node_modules/own'))).toBe(to('packages/own'));
  expect(realpathSync(to('node_modules/@scope/own'))).toBe(to('packages/own'));
  expect(existsSync(to('node_modules/.cache'))).toBe(false);
  expect(lstatSync(to('node_modules')).isSymbolicLink()).toBe(false);
});

test('a submodule is a repository in the copy too, of its own files', async () => {
  const git = (folder: string, ...words: readonly string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a', '-c', 'protocol.file.allow=always', ...words],
      {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
  mkdirSync(join(root, 'other'));
  writeFileSync(join(root, 'other/file'), 'one\n');
  git(join(root, 'other'), 'init', '-q');
  git(join(root, 'other'), 'add', '.');
  git(join(root, 'other'), 'commit', '-qm', 'first');
  git(at(''), 'init', '-q');
  git(at(''), 'submodule', 'add', '-q', join(root, 'other'), 'sub');
  git(at(''), 'commit', '-qm', 'second');
  expect(await copy()).toBeUndefined();
  writeFileSync(to('sub/file'), 'two\n');
  expect(git(to('sub'), 'status', '--porcelain')).toBe(' M file\n');
  expect(git(at('sub'), 'status', '--porcelain')).toBe('');
  expect(git(to(''), 'log', '--format=%s')).toBe('second\n');
});

test('what goes away while it is copied is not missed', async () => {
  for (const folder of ['a', 'b', 'c']) for (let nth = 0; nth < 700; nth += 1) put(`${folder}/${nth}`, '');
  let looks = 0;
  const goesOn = () => {
    // The first look comes when one of the folders is copied; the others are known by name and go.
    if (looks === 0) for (const folder of ['a', 'b', 'c']) rmSync(at(folder), { recursive: true });
    looks += 1;
    return false;
  };
  expect(await copy([], goesOn)).toBeUndefined();
  expect(looks).toBeGreaterThan(0);
});

const NOTHING: Planting = {
  kind: 'said',
  text: '',
  write: {},
  append: {},
  remove: [],
  empty: [],
  addsText: false,
  setsParameters: false,
};

test('a file is planted in the place of a folder, and below folders that are not there', async () => {
  put('docs/deep/a');
  await copy();
  const tree = join(root, 'copy');
  expect(await plant(tree, { ...NOTHING, write: { docs: 'x', 'new/er/b': 'y' } })).toBe(2);
  expect([readFileSync(to('docs'), 'utf8'), readFileSync(to('new/er/b'), 'utf8')]).toEqual(['x', 'y']);
  expect(readFileSync(at('docs/deep/a'), 'utf8')).toBe('docs/deep/a');
  expect(await plant(tree, { ...NOTHING, write: { 'docs/a': 'x' } })).toEqual({
    unplanted: 'it could not be planted (ENOTDIR)',
  });
});

test('through a link to a file nothing is written: the link itself is replaced', async () => {
  writeFileSync(join(root, 'outside'), 'outside');
  put('a');
  symlinkSync('../outside', at('far'));
  await copy();
  expect(await plant(join(root, 'copy'), { ...NOTHING, append: { far: '!' } })).toBe(1);
  expect(readFileSync(to('far'), 'utf8')).toBe('outside!');
  expect(readFileSync(join(root, 'outside'), 'utf8')).toBe('outside');
  expect(await plant(join(root, 'copy'), { ...NOTHING, remove: ['far', 'nobody'] })).toBe(1);
  expect(existsSync(join(root, 'outside'))).toBe(true);
});

test('a folder that links elsewhere is taken away as a link', async () => {
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere/a'), 'a');
  symlinkSync('../elsewhere', at('linked'));
  await copy();
  const tree = join(root, 'copy');
  for (const path of ['linked/a', 'linked/b'])
    expect(await plant(tree, { ...NOTHING, write: { [path]: 'x' } })).toMatchObject({
      unplanted: expect.stringContaining('leads out of the copy'),
    });
  expect(await plant(tree, { ...NOTHING, remove: ['linked'] })).toBe(1);
  expect(readFileSync(join(root, 'elsewhere/a'), 'utf8')).toBe('a');
});
