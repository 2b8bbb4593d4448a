import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { init } from '../../../src/cli/init.ts';
import type { CommandRequest } from '../../../src/cli/request.ts';

let folder = '';
/** What is removed in the end, where a test goes into a folder below. */
let outer = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-init-'));
  outer = folder;
});
afterEach(() => rmSync(outer, { recursive: true }));

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly error: string;
}

async function run(...args: readonly string[]): Promise<Ended> {
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
  const exit = await init(request);
  return { exit, out, error };
}

describe('gate-run init', () => {
  test('writes a config from what it finds on the disk and says what it took', async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { lint: 'eslint .' } }));
    mkdirSync(join(folder, 'tests'));
    writeFileSync(join(folder, 'tests', 'test_parser.py'), '');
    const { exit, out } = await run();
    expect(exit).toBe(0);
    expect(out).toContain(`wrote ${join(folder, 'loop.config.yaml')}`);
    expect(out).toContain('lint: npm run -s lint (from package.json)');
    expect(out).toContain('pytest: the gate pytest that ships (from tests/test_parser.py)');
    expect(readFileSync(join(folder, 'loop.config.yaml'), 'utf8')).toContain('lint: { run: npm run -s lint');
    expect(readdirSync(folder)).toEqual(['loop.config.yaml', 'package.json', 'tests']);
  });

  test.each(['loop.config.yaml', 'loop.config.json', 'loop.config.ts', '.looprc.yaml'])(
    'never writes beside %s',
    async (name) => {
      writeFileSync(join(folder, name), 'mine');
      const { exit, error } = await run();
      expect(exit).toBe(2);
      expect(error).toContain(`${name} is there already`);
      expect(error).toContain('--print');
      expect(readdirSync(folder)).toEqual([name]);
      expect(readFileSync(join(folder, name), 'utf8')).toBe('mine');
    },
  );

  test('never writes beside a config inside package.json', async () => {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ loop: { version: 1 } }));
    expect(await run()).toMatchObject({
      exit: 2,
      error: expect.stringContaining('package.json is there already'),
    });
    expect(readdirSync(folder)).toEqual(['package.json']);
  });

  test('writes into a folder below one that has a config', async () => {
    writeFileSync(join(folder, 'loop.config.yaml'), 'version: 1');
    const below = join(folder, 'below');
    mkdirSync(below);
    [folder, outer] = [below, folder];
    expect((await run()).exit).toBe(0);
    expect(readdirSync(below)).toEqual(['loop.config.yaml']);
  });

  test('prints and writes nothing with --print, even beside a config', async () => {
    writeFileSync(join(folder, 'loop.config.yaml'), 'mine');
    const { exit, out } = await run('--print');
    expect(exit).toBe(0);
    expect(out).toContain('version: 1');
    expect(readFileSync(join(folder, 'loop.config.yaml'), 'utf8')).toBe('mine');
  });

  test('refuses an argument it does not know', async () => {
    expect(await run('--force')).toMatchObject({ exit: 2, error: expect.stringContaining('`--force`') });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('says that a folder cannot be written to', async () => {
    rmSync(folder, { recursive: true });
    expect(await run()).toMatchObject({
      exit: 2,
      error: expect.stringContaining('could not be written: ENOENT'),
    });
    mkdirSync(folder);
  });
});
