// Starts from odd places: no folder, no home, no reader, a config that is no file, gate-run inside gate-run.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith, gateRun, loop, runScreen, screen, shell, type Folder } from './rig.ts';

async function refused(folder: Folder): Promise<string> {
  const { code, stdout, stderr } = await gateRun(folder);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return screen(folder, stderr);
}

test('a config that is a folder, a pipe or a link to nothing is none, and nobody waits for it', async () => {
  const folder = folderWith();
  mkdirSync(`${folder.path}/loop.config.yaml`);
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml  this is no file
      name a config file
    "
  `);
  rmdirSync(`${folder.path}/loop.config.yaml`);
  execFileSync('mkfifo', [`${folder.path}/loop.config.yaml`]);
  expect(await refused(folder)).toMatchInlineSnapshot(`
    "
    loop.config.yaml  this is no file
      name a config file
    "
  `);
  const other = folderWith();
  symlinkSync('nowhere', `${other.path}/loop.config.yaml`);
  expect(await refused(other)).toMatchInlineSnapshot(`
    "
    loop.config.yaml  it could not be read: ENOENT
      check that it is there and readable
    "
  `);
});

test('a folder that is gone is named, and is no bug', async () => {
  const folder = folderWith();
  const { code, stderr } = await shell(folder, 'mkdir gone; cd gone; rmdir ../gone; "$GATE"');
  expect(code).toBe(2);
  expect(stderr).toMatchInlineSnapshot(`
    "the folder that gate-run was started in is gone
      go to one that is there, and start again
    "
  `);
});

test('a home that is not there, or none, costs nothing but the cache', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  for (const env of [
    { HOME: '/nonexistent', XDG_CACHE_HOME: '' },
    { HOME: '', XDG_CACHE_HOME: '' },
    { XDG_CACHE_HOME: '/dev/null' },
  ]) {
    const { code, stderr } = await gateRun(folder, [], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
});

test('a reader that goes away, outputs that are closed and a full one change no verdict', async () => {
  const folder = folderWith(loop(`a: { run: 'seq 1 2000; exit 1' }`));
  for (const start of ['"$GATE" -v | true', '"$GATE" -v >&- 2>&-', '"$GATE" -v >/dev/full 2>&1']) {
    const { code, stderr } = await shell(folder, `set -o pipefail; ${start}`);
    expect({ start, code, stderr }).toEqual({ start, code: 1, stderr: '' });
  }
  const { stdout } = await gateRun(folder, ['history', '--json']);
  expect(JSON.parse(stdout)).toMatchObject([
    { verdict: 'failed' },
    { verdict: 'failed' },
    { verdict: 'failed' },
  ]);
});

test('an answer that finds no room says so with 8, the shortest ones too', async () => {
  const folder = folderWith(loop('a: { run: echo 1 }'));
  for (const words of ['--version', '--help', '-h', 'history --help', 'status']) {
    const { code, stderr } = await shell(folder, `"$GATE" ${words} >/dev/full`);
    expect({ words, code }).toEqual({ words, code: 8 });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('could not be written to stdout (ENOSPC)');
  }
});

test('gate-run inside a gate of the same state ends with 7, and the outer one tells it', async () => {
  const folder = folderWith(loop(`inner: { run: '"$GATE"', env: { pass: [PATH, HOME, GATE] } }`));
  const { code, stdout } = await shell(folder, '"$GATE"');
  expect(code).toBe(1);
  expect(stdout).toContain('│ gate-run: another run holds this state directory: process ');
  expect(runScreen(folder, stdout)).toMatch(/\n✗ inner {2}exit 7.*\n$/);
});

test('gate-run inside a gate with a state of its own is a run like any other', async () => {
  const folder = folderWith({
    ...loop(`inner: { run: '"$GATE" -C inside' }`),
    'inside/loop.config.yaml': `version: 1\nname: inside\nphases: { p: { gates: { a: { run: 'test "$GATE_TASK" = a' } } } }\n`,
  });
  const { code } = await shell(folder, '"$GATE"');
  expect(code).toBe(0);
  expect(folder.has('inside/.gate-run/history.jsonl')).toBe(true);
});

test('a bug is called one, with 70, and the ledger stays whole', async () => {
  const folder = folderWith({
    ...loop('a: { run: "true" }'),
    'bug.cjs': `require('node:os').availableParallelism = () => { throw new Error('planted'); };\n`,
  });
  expect((await gateRun(folder)).code).toBe(0);
  const { code, stderr } = await gateRun(folder, [], {
    env: { NODE_OPTIONS: `--require ${folder.path}/bug.cjs` },
  });
  expect(code).toBe(70);
  expect(stderr).toMatch(/^gate-run: this is a bug in gate-run, please report it\. .*\nError: planted\n/);
  expect((await gateRun(folder)).code).toBe(0);
});

test('the state folder that nobody chose keeps itself out of git; a chosen one is left as it is', async () => {
  const folder = folderWith(loop('a: { run: "true" }'));
  await shell(folder, 'git init -q .');
  await gateRun(folder);
  expect(folder.read('.gate-run/.gitignore')).toBe('*\n');
  expect((await shell(folder, 'git status --porcelain')).stdout).not.toContain('.gate-run');
  const chosen = folderWith(loop('a: { run: "true" }', 'state: { dir: kept }'));
  await gateRun(chosen);
  expect(chosen.list('kept')).not.toContain('.gitignore');
});

test.each([
  ['a promise', 'queueMicrotask(() => void Promise.reject(new TypeError("planted")))'],
  ['a timer', 'throw new TypeError("planted")'],
])('a bug in %s ends what runs, and is called one, with 70', async (_, bug) => {
  const folder = folderWith({
    ...loop('a: { run: "touch began; sleep 300" }\nb: { run: sleep 300 }'),
    'bug.cjs': `const fs = require('node:fs');
const timer = setInterval(() => {
  if (!fs.existsSync('began')) return;
  clearInterval(timer);
  ${bug};
}, 20);
timer.unref();
`,
  });
  const { code, stderr, ms } = await gateRun(folder, [], {
    env: { NODE_OPTIONS: `--require ${folder.path}/bug.cjs` },
  });
  expect(stderr).toMatch(/gate-run: this is a bug in gate-run, please report it\. .*\nTypeError: planted\n/);
  expect(code).toBe(70);
  expect(ms).toBeLessThan(20_000);
});
