// Whatever a task does to whatever tree: put back, it is byte for byte what it was, and nothing else was touched.

import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { keptTree, pictureOf, put, removeTree, treeOf } from './trees.ts';

const NAMES = [
  'a',
  'b',
  'c',
  'x/a',
  'x/b',
  'x/y/a',
  'x/y/b',
  'z/a',
  `long${'g'.repeat(120)}/n`,
  'odd\xff',
  'x',
];
const CONTENTS = ['', 'one\n', 'two\n', 'one\ntwo\n', '\x00\xff\n', 'z'.repeat(1500)];

const path = fc.constantFrom(...NAMES);
const deed = fc.oneof(
  fc.record({ do: fc.constant('write' as const), path, text: fc.constantFrom(...CONTENTS) }),
  fc.record({ do: fc.constant('same' as const), path }),
  fc.record({ do: fc.constant('remove' as const), path }),
  fc.record({ do: fc.constant('move' as const), path, to: path }),
  fc.record({ do: fc.constant('link' as const), path, to: fc.constantFrom('a', 'x', 'nowhere', '.') }),
  fc.record({ do: fc.constant('name' as const), path, to: path }),
  fc.record({
    do: fc.constant('mode' as const),
    path,
    mode: fc.constantFrom(0o644, 0o755, 0o600, 0o4711, 0o700),
  }),
  fc.record({ do: fc.constant('folder' as const), path }),
  fc.record({ do: fc.constant('touch' as const), path }),
);
type Deed = typeof deed extends fc.Arbitrary<infer D> ? D : never;

/** What cannot be done to this tree is not done. */
function act(folder: string, one: Deed): void {
  const at = Buffer.from(`${folder}/${one.path}`, 'latin1');
  const to = 'to' in one ? Buffer.from(`${folder}/${one.to}`, 'latin1') : at;
  const above = Buffer.from(dirname(`${folder}/${one.path}`), 'latin1');
  try {
    if (one.do !== 'remove' && one.do !== 'mode' && one.do !== 'touch') mkdirSync(above, { recursive: true });
    if (one.do === 'write') writeFileSync(at, Buffer.from(one.text, 'latin1'));
    if (one.do === 'same') renameSync(at, Buffer.concat([at, Buffer.from('~')]));
    if (one.do === 'remove') rmSync(at, { recursive: true });
    if (one.do === 'move') renameSync(at, to);
    if (one.do === 'link') symlinkSync(one.to, at);
    if (one.do === 'name') linkSync(at, to);
    if (one.do === 'folder') mkdirSync(at, { recursive: true });
    // Neither follows a link: it may lead anywhere.
    if (lstatSync(at).isSymbolicLink()) return;
    if (one.do === 'mode') chmodSync(at, one.mode);
    if (one.do === 'touch') utimesSync(at, 1000, 2000);
  } catch {
    // A name that is taken, or not there.
  }
}

let folders: string[] = [];
afterEach(() => {
  folders.forEach(removeTree);
  folders = [];
});

test('a random tree, changed at random, is put back byte for byte: bytes, modes, links, names and times', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { maxLength: 12 }),
      fc.array(deed, { minLength: 1, maxLength: 12 }),
      async (first, then) => {
        const folder = treeOf({});
        folders.push(folder);
        put(folder, 'state/', '');
        for (const one of first) act(folder, one);
        const before = pictureOf(folder, ['state']);
        const { keeper, before: look, after, undo } = keptTree(folder, { lines: 1_000_000 });
        expect(await look()).toBeUndefined();
        for (const one of then) act(folder, one);
        const changed = differences(before, pictureOf(folder, ['state']));
        const { files, changed: named = [], failed } = await after();
        expect(failed).toBeUndefined();
        // A file that was only touched is no change of it; every other difference that can be seen was told.
        const touched = changed.filter((one) => !named.some(({ path: name }) => name === shown(one)));
        expect(touched.filter((one) => !isOnlyTime(before[one], pictureOf(folder, ['state'])[one]))).toEqual(
          [],
        );
        const { files: back, left } = await undo();
        expect(left).toBeUndefined();
        expect(back).toBe(files);
        expect(withoutTimesOf(pictureOf(folder, ['state']), touched)).toEqual(
          withoutTimesOf(before, touched),
        );
        keeper.close();
        expect(pictureOf(`${folder}/state/cycles`)).toEqual({});
      },
    ),
    { numRuns: 150 },
  );
});

function differences(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (one) => before[one] !== after[one],
  );
}

function isOnlyTime(before: string | undefined, after: string | undefined): boolean {
  // A folder that came or went is told by what is in it.
  if (before === undefined || after === undefined) return (before ?? after ?? '').startsWith('folder');
  return withoutTime(before) === withoutTime(after);
}

function withoutTimesOf(
  picture: Readonly<Record<string, string>>,
  paths: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(picture).map(([one, text]) => [one, paths.includes(one) ? withoutTime(text) : text]),
  );
}

function withoutTime(text: string): string {
  return text.replace(/^(\S+ \S*) \S+/, '$1');
}

function shown(key: string): string {
  return Buffer.from(key, 'latin1').toString('utf8');
}
