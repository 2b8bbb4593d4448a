import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkLock } from '../../src/core/lock-file.ts';

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });
const messages = (text: string): readonly string[] => checkLock(text).problems.map(({ message }) => message);

describe('a lock file', () => {
  test('is complete when every named package has an entry where Node would look', () => {
    const text = lock({
      '': { dependencies: { a: '1' }, devDependencies: { b: '1' } },
      'node_modules/a': { dependencies: { c: '1', b: '1' } },
      'node_modules/a/node_modules/c': { optionalDependencies: { '@x/linux': '1' } },
      'node_modules/b': {},
      'node_modules/@x/linux': { optional: true, os: ['linux'] },
    });
    expect(checkLock(text)).toEqual({ packages: 5, problems: [] });
  });

  test('that lacks the package of one platform is found before `npm ci` fails there', () => {
    const text = lock({
      '': { devDependencies: { tool: '1' } },
      'node_modules/tool': { optionalDependencies: { '@tool/linux': '1', '@tool/win32': '1' } },
      'node_modules/@tool/linux': {},
    });
    expect(messages(text)).toEqual([
      '`node_modules/tool` names `@tool/win32` in optionalDependencies, but the lock file has no entry for it',
    ]);
  });

  test('finds no package below a neighbour', () => {
    const text = lock({
      '': { dependencies: { a: '1' } },
      'node_modules/a': { dependencies: { c: '1' } },
      'node_modules/b/node_modules/c': {},
    });
    expect(messages(text)).toHaveLength(1);
  });

  test('looks upward from a workspace', () => {
    const text = lock({ '': {}, 'packages/one': { dependencies: { a: '1' } }, 'node_modules/a': {} });
    expect(messages(text)).toEqual([]);
  });

  test.each([
    ['no JSON', '{', 'the lock file is no JSON'],
    ['of an old npm', '{ "lockfileVersion": 1 }', 'no `packages`'],
  ])('that is %s is a problem and not an empty success', (_, text, message) => {
    expect(messages(text).join()).toContain(message);
  });
});

describe('the lock file of this repository', () => {
  const text = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8');

  test('is complete for every platform', () => {
    expect(checkLock(text).problems).toEqual([]);
    expect(checkLock(text).packages).toBeGreaterThan(50);
  });

  test('without the entry of one platform is incomplete', () => {
    const gone = '"node_modules/@rolldown/binding-win32-x64-msvc"';
    expect(text).toContain(gone);
    expect(checkLock(text.replace(gone, '"node_modules/@rolldown/gone"')).problems).toHaveLength(1);
  });

  test('names no address of a registry, so that every registry can serve it', () => {
    expect(text).not.toMatch(/"resolved"\s*:\s*"https?:/);
  });
});
