import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockChecked } from '../../../src/cli/lock-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const asked = (...args: readonly string[]) => lockChecked({ folder, args });
const writeLock = (name: string, packages: object): void =>
  writeFileSync(join(folder, name), JSON.stringify({ lockfileVersion: 3, packages }));
const GAP = { '': { dependencies: { a: '1' } } };

describe('gate-run check --lock', () => {
  test('looks at no lock file when nobody asks', () => {
    writeLock('package-lock.json', GAP);
    expect(asked()).toEqual({ problems: [], note: '' });
    expect(asked('--lock=none')).toEqual({ problems: [], note: '' });
  });

  test.each([['--lock=auto'], ['--lock', 'auto'], ['--lock', 'package-lock.json']])(
    'finds the gap with %s %s',
    (...args) => {
      writeLock('package-lock.json', GAP);
      expect(asked(...args).problems).toMatchObject([{ file: 'package-lock.json' }]);
    },
  );

  test('says how many entries it looked at', () => {
    writeLock('other.json', { ...GAP, 'node_modules/a': {} });
    expect(asked('--lock=other.json')).toEqual({ problems: [], note: 'other.json is whole: 2 entries\n' });
  });

  test('is content with a folder that has none only where it was to look by itself', () => {
    expect(asked('--lock=auto')).toEqual({ problems: [], note: 'package-lock.json: there is none\n' });
    expect(asked('--lock=gone.json').problems).toEqual([
      { file: 'gone.json', message: 'the lock file is not there' },
    ]);
  });

  test.each([
    [['--lok']],
    [['--lock']],
    [['--lock=']],
    [['--lock', 'auto', 'more']],
    [['--lock=auto', '--json5']],
  ])('refuses %j', (args) => {
    expect(asked(...args).problems).toHaveLength(1);
  });
});
