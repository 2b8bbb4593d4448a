import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../../src/cli/init.ts';
import type { CommandRequest } from '../../../src/cli/request.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
} {
  let [out, error] = ['', ''];
  const request: CommandRequest = {
    folder,
    args,
    json: false,
    color: false,
    write: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
    env: {},
  };
  return { exit: init(request), out, error };
}

describe('gate-run init', () => {
  test('writes a config from what it finds on the disk and says what it took', () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { lint: 'eslint .' } }));
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'tests', 'test_parser.py'), '');
    const { exit, out } = run();
    expect(exit).toBe(0);
    expect(out).toContain(`wrote ${join(folder, 'loop.config.yaml')}`);
    expect(out).toContain('lint: run: npm run -s lint (from package.json)');
    expect(out).toContain('pytest: uses: pytest (from tests/test_parser.py)');
    expect(readFileSync(join(folder, 'loop.config.yaml'), 'utf8')).toContain('lint: { run: npm run -s lint');
    expect(readdirSync(folder)).toEqual(['loop.config.yaml', 'package.json', 'tests']);
  });

  test.each(['loop.config.yaml', 'loop.config.json', 'loop.config.ts'])('never writes beside %s', (name) => {
    writeFileSync(join(folder, name), 'mine');
    const { exit, error } = run();
    expect(exit).toBe(2);
    expect(error).toContain(`${name} is there already`);
    expect(error).toContain('--print');
    expect(readdirSync(folder)).toEqual([name]);
    expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
  });

  test('prints and writes nothing with --print, even beside a config', () => {
    writeFileSync(join(folder, 'loop.config.yaml'), 'mine');
    const { exit, out } = run('--print');
    expect(exit).toBe(0);
    expect(out).toContain('version: 1');
    expect(readFileSync(join(folder, 'loop.config.yaml'), 'utf8')).toBe('mine');
  });

  test('refuses an argument it does not know', () => {
    expect(run('--force')).toMatchObject({ exit: 2, error: expect.stringContaining('`--force`') });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says that a folder cannot be written to', () => {
    rmSync(folder, { recursive: true });
    expect(run()).toMatchObject({ exit: 2, error: expect.stringContaining('could not be written: ENOENT') });
    mkdirSync(folder);
  });
});
