// `--since REF`: what changed since a commit, and what is said where git cannot tell.

import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, screen, shell, type Folder } from './rig.ts';

function twoGates(): Folder {
  return folderWith({
    ...loop(
      'code: { run: touch code-ran, when: { changed: ["*.c"] } }\ntext: { run: touch text-ran, when: { changed: ["*.md"] } }',
    ),
    'a.c': 'one',
    'a.md': 'one',
  });
}

const COMMIT = 'git -c user.name=a -c user.email=a@b.c commit -q -m';

async function committed(): Promise<Folder> {
  const folder = twoGates();
  const line = `git init -q && git add . && ${COMMIT} one && git tag first && echo two > a.c && ${COMMIT} two -a`;
  expect(await shell(folder, line)).toMatchObject({ code: 0 });
  return folder;
}

test('only what changed since the commit runs', async () => {
  const folder = await committed();
  expect(await gateRun(folder, ['--since', 'first'])).toMatchObject({ code: 0 });
  expect(folder.list()).toContain('code-ran');
  expect(folder.list()).not.toContain('text-ran');
});

test('a commit that git does not know is a problem before anything starts', async () => {
  const folder = await committed();
  const before = folder.list();
  for (const args of [[], ['plan'], ['check'], ['code']]) {
    const ran = await gateRun(folder, [...args, '--since', 'origin/mian']);
    expect(ran.code, args.join(' ')).toBe(2);
    expect(screen(folder, ran.stderr)).toMatchInlineSnapshot(`
      "
      --since  git knows no commit \`origin/mian\`
        name a commit, branch or tag of this repository; a shallow clone has to fetch it first
      "
    `);
  }
  expect(await gateRun(folder, ['--since', '--no-index'])).toMatchObject({ code: 2 });
  expect(folder.list()).toEqual(before);
});

test('outside git nothing can be compared, and that is said too', async () => {
  const folder = twoGates();
  const ran = await gateRun(folder, ['--since', 'first']);
  expect(ran.code).toBe(2);
  expect(screen(folder, ran.stderr)).toMatchInlineSnapshot(`
    "
    --since  git cannot compare here: fatal: not a git repository (or any of the parent directories): .git
      run without \`--since\`, or where git can answer
    "
  `);
  const without = await gateRun(folder, ['--since', 'first'], { env: { PATH: '/nowhere' } });
  expect(without.code).toBe(2);
  expect(screen(folder, without.stderr)).toMatch(/^\n--since {2}git cannot compare here: .*ENOENT/);
  expect(folder.list()).not.toContain('code-ran');
});
