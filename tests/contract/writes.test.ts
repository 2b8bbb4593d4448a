// What a task wrote is told from two looks at a real tree, and put back from bytes that were kept before.

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { TreeOrder } from '../../src/ports.ts';
import {
  asPlainUser,
  giveToPlainUser,
  keptTree,
  PLAIN_USER,
  pictureOf,
  put,
  removeTree,
  sh,
  treeOf,
  type Kept,
} from './trees.ts';

const STATE = ['state'];
let folders: string[] = [];
let kept: Kept[] = [];
let mounts: string[] = [];

afterEach(() => {
  for (const one of kept) one.keeper.close();
  for (const place of mounts) execFileSync('umount', ['--lazy', place]);
  for (const folder of folders) removeTree(folder);
  [folders, kept, mounts] = [[], [], []];
});

function tree(
  files: Readonly<Record<string, string>>,
  more: Partial<TreeOrder> = {},
): { folder: string } & Kept {
  const folder = treeOf(files);
  folders.push(folder);
  const one = keptTree(folder, more);
  kept.push(one);
  return { folder, ...one };
}

/** Changes a tree between the two looks, puts it back, and says what was seen. */
async function around(
  files: Readonly<Record<string, string>>,
  script: string,
  more: Partial<TreeOrder> = {},
): Promise<{ names: readonly string[]; isBack: boolean } & { folder: string } & Kept> {
  const made = tree(files, more);
  const before = pictureOf(made.folder, STATE);
  expect(await made.before()).toBeUndefined();
  sh(made.folder, script);
  const { changed = [] } = await made.after();
  const undone = await made.undo();
  expect(undone.left).toBeUndefined();
  expect(pictureOf(made.folder, STATE)).toEqual(before);
  return { ...made, names: changed.map(({ path, how }) => `${path} ${how}`), isBack: true };
}

describe('[A16] what a task wrote', () => {
  const FILES = { 'a.txt': 'a\n', 'src/b.txt': 'b\nc\n', 'src/deep/c.txt': 'c', 'to-b': '-> src/b.txt' };

  test('is what came, went, or has other bytes, mode or target; a file that was only touched is none', async () => {
    const { before, after, folder } = tree(FILES);
    await before();
    sh(
      folder,
      'touch a.txt; cp src/b.txt x; mv x src/b.txt; chmod 755 src/deep/c.txt; ln -sf a.txt to-b; echo n > new',
    );
    const { files, changed } = await after();
    expect(files).toBe(3);
    expect(changed).toEqual([
      { path: 'new', how: 'added' },
      { path: 'src/deep/c.txt', how: 'changed' },
      { path: 'to-b', how: 'changed' },
    ]);
  });

  test('counts the files of a folder and not the folder, but an empty one', async () => {
    const { before, after, folder } = tree({ 'old/1': '', 'old/2': '', 'empty/': '' });
    await before();
    sh(folder, 'rm -r old; rmdir empty; mkdir -p new/deep hollow; touch new/deep/3');
    const { files, changed = [] } = await after();
    expect(changed.map(({ path, how }) => `${how} ${path}`).toSorted()).toEqual([
      'added hollow',
      'added new/deep/3',
      'removed empty',
      'removed old/1',
      'removed old/2',
    ]);
    expect(files).toBe(5);
  });

  test('is told apart by `only`, those outside of it first', async () => {
    const { before, after, folder } = tree(FILES, { only: ['src/**'] });
    await before();
    sh(folder, 'echo x > src/x; echo y > y; echo z > a.txt');
    const { files, outside, changed } = await after();
    expect([files, outside]).toEqual([3, 2]);
    expect(changed?.map(({ path }) => path)).toEqual(['a.txt', 'y', 'src/x']);
  });

  test('has lines as a diff counts them: added and taken away, of a file that went all of them', async () => {
    const { before, after, folder } = tree({ a: '1\n2\n3\n', gone: 'x\ny', link: '-> a' }, { lines: 100 });
    await before();
    sh(
      folder,
      String.raw`printf '1\ntwo\n3\n4\n' > a; rm gone; printf 'n\n' > new; chmod 600 a; ln -sf new link`,
    );
    expect(await after()).toMatchObject({ files: 4, lines: 3 + 2 + 1 + 2 });
  });

  test('counts no lines beyond what is too many', async () => {
    const { before, after, folder } = tree({ a: '' }, { lines: 5 });
    await before();
    sh(folder, 'seq 1000 > a');
    expect((await after()).lines).toBe(6);
  });

  test('of which there is too much to name is a list beside the log, whole', async () => {
    const { before, after, folder } = tree({});
    await before();
    sh(folder, 'for i in $(seq 50); do echo $i > f$i; done');
    const { files, changed, more, list } = await after();
    expect([files, changed?.length, more, list]).toEqual([50, 20, 30, 'p.t.writes.jsonl']);
    const lines = readFileSync(join(folder, 'state/cycles/p.t.writes.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(50);
  });

  test('is neither what gate-run writes itself nor what git keeps for itself', async () => {
    const { before, after, folder } = tree({ a: 'a', 'sub/x': '' });
    sh(folder, 'git init -q .; git -C sub init -q; git add a');
    await before();
    sh(
      folder,
      'git -c user.name=a -c user.email=a@b commit -qm one; echo x > state/x; git status > /dev/null',
    );
    expect(await after()).toEqual({ files: 0 });
  });

  test('is seen though size and time were set back', async () => {
    const { before, after, folder } = tree({ a: 'one' });
    const { atime, mtime } = lstatSync(join(folder, 'a'));
    await before();
    writeFileSync(join(folder, 'a'), 'two');
    utimesSync(join(folder, 'a'), atime, mtime);
    expect((await after()).files).toBe(1);
  });

  test.each(['000', '444'])('is seen also in a folder that the task shut behind itself, %s', async (mode) => {
    const { before, after, folder, undo } = tree({ 'd/a': 'a', 'd/b': 'b' });
    giveToPlainUser(folder);
    const was = pictureOf(folder, STATE);
    await asPlainUser(before);
    sh(folder, `echo x > d/a; echo n > d/n; chmod ${mode} d`, PLAIN_USER);
    const { changed = [] } = await asPlainUser(after);
    expect(changed.map(({ path }) => path)).toEqual(['d', 'd/a', 'd/n']);
    expect(lstatSync(join(folder, 'd')).mode & 0o777).toBe(Number.parseInt(mode, 8));
    expect((await asPlainUser(undo)).files).toBe(3);
    expect(pictureOf(folder, STATE)).toEqual(was);
  });
});

describe('[A16] putting back', () => {
  test('gives every file, mode, link and folder its place back, and takes away what came', async () => {
    await around(
      {
        'a.txt': 'a\n',
        'src/b': 'b',
        'src/deep/c': 'c',
        link: '-> a.txt',
        'empty/': '',
        dangling: '-> nowhere',
      },
      `echo more >> a.txt; chmod 4755 a.txt; rm -r src; echo now-a-file > src; rm link; mkdir link; touch link/x;
       rmdir empty; ln -s a.txt empty; rm dangling; mkdir -p came/deep; ln -s / came/deep/root; mkfifo came/pipe; touch ' odd
name'`,
    );
  });

  test('opens the folder of the config itself, where the task shut that', async () => {
    const { before, after, undo, folder } = tree({ 'd/a': 'a', b: 'b' });
    giveToPlainUser(folder);
    const was = pictureOf(folder, STATE);
    await asPlainUser(before);
    sh(folder, 'rm b d/a; chmod 000 .', PLAIN_USER);
    await asPlainUser(after);
    expect((await asPlainUser(undo)).left).toBeUndefined();
    expect(pictureOf(folder, STATE)).toEqual(was);
  });

  test('writes through no link that took the place of a folder', async () => {
    const outside = treeOf({ b: 'theirs' });
    folders.push(outside);
    await around({ 'src/b': 'mine' }, `rm -r src; ln -s ${outside} src`);
    expect(readFileSync(join(outside, 'b'), 'utf8')).toBe('theirs');

    // Nor through one that a person put there since.
    const { before, after, undo, folder } = tree({ 'src/c': 'mine', 'src/d': 'd' });
    await before();
    sh(folder, 'rm src/c');
    await after();
    sh(folder, `rm -r src; ln -s ${outside} src`);
    expect((await undo()).left).toEqual([{ path: 'src/c', why: 'what it lay in is no folder any more' }]);
    expect(readdirSync(outside)).toEqual(['b']);
  });

  test('keeps the permissions and times of folders, also of one that may not be written to', async () => {
    const { before, after, folder, undo } = tree({ 'd/a': 'a', 'd/b': 'b', 'e/deep/x': 'x' });
    sh(folder, 'chmod 555 e e/deep');
    giveToPlainUser(folder);
    const was = pictureOf(folder, STATE);
    await asPlainUser(before);
    sh(
      folder,
      'rm d/a; chmod 500 d; chmod 755 e e/deep; rm -r e/deep; echo n > e/n; chmod 555 e',
      PLAIN_USER,
    );
    await asPlainUser(after);
    expect((await asPlainUser(undo)).left).toBeUndefined();
    expect(pictureOf(folder, STATE)).toEqual(was);
  });

  test('gives two names of one file their one file back', async () => {
    const made = tree({ a: 'same', other: 'x' });
    linkSync(join(made.folder, 'a'), join(made.folder, 'b'));
    linkSync(join(made.folder, 'a'), join(made.folder, 'c'));
    const ino = (name: string) => lstatSync(join(made.folder, name)).ino;
    await made.before();
    sh(made.folder, 'echo in-place >> a');
    expect((await made.after()).files).toBe(3);
    expect((await made.undo()).left).toBeUndefined();
    expect(['a', 'b', 'c'].map((name) => readFileSync(join(made.folder, name), 'utf8'))).toEqual([
      'same',
      'same',
      'same',
    ]);
    expect(new Set(['a', 'b', 'c'].map(ino)).size).toBe(1);

    await made.before();
    sh(made.folder, 'chmod 4711 a; touch a');
    expect((await made.after()).files).toBe(3);
    expect((await made.undo()).left).toBeUndefined();
    expect(lstatSync(join(made.folder, 'c')).mode & 0o7777).toBe(0o644);

    await made.before();
    sh(made.folder, 'rm b; echo alone > b');
    await made.after();
    expect((await made.undo()).left).toBeUndefined();
    expect(ino('b')).toBe(ino('a'));
  });

  test('takes names that are no text, and names longer than a tar likes', async () => {
    const long = `${'n'.repeat(200)}/${'m'.repeat(200)}`;
    await around(
      { [long]: 'deep', [`to-${'t'.repeat(150)}`]: `-> ${long}` },
      `rm -r nnn*; rm to-*; printf x > "$(printf 'bad\\377name')"`,
    );
    const { folder, before, after, undo } = tree({});
    sh(folder, `printf old > "$(printf 'bad\\377name')"`);
    const was = pictureOf(folder, STATE);
    await before();
    sh(folder, `printf new > "$(printf 'bad\\377name')"; printf x > "$(printf 'esc\\033[31m')"`);
    expect((await after()).changed?.map(({ path }) => path).toSorted()).toEqual([
      'bad\uFFFDname',
      'esc\uFFFD[31m',
    ]);
    await undo();
    expect(pictureOf(folder, STATE)).toEqual(was);
  });

  test('leaves alone what is not as the task left it any more, and names it', async () => {
    const { folder, before, after, undo } = tree({ a: 'a', b: 'b', c: 'c' });
    await before();
    sh(folder, 'echo x > a; echo x > b; rm c; echo x > d');
    await after();
    sh(folder, 'echo "by a person" > a; echo "by a person" > c');
    const { files, left, kept: name } = await undo();
    expect(files).toBe(2);
    expect(left?.toSorted((one, two) => one.path.localeCompare(two.path))).toEqual([
      { path: 'a', why: 'it changed again since' },
      { path: 'c', why: 'it changed again since' },
    ]);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('by a person\n');
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('b');
    expect(existsSync(join(folder, 'd'))).toBe(false);
    // The tool of the system unpacks what was kept.
    expect(name).toBe('p.t.before.tar');
    sh(folder, `mkdir state/back; tar -xpf state/cycles/${name} -C state/back`);
    expect(readFileSync(join(folder, 'state/back/a'), 'utf8')).toBe('a');
  });

  test('does not believe bytes that somebody changed where they were kept', async () => {
    const { folder, before, after, undo } = tree({ a: 'aaaa' });
    await before();
    const tar = join(folder, 'state/cycles/p.t.before.tar');
    // In place, so that whoever has it open reads that.
    writeFileSync(tar, readFileSync(tar, 'latin1').replace('aaaa', 'bbbb'), 'latin1');
    sh(folder, 'echo x > a');
    await after();
    expect((await undo()).left).toEqual([{ path: 'a', why: 'what was kept of it is not what it was' }]);
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('x\n');
  });

  test('cannot make a FIFO again, and says so', async () => {
    const { folder, before, after, undo } = tree({ a: 'a' });
    sh(folder, 'mkfifo pipe');
    await before();
    sh(folder, 'rm pipe; rm a');
    await after();
    const { files, left } = await undo();
    expect(files).toBe(1);
    expect(left?.[0]).toMatchObject({ path: 'pipe' });
  });

  test('begins nothing where a file cannot be read, or a folder, and leaves nothing behind', async () => {
    const { folder, ...one } = tree({ 'd/secret': 's' });
    const before = () => asPlainUser(one.before);
    sh(folder, 'chmod 000 d/secret');
    giveToPlainUser(folder);
    expect(await before()).toEqual({
      notStarted: 'no-snapshot',
      detail: 'its tree could not be noted: d/secret cannot be read (EACCES), so it could not be put back',
    });
    sh(folder, 'chmod 600 d/secret; chmod 000 d');
    expect(await before()).toMatchObject({ notStarted: 'no-snapshot' });
    sh(folder, 'chmod 755 d');
    expect(readdirSync(join(folder, 'state/cycles'))).toEqual([]);
  });

  test('where nothing is to be put back, such a file is told by its looks', async () => {
    const { folder, before, after } = tree({ secret: 's', other: 'o' }, { mayUndo: false });
    sh(folder, 'chmod 000 secret other');
    giveToPlainUser(folder);
    expect(await asPlainUser(before)).toBeUndefined();
    sh(folder, 'rm -f secret; echo x > secret', PLAIN_USER);
    expect((await asPlainUser(after)).changed).toEqual([{ path: 'secret', how: 'changed' }]);
  });

  test('what was kept stays where nobody can say what was written', async () => {
    const { folder, before, after, keeper } = tree({ 'd/a': 'a', b: 'b' });
    await before();
    const long = Array.from({ length: 14 }, () => 'n'.repeat(250)).join('/');
    sh(folder, `rm b; mkdir -p x/${long} y/${long}; mv y x/${long}`);
    const { failed } = await after();
    sh(folder, 'rm -r x');
    expect(failed).toContain(
      'cannot be looked at (ENAMETOOLONG), so nothing was put back; p.t.before.tar holds what was there',
    );
    keeper.forget('t');
    expect(readdirSync(join(folder, 'state/cycles'))).toEqual(['p.t.before.tar']);
  });

  test('what was kept goes with the verdict', async () => {
    const { folder, before, after, keeper } = tree({ a: 'a' });
    await before();
    expect(readdirSync(join(folder, 'state/cycles'))).toEqual(['p.t.before.tar']);
    await after();
    keeper.forget('t');
    expect(readdirSync(join(folder, 'state/cycles'))).toEqual([]);
  });
});

describe('a full disk', () => {
  test('ends an attempt as a matter of storage before it begins, and leaves nothing behind', async () => {
    const small = mounted('40m');
    if (small === undefined) return;
    const { before, facts } = tree(
      { a: 'x'.repeat(20_000_000) },
      { keep: join(small, 'cycles/p.t.before.tar') },
    );
    expect(await before()).toEqual({ storage: 'ENOSPC' });
    expect([facts, readdirSync(join(small, 'cycles'))]).toEqual([[], []]);
  });

  test('while it is put back: what could not be is named, and the tar that holds it stays', async () => {
    const small = mounted('1m');
    if (small === undefined) return;
    const keep = join(treeOf({}), 'p.t.before.tar');
    folders.push(dirname(keep));
    put(small, 'large', 'l'.repeat(600_000));
    put(small, 'tiny', 't');
    const one = keptTree(small, { keep });
    kept.push(one);
    await one.before();
    sh(small, 'rm large; echo x > tiny; head -c 2000000 /dev/zero > full 2> /dev/null || true');
    await one.after();
    // Somebody else needs the room that the task's own files gave back.
    rmSync(join(small, 'full'));
    sh(small, 'head -c 2000000 /dev/zero > theirs 2> /dev/null || true; truncate -s -8192 theirs');
    const { left = [], kept: name } = await one.undo();
    expect(left).toEqual([{ path: 'large', why: 'ENOSPC' }]);
    expect(readFileSync(join(small, 'tiny'), 'utf8')).toBe('t');
    expect(readdirSync(small).filter((each) => each.startsWith('.gate-run'))).toEqual([]);
    expect([name, existsSync(keep)]).toEqual(['p.t.before.tar', true]);
  });
});

/** A small disk of its own; undefined where nothing may be mounted. */
function mounted(size: string): string | undefined {
  const place = treeOf({});
  folders.push(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    expect(process.getuid?.()).not.toBe(0);
    return undefined;
  }
  mounts.push(place);
  return place;
}

test('a file with a hole and a large one come back whole', async () => {
  const { folder, before, after, undo } = tree({});
  put(folder, 'large', 'x'.repeat(3_000_001));
  sh(folder, 'truncate -s 5M hole; : > nothing');
  const was = pictureOf(folder, STATE);
  await before();
  sh(folder, 'rm large hole nothing');
  await after();
  await undo();
  expect(pictureOf(folder, STATE)).toEqual(was);
});
