// Properties of the key: whatever a task depends on changes it, the order in which that is told does not.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from '../../../../src/core/cache/differences.ts';
import { keyText, partsIn, CACHE_VERSION, type KeyParts } from '../../../../src/core/cache/key.ts';
import { listText } from '../../../../src/system/cache/list.ts';
import { fileRow } from '../../../../src/system/cache/rows.ts';

const RUNS = { numRuns: 300 };
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const map = fc.dictionary(text, text, { maxKeys: 5 });
const parts: fc.Arbitrary<KeyParts> = fc.record({
  version: fc.constant(CACHE_VERSION),
  platform: text,
  task: text,
  command: text,
  definition: text,
  env: map,
  versions: map,
  files: text,
});
const files = fc.uniqueArray(fc.record({ path: text, hash: text.map(sha), isExecutable: fc.boolean() }), {
  selector: ({ path }) => path,
  maxLength: 8,
});

type Files = readonly { readonly path: string; readonly hash: string; readonly isExecutable: boolean }[];

function sha(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function textOf(listed: Files): string {
  return listText(
    listed.map(({ path, hash, isExecutable }) => ({
      ...fileRow(path, path, false),
      hash,
      mode: isExecutable ? 0o755 : 0o644,
    })),
  );
}

function shuffled<T>(list: readonly T[], order: readonly number[]): readonly T[] {
  return list
    .map((one, at) => [order[at] ?? 0, one] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, one]) => one);
}

const order = fc.array(fc.integer(), { minLength: 8, maxLength: 8 });

describe('a key', () => {
  test('is the same for the same parts only', () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const isSame = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(keyText(one) === keyText(other)).toBe(isSame);
      }),
      RUNS,
    );
  });

  test('changes with any one of its parts', () => {
    const names: fc.Arbitrary<keyof KeyParts> = fc.constantFrom(
      'platform',
      'task',
      'command',
      'definition',
      'env',
      'versions',
      'files',
    );
    fc.assert(
      fc.property(parts, names, text, text, (one, name, key, value) => {
        const before = one[name];
        const other = {
          ...one,
          [name]: typeof before === 'object' ? { ...before, [key]: value } : `${before}${value}`,
        };
        const isSame =
          typeof before === 'object' ? before[key] === value && Object.hasOwn(before, key) : value === '';
        expect(keyText(one) === keyText(other)).toBe(isSame);
      }),
      RUNS,
    );
  });

  test('does not hang on the order in which variables and versions are told', () => {
    fc.assert(
      fc.property(parts, order, (one, by) => {
        const turned = (names: Readonly<Record<string, string>>) =>
          Object.fromEntries(shuffled(Object.entries(names), by));
        expect(keyText({ ...one, env: turned(one.env), versions: turned(one.versions) })).toBe(keyText(one));
      }),
      RUNS,
    );
  });

  test('can be read again, so that what changed can be named', () => {
    fc.assert(
      fc.property(parts, (one) => {
        expect(partsIn(keyText(one))).toEqual(one);
      }),
      RUNS,
    );
    for (const wrong of ['', '[]', '[0]', '{"a":1}', 'null']) expect(partsIn(wrong)).toBeUndefined();
  });
});

describe('the sum of all files', () => {
  test('changes with a path, a content, the right to execute, one file more and one less', () => {
    fc.assert(
      fc.property(files, files, (one, other) => {
        const linesOf = (listed: Files) =>
          listed.map(({ path, hash, isExecutable }) => JSON.stringify([path, hash, isExecutable])).toSorted();
        const isSame = JSON.stringify(linesOf(one)) === JSON.stringify(linesOf(other));
        expect(textOf(one) === textOf(other)).toBe(isSame);
      }),
      RUNS,
    );
  });

  test('does not hang on the order in which files are found', () => {
    fc.assert(
      fc.property(files, order, (one, by) => {
        expect(textOf(shuffled(one, by))).toBe(textOf(one));
      }),
      RUNS,
    );
  });
});

test('two keys that differ have a difference to name, and equal ones have none', () => {
  fc.assert(
    fc.property(parts, parts, files, files, (one, other, before, now) => {
      const sums = (listed: Files) => new Map(listed.map(({ path, hash }) => [path, hash]));
      const [old, young] = [
        { parts: { ...one, files: sha(textOf(before)) }, files: sums(before) },
        { parts: { ...other, task: one.task, files: sha(textOf(now)) }, files: sums(now) },
      ];
      const isSame = keyText(old.parts) === keyText(young.parts);
      const said = differences(old, young);
      // The right to execute stands in the sum of the file, which is left out here.
      if (isSame) expect(said).toEqual([]);
      else if (old.parts.files === young.parts.files) expect(said.length).toBeGreaterThan(0);
      expect(differences(old, old)).toEqual([]);
      expect(differences({ ...old, files: undefined }, young).length > 0).toBe(!isSame);
    }),
    RUNS,
  );
});

function sorted(one: KeyParts): unknown {
  const pairs = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { ...one, env: pairs(one.env), versions: pairs(one.versions) };
}
