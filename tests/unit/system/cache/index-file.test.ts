// The index against the disk: whatever was done to the files, a list told by it is the list that is told without it.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { realEyes } from '../../../../src/system/cache/eyes.ts';
import { emptyIndex, encodeIndex, readIndex, type Index } from '../../../../src/system/cache/index-file.ts';
import { finish } from '../../../../src/system/cache/lane.ts';
import { Pass } from '../../../../src/system/cache/pass.ts';

const LISTS = [['src/**'], ['src/*', 'more'], ['src/**', '!src/b/**'], ['src/a', 'src/b/**/*.x']];
/** Nothing is young an hour later, so that every look is believed that may be. */
const EYES = { ...realEyes(), now: () => Date.now() + 3_600_000 };

const PATHS = [
  'src/a',
  'src/b/one.x',
  'src/b/two',
  'src/b/c/three.x',
  'src/d/e/four',
  'more/five',
  'more/deep/six',
];

/** How many files were read, so that a test knows whether the index was believed at all. */
function counting(): { readonly eyes: typeof EYES; readonly read: () => number } {
  let count = 0;
  const read: typeof EYES.read = function* (path) {
    count += 1;
    return yield* EYES.read(path);
  };
  return { eyes: { ...EYES, read }, read: () => count };
}

function told(folder: string, index: Index, eyes: typeof EYES = EYES): readonly string[] {
  const pass = new Pass(index, { folder, own: [join(folder, 'index')] }, eyes);
  return LISTS.map((globs) => {
    const list = finish(pass.list(globs));
    return 'unfit' in list
      ? list.unfit
      : `${list.digest} ${list.rows
          .map(({ path }) => path)
          .toSorted()
          .join(' ')}`;
  });
}

type Edit = (folder: string, path: string, other: string, nth: number) => void;

const EDITS: Readonly<Record<string, Edit>> = {
  write: (folder, path, _other, nth) => put(folder, path, `${nth % 3}`),
  remove: (folder, path) => rmSync(join(folder, path), { force: true, recursive: true }),
  rename: (folder, path, other) => {
    if (!existsSync(join(folder, path)) || existsSync(join(folder, other))) return;
    mkdirSync(join(folder, other, '..'), { recursive: true });
    renameSync(join(folder, path), join(folder, other));
  },
  'an empty folder': (folder, path) => mkdirSync(join(folder, path, '..', 'empty'), { recursive: true }),
  'a file in it': (folder, path) => put(folder, join(path, '..', 'empty', 'seven.x'), '7'),
  'remove a folder': (folder, path) => rmSync(join(folder, path, '..'), { force: true, recursive: true }),
  touch: (folder, path) => {
    if (existsSync(join(folder, path))) utimesSync(join(folder, path), 1e9, 1e9);
  },
  rights: (folder, path, _other, nth) => {
    if (existsSync(join(folder, path))) chmodSync(join(folder, path), nth % 2 === 0 ? 0o644 : 0o755);
  },
  link: (folder, path, other) => {
    if (path === other) return;
    rmSync(join(folder, path), { force: true, recursive: true });
    mkdirSync(join(folder, path, '..'), { recursive: true });
    symlinkSync(join(folder, other), join(folder, path));
  },
};

/** Through a link that leads nowhere nothing can be written, and below a file nothing either. */
function tried(edit: () => void): void {
  try {
    edit();
  } catch {
    // The disk is then as it was.
  }
}

function put(folder: string, path: string, content: string): void {
  const whole = join(folder, path);
  mkdirSync(join(whole, '..'), { recursive: true });
  writeFileSync(whole, content);
}

const path = fc.constantFrom(...PATHS);
const edits = fc.array(fc.tuple(fc.constantFrom(...Object.keys(EDITS)), path, path, fc.nat(9)), {
  minLength: 1,
  maxLength: 4,
});

function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gate-run-index-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [nth, one] of PATHS.entries()) put(folder, one, String(nth));
  return folder;
}

test('a list told by an index, written and read again, is the one that is told without it', () => {
  fc.assert(
    fc.property(fc.array(edits, { minLength: 1, maxLength: 6 }), (rounds) => {
      const folder = home();
      const file = join(folder, 'index');
      for (const round of [[], ...rounds]) {
        for (const [what, one, other, nth] of round) tried(() => EDITS[what]?.(folder, one, other, nth));
        const index = readIndex(file);
        expect(told(folder, index)).toEqual(told(folder, emptyIndex()));
        // A second pass of the same start sees what the first one saw.
        expect(told(folder, index)).toEqual(told(folder, emptyIndex()));
        writeFileSync(file, encodeIndex(index));
      }
    }),
    { numRuns: 60 },
  );
});

test('where nothing changed nothing is read, and no file becomes a row', () => {
  const folder = home();
  const file = join(folder, 'index');
  const first = emptyIndex();
  told(folder, first);
  writeFileSync(file, encodeIndex(first));
  const { eyes, read } = counting();
  const index = readIndex(file);
  const pass = new Pass(index, { folder, own: [file] }, eyes);
  for (const globs of LISTS) expect('unfit' in finish(pass.list(globs))).toBe(false);
  expect([read(), index.isChanged]).toEqual([0, false]);
  // Another one of the same bytes is only another object.
  expect(encodeIndex(index).equals(readFileSync(file))).toBe(true);
});
