import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlobs, fixedFolder, isGlob, matches, unfold } from '../../src/core/glob.ts';

describe('matching', () => {
  test.each([
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/deep/a.ts', false],
    ['src/**/*.ts', 'src/a.ts', true],
    ['src/**/*.ts', 'src/x/y/a.ts', true],
    ['**/*.ts', 'a.ts', true],
    ['**', 'any/thing', true],
    ['src/**', 'src/x/y', true],
    ['src/**', 'src', false],
    ['src/', 'src/x/y', true],
    ['./src/*.ts', 'src/a.ts', true],
    ['a?c', 'abc', true],
    ['a?c', 'a/c', false],
    ['*.{ts,js}', 'a.js', true],
    ['{a,b/{c,d}}/x', 'b/d/x', true],
    ['file.ts', 'fileXts', false],
    ['a+(b)[c]', 'a+(b)[c]', true],
    ['{a', '{a', true],
    ['*', '.hidden', true],
    ['**/x/**/y', 'x/y', true],
    ['**/x/**/y', 'a/x/b/c/y', true],
  ])('%s and %s: %s', (glob, path, holds) => {
    expect(matches(glob, path)).toBe(holds);
  });

  test('what begins with an exclamation mark is taken out again', () => {
    const test = compileGlobs(['src/**', '!src/**/*.test.ts']);
    expect([test('src/a.ts'), test('src/x/a.test.ts')]).toEqual([true, false]);
  });

  test('no globs match nothing', () => {
    expect(compileGlobs([])('a')).toBe(false);
  });

  test('a path without glob characters matches itself and no other', () => {
    const path = fc.stringMatching(/^[a-z.+()[\]^$|\\]{1,8}(?:\/[a-z.+()[\]^$|\\]{1,8}){0,3}$/);
    fc.assert(
      fc.property(path, path, (one, other) => {
        fc.pre(!one.startsWith('./') && !other.startsWith('./'));
        expect(matches(one, other)).toBe(one === other);
      }),
    );
  });
});

describe('taking apart', () => {
  test('the fixed folder is what stands above the first part with a glob character', () => {
    expect(['src/core/*.ts', 'src/{a,b}/c', '**/x', 'a/b/c.ts', 'x'].map(fixedFolder)).toEqual([
      'src/core',
      'src',
      '',
      'a/b',
      '',
    ]);
  });

  test('plain paths are no globs', () => {
    expect(['a/b.ts', 'a*', 'a?', '{a,b}', '!a'].map(isGlob)).toEqual([false, true, true, true, true]);
  });

  test('a glob that would unfold without measure stays as it is', () => {
    const bomb = '{a,b}'.repeat(20);
    expect(unfold(bomb)).toEqual([bomb]);
    expect(unfold('{a,b}{c,d}').toSorted()).toEqual(['ac', 'ad', 'bc', 'bd']);
  });
});
