import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  mkdirSync,
  readFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { files } from '../../../src/cli/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-kept-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', 'logo.svg'), '<svg/>\n');
  writeFileSync(join(folder, 'assets', 'odd\nna\\me'), new Uint8Array(3_000_000).fill(7));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  let [out, error] = ['', ''];
  const write = (text: string) => void (out += text);
  const writeError = (text: string) => void (error += text);
  const exit = await files({ folder, args, json: false, color: false, write, writeError, env: {} });
  return { exit, out, error };
}

describe('gate-run files manifest-build and manifest-verify', () => {
  test('sha256sum reads what is built, and verify reads what sha256sum wrote', async () => {
    expect(await run('manifest-build', 'm.sha256', 'assets/**')).toMatchObject({
      exit: 0,
      out: '2 listed in m.sha256\n',
    });
    const check = spawnSync('sha256sum', ['--check', '--strict', 'm.sha256'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (check.error) console.log('sha256sum is missing, so nobody else has read the manifest');
    else expect(check.status, check.stderr).toBe(0);
    expect(await run('manifest-verify', 'm.sha256', 'assets/**')).toMatchObject({
      exit: 0,
      out: '2 of 2 as listed\n',
    });
    const made = spawnSync('sha256sum', ['assets/logo.svg'], { cwd: folder, encoding: 'utf8' });
    if (made.error) return;
    writeFileSync(join(folder, 'theirs'), made.stdout);
    expect(await run('manifest-verify', 'theirs', 'assets/*.svg')).toMatchObject({ exit: 0 });
  });

  test('a manifest is no asset of its own, and an old one gives way whole', async () => {
    writeFileSync(join(folder, 'assets', 'm.sha256'), 'old');
    expect(await run('manifest-build', 'assets/m.sha256', 'assets/**')).toMatchObject({ exit: 0 });
    expect(readFileSync(join(folder, 'assets', 'm.sha256'), 'utf8')).not.toContain('m.sha256');
    expect(await run('manifest-verify', 'assets/m.sha256', 'assets/**')).toMatchObject({ exit: 0 });
  });

  test('a folder without files, a file that cannot be read and a place that takes none write no manifest', async () => {
    expect(await run('manifest-build', 'm', 'assets/**', 'fonts/**')).toMatchObject({
      exit: 1,
      out: 'empty: fonts/**\n',
    });
    expect(await run('manifest-build', 'm', 'fonts/**')).toMatchObject({ exit: 3 });
    expect(await run('manifest-build', 'm')).toMatchObject({ exit: 2 });
    expect(await run('manifest-build', 'no/such/m', 'assets/**')).toMatchObject({ exit: 3 });
    symlinkSync('/proc/self/mem', join(folder, 'assets', 'unread'));
    expect((await run('manifest-build', 'm', 'assets/**')).exit).toBe(3);
    expect(existsSync(join(folder, 'm'))).toBe(false);
  });

  test('what is no manifest is broken and names the line', async () => {
    writeFileSync(join(folder, 'm'), `${'a'.repeat(64)}  x\n\nwhat\n`);
    expect(await run('manifest-verify', 'm', 'assets/**')).toMatchObject({
      exit: 3,
      error: expect.stringContaining('line 2'),
    });
    writeFileSync(join(folder, 'm'), '');
    expect(await run('manifest-verify', 'm', 'assets/**')).toMatchObject({ exit: 3 });
    expect(await run('manifest-verify', 'gone', 'assets/**')).toMatchObject({ exit: 3 });
  });
});

test('gate-run files room says what is free, and nothing where there is no such folder', async () => {
  expect(await run('room', '.')).toMatchObject({
    exit: 0,
    out: expect.stringMatching(/^free: \d+\.\d\d GiB of \d+\.\d\d GiB\n$/),
  });
  expect(await run('room', 'gone')).toMatchObject({ exit: 3, out: '' });
});

test('gate-run files questions counts what is open over all files, and finds none in no file', async () => {
  const text = 'Question for us 2026:\nWhile performing [1:a], encountered the following error:\n[no]\n';
  writeFileSync(join(folder, 'a.md'), text);
  writeFileSync(join(folder, 'b.md'), `${text}${text}`);
  const { exit, out } = await run('questions', '*.md');
  expect(exit).toBe(0);
  expect(out.split('\n').slice(-3)).toEqual(['open: b.md:4 [1:a] no', '3 open, 0 closed', '']);
  expect(await run('questions', '*.txt')).toMatchObject({ exit: 3 });
});

test('another word is refused with all that are known', async () => {
  expect(await run('manifest')).toMatchObject({ exit: 2, error: expect.stringContaining('manifest-verify') });
});
