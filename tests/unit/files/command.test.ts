import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { files } from '../../../src/cli/files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-run-files-'));
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, 'node_modules', 'a'), { recursive: true });
  writeFileSync(join(folder, 'src', 'a.ts'), '');
  writeFileSync(join(folder, 'src', 'a.ts.orig'), '');
  writeFileSync(join(folder, 'node_modules', 'a', 'b.bak'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let [out, error] = ['', ''];
  const exit = await files({
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
    env,
  });
  return { exit, out, error };
}

function cycleStarted(at: Date): Record<string, string> {
  const cycle = join(folder, 'cycle');
  mkdirSync(cycle);
  const line = { v: 1, seq: 2, type: 'attempt.started', at: at.toISOString(), run: 'r', task: 'a' };
  writeFileSync(join(cycle, 'events.jsonl'), `${JSON.stringify(line)}\n`);
  return { GATE_CYCLE_DIR: cycle };
}

describe('gate-run files', () => {
  test('finds paths, folders, globs and absolute paths', async () => {
    const paths = ['src', 'src/a.ts', '**/*.ts', join(folder, 'src/a.ts'), join(folder, 'src/*.ts')];
    expect(await run(['exist', 'any', ...paths])).toMatchObject({ exit: 0, error: '' });
  });

  test('names what is missing and fails', async () => {
    expect(await run(['exist', 'any', 'src/a.ts', 'gone.md', '*.gz'])).toEqual({
      exit: 1,
      out: 'there: src/a.ts\nmissing: gone.md\nmissing: *.gz\n',
      error: '',
    });
  });

  test('finds what must not be there, but nothing in node_modules that no glob names', async () => {
    expect(await run(['absent', '**/*.orig', '**/*.bak'])).toEqual({
      exit: 1,
      out: 'present: src/a.ts.orig (**/*.orig)\nabsent: **/*.bak\n1 present\n',
      error: '',
    });
    expect((await run(['absent', 'node_modules/**/*.bak'])).exit).toBe(1);
  });

  test('does not take a link to nothing for a file', async () => {
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    expect((await run(['exist', 'any', 'link'])).exit).toBe(1);
  });

  test('[B20] asks whether a file is newer than the cycle, whose first event tells when it began', async () => {
    const env = cycleStarted(new Date(Date.now() - 60_000));
    expect((await run(['exist', 'cycle', 'src/*.ts'], env)).exit).toBe(0);
    const before = new Date(Date.now() - 3_600_000);
    utimesSync(join(folder, 'src', 'a.ts'), before, before);
    const stale = await run(['exist', 'cycle', 'src/*.ts'], env);
    expect(stale.exit).toBe(1);
    expect(stale.out).toMatch(/^stale: src\/a\.ts \(src\/\*\.ts\), last changed 3\d{3}\.\d s too early\n$/);
  });

  test.each([
    ['without a cycle', {}],
    ['in a cycle without events', { GATE_CYCLE_DIR: '/nowhere' }],
  ])('cannot tell %s whether a file is newer than it', async (_, env) => {
    expect(await run(['exist', 'cycle', 'src/*.ts'], env)).toMatchObject({ exit: 3, out: '' });
  });

  test('takes an instant too', async () => {
    expect((await run(['exist', '2020-01-01T00:00:00Z', 'src/a.ts'])).exit).toBe(0);
    expect((await run(['exist', '2120-01-01T00:00:00Z', 'src/a.ts'])).exit).toBe(1);
  });

  test.each([[['exist', 'yesterday', 'a']], [['exist', 'any']], [['absent']], [['count', 'a']], [[]]])(
    'refuses the words %j, since a question about nothing has no answer',
    async (args) => {
      const { exit, error } = await run(args);
      expect(exit).toBe(2);
      expect(error).toMatch(/^files: /);
    },
  );
});
