// How a work tree stands: what counts as a move, with git and without.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../src/core/loop/event.ts';
import type { ReceiptsTold } from '../../src/core/receipts/event.ts';
import { realWorkTree } from '../../src/system/work-tree.ts';

const EXCEPT = ['!.gate-run', '!.gate-run/**', '!report.md', '!report.md/**'];

interface Desk {
  readonly write: (path: string, text: string) => void;
  readonly git: (...words: readonly string[]) => string;
  readonly look: (since?: string, limitMs?: number) => Promise<ReceiptsTold>;
  readonly folder: string;
}

function desk(hasGit: boolean): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-tree-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
      cwd: folder,
      encoding: 'utf8',
    });
  const made: Desk = {
    folder,
    git,
    write: (path, text) => writeFileSync(join(folder, path), text),
    look: (since, limitMs = 20_000) =>
      new Promise((resolve, reject) => {
        const put = (event: Event) =>
          event.type === 'receipts.told' ? resolve(event) : reject(new Error(event.type));
        realWorkTree({ folder, except: EXCEPT, inbox: { put }, limitMs }).look(since);
      }),
  };
  mkdirSync(join(folder, 'src'));
  made.write('src/a b.ts', 'one\n');
  made.write('README', 'hello\n');
  if (hasGit) {
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'first');
  }
  return made;
}

describe.each([true, false])('with git: %s', (hasGit) => {
  test('[A17] another byte, a new file, a removed one and a link move the tree; times and what gate-run writes do not', async () => {
    const { folder, write, look } = desk(hasGit);
    const seen: (string | undefined)[] = [(await look()).tree];
    const moves = async () => {
      const { tree, failed } = await look();
      expect(failed).toBeUndefined();
      const isNew = !seen.includes(tree);
      seen.push(tree);
      return isNew;
    };
    write('src/a b.ts', 'two\n');
    expect(await moves()).toBe(true);
    utimesSync(join(folder, 'src/a b.ts'), 5, 5);
    expect(await moves()).toBe(false);
    write('src/a b.ts', 'six\n');
    expect(await moves(), 'changed again').toBe(true);
    write('src/new', '');
    expect(await moves()).toBe(true);
    symlinkSync('new', join(folder, 'src/link'));
    expect(await moves()).toBe(true);
    rmSync(join(folder, 'README'));
    expect(await moves()).toBe(true);
    mkdirSync(join(folder, '.gate-run'));
    write('.gate-run/history.jsonl', '{}\n');
    write('report.md', 'x\n');
    expect(await moves()).toBe(false);
  });
});

test('[A17] commits are counted, and one that changes nothing is a commit all the same', async () => {
  const { write, git, look } = desk(true);
  const { head, tree, commits } = await look();
  expect([head, commits]).toEqual([git('rev-parse', 'HEAD').trim(), undefined]);
  git('commit', '-qm', 'nothing', '--allow-empty');
  expect(await look(head)).toMatchObject({ tree, commits: 1 });
  write('README', 'other\n');
  git('mv', 'src/a b.ts', 'src/c d.ts');
  const renamed = await look(head);
  git('commit', '-qam', 'more');
  const after = await look(head);
  expect(after.commits).toBe(2);
  expect(new Set([tree, renamed.tree, after.tree]).size).toBe(3);
  expect(
    (await look('0123456789012345678901234567890123456789')).commits,
    'a commit that is gone',
  ).toBeUndefined();
});

test('a repository without a commit has a tree and no commit to stand on', async () => {
  const { git, look } = desk(false);
  git('init', '-q');
  const told = await look();
  expect(told.head).toBeUndefined();
  expect(told.tree).toMatch(/^[0-9a-f]{64}$/);
});

test('[A17] work inside a submodule moves the tree each time, and standing still in it does not', async () => {
  const inner = desk(true);
  const { folder, git, look } = desk(true);
  git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.folder, 'part');
  git('commit', '-qm', 'with a part');
  const clean = await look();
  writeFileSync(join(folder, 'part/README'), 'two\n');
  const changed = await look();
  writeFileSync(join(folder, 'part/README'), 'six\n');
  const again = await look();
  writeFileSync(join(folder, 'part/new'), 'new\n');
  const untracked = await look();
  expect(new Set([clean, changed, again, untracked].map(({ tree }) => tree)).size).toBe(4);
  expect((await look()).tree).toBe(untracked.tree);
});

test('[A17] a FIFO and a socket stand nowhere in the way', async () => {
  const { folder, look } = desk(false);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  const before = await look();
  expect(before.tree).toMatch(/^[0-9a-f]{64}$/);
  expect((await look()).tree).toBe(before.tree);
});

test('[A17] what git puts in its index and takes out again is no work, a right to execute is', async () => {
  const { folder, write, git, look } = desk(true);
  write('README', 'two\n');
  const changed = await look();
  git('add', 'README');
  expect((await look()).tree, 'staged').toBe(changed.tree);
  git('reset', '-q');
  expect((await look()).tree).toBe(changed.tree);
  chmodSync(join(folder, 'README'), 0o755);
  expect((await look()).tree).not.toBe(changed.tree);
});

test('[A17] git that cannot be asked, or does not answer, leaves nobody waiting', async () => {
  const { folder, write, look } = desk(true);
  const path = process.env['PATH'];
  onTestFinished(() => void (process.env['PATH'] = path));
  const bin = join(folder, '.gate-run/bin');
  mkdirSync(bin, { recursive: true });
  process.env['PATH'] = bin;
  const plain = await look();
  expect([plain.tree?.length, plain.head, plain.failed]).toEqual([64, undefined, undefined]);
  write('README', 'two\n');
  expect((await look()).tree).not.toBe(plain.tree);
  write('.gate-run/bin/git', `#!/bin/sh\nexec ${process.execPath} -e 'setTimeout(() => {}, 1e6)'\n`);
  chmodSync(join(bin, 'git'), 0o755);
  expect((await look(undefined, 500)).failed).toContain('git: ');
});
