// How a work tree stands: what counts as a move, with git and without.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
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
  readonly look: (since?: string) => Promise<ReceiptsTold>;
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
    look: (since) =>
      new Promise((resolve, reject) => {
        const put = (event: Event) =>
          event.type === 'receipts.told' ? resolve(event) : reject(new Error(event.type));
        realWorkTree({ folder, except: EXCEPT, inbox: { put } }).look(since);
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
