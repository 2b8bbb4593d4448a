import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FOLD_VERSION } from '../../src/core/loop/checkpoint.ts';
import { folderWith, gateRun, loop, screen } from './rig.ts';

test('[A14] a state directory outside the work tree holds everything, and the work tree stays as it was', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }', 'state: { dir: ../state }'));
  expect((await gateRun(folder, ['--iterations', '2', '--sleep', '0'])).code).toBe(0);
  expect(folder.list()).toEqual(['loop.config.yaml']);
  const state = join(folder.path, '../state');
  expect(readdirSync(join(state, 'cycles'))).toEqual(['000001', '000002']);
  const verified = await gateRun(folder, ['verify']);
  expect(verified).toMatchObject({ code: 0, stderr: '' });
  expect(verified.stdout).toMatch(/^the ledger is whole: \d+ lines in one segment, 2 turns\n$/);
  expect((await gateRun(folder, ['history', '--last', '1'])).stdout).toContain('1 earlier, see --last\n');
});

test('[G6] verify says where a line was cut out, changes nothing, and exits 8', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }'));
  expect((await gateRun(folder)).code).toBe(0);
  const path = '.gate-run/cycles/000001/events.jsonl';
  const lines = folder.read(path).split('\n');
  folder.write(path, lines.toSpliced(1, 1).join('\n'));
  const cut = folder.read(path);
  const { code, stdout, stderr } = await gateRun(folder, ['verify']);
  expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
  expect(screen(folder, stderr)).toMatch(
    /^\nthe ledger is damaged: <folder>\/\.gate-run\/cycles\/000001\/events\.jsonl, line 2 \(byte \d+\) is whole, but lines/,
  );
  expect(folder.read(path)).toBe(cut);
  expect(JSON.parse((await gateRun(folder, ['verify', '--json'])).stdout)).toMatchObject({
    isWhole: false,
    damages: [{ line: 2, why: 'gap' }],
  });
});

test('[G6] a line cut out between two turns ends every start and status with 8, and its place is named', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }'));
  expect((await gateRun(folder, ['--iterations', '3', '--sleep', '0'])).code).toBe(0);
  const history = '.gate-run/history.jsonl';
  const lines = folder.read(history).split('\n');
  const cut = lines.findIndex(
    (line) => line.includes('"type":"cycle.started","at"') && line.includes('"cycle":2,'),
  );
  folder.write(history, lines.toSpliced(cut, 1).join('\n'));
  for (const args of [[], ['status'], ['verify']]) {
    const { code, stderr } = await gateRun(folder, args);
    expect({ args, code }).toEqual({ args, code: 8 });
    expect(stderr).toContain(`history.jsonl, line ${cut + 1} (byte `);
  }
});

test('a ledger of a newer gate-run is told as that by every command, and not touched', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }'));
  const history = '.gate-run/history.jsonl';
  folder.write(history, '{"v":2,"seq":1,"type":"run.started","crc":"made otherwise"}\n');
  for (const args of [[], ['status'], ['verify']]) {
    const { code, stderr } = await gateRun(folder, args);
    expect({ args, code }).toEqual({ args, code: 8 });
    expect(stderr).toContain('a newer gate-run wrote this ledger');
  }
  expect(folder.read(history)).toContain('made otherwise');
});

test('a checkpoint that lies is not believed by any command', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }'));
  await gateRun(folder);
  const file = join(folder.path, '.gate-run/checkpoint.json');
  expect(existsSync(file)).toBe(false);
  writeFileSync(file, `{"v":1,"fold":${FOLD_VERSION},"at":{"segment":1}}\n`);
  expect((await gateRun(folder, ['verify'])).stdout).toContain('is not believed');
  expect((await gateRun(folder)).code).toBe(0);
  expect((await gateRun(folder, ['history'])).stdout.trim().split('\n')).toHaveLength(2);
  expect(readFileSync(file, 'utf8')).toContain('"at":{"segment":1}');
});

test('logs of a pruned cycle are said to be gone, while its history stays', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }', 'state: { keep: { cycles: 2 } }'));
  expect((await gateRun(folder, ['--iterations', '4', '--sleep', '0'])).code).toBe(0);
  expect(folder.list('.gate-run/cycles')).toEqual(['000003', '000004']);
  expect((await gateRun(folder, ['logs', '1', 'one'])).stdout).toContain('the logs of this cycle are gone');
  expect((await gateRun(folder, ['history'])).stdout.trim().split('\n')).toHaveLength(4);
  expect((await gateRun(folder, ['verify'])).stdout).toContain('4 turns, 2 without their folder');
  expect((await gateRun(folder, ['status'])).code).toBe(0);
});

test('[G5] files that a killed run left in doubt are replaced by whole copies, and those of a whole run are not', async () => {
  const folder = folderWith(loop('one: { run: echo 1 }'));
  const history = join(folder.path, '.gate-run/history.jsonl');
  const mark = `${history}.unsettled`;
  const inode = () => statSync(history).ino;
  expect((await gateRun(folder)).code).toBe(0);
  expect(existsSync(mark)).toBe(false);
  const first = inode();
  expect((await gateRun(folder)).code).toBe(0);
  expect(inode()).toBe(first);
  const before = readFileSync(history, 'utf8');
  writeFileSync(mark, '');
  expect((await gateRun(folder)).code).toBe(0);
  expect(inode()).not.toBe(first);
  expect(readFileSync(history, 'utf8').startsWith(before)).toBe(true);
  expect(existsSync(mark)).toBe(false);
});
