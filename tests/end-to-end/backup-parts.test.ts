// What a backup holds of a state, wherever its parts lie and whoever moves them meanwhile; and what it says that it does not hold.

import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { begin, folderWith, gateRun, loop, shell, until, type Folder } from './rig.ts';

const TEXT = loop('a: { run: "echo said $GATE_CYCLE" }', 'loop: { sleep: 0s }')['loop.config.yaml'] ?? '';

const namesIn = (file: string): readonly string[] =>
  spawnSync('tar', ['-tzf', file], { encoding: 'utf8' }).stdout.trim().split('\n');

const contentOf = (file: string, name: string): string =>
  spawnSync('tar', ['-xzOf', file, name], { encoding: 'utf8' }).stdout;

async function comesBack(file: string, folder: Folder): Promise<void> {
  const restored = await gateRun(folder, ['restore', file, '--force']);
  expect(restored, restored.stderr).toMatchObject({ code: 0 });
  expect((await gateRun(folder, ['verify'])).code).toBe(0);
}

test('[G20] a loop that is configured by a hidden file comes back, from a backup and from a snapshot', async () => {
  const folder = folderWith({ '.looprc.yaml': `${TEXT}state: { snapshots: { every: 1, keep: 1 } }\n` });
  expect((await gateRun(folder)).code).toBe(0);
  expect((await gateRun(folder, ['backup', 'kept.tar.gz'])).code).toBe(0);
  expect(namesIn(join(folder.path, 'kept.tar.gz'))).toContain('config/.looprc.yaml');
  await comesBack('kept.tar.gz', folder);
  await comesBack(`.gate-run/snapshots/${folder.list('.gate-run/snapshots')[0]}`, folder);
});

test('[G20] the config is in it from wherever it was made, and it is the one that counts', async () => {
  const folder = folderWith({
    'conf/loop.config.yaml': `${TEXT}state: { snapshots: { every: 1, keep: 1 } }\n`,
    'loop.config.yaml': 'of somebody else',
    'conf/sub/x': '',
  });
  const from = (where: string) => ({ from: join(folder.path, where) });
  const config = folder.read('conf/loop.config.yaml');
  expect((await gateRun(folder, [], from('conf/sub'))).code).toBe(0);
  mkdirSync(join(folder.path, 'kept'));
  expect((await gateRun(folder, ['backup', '../../kept/sub.tar.gz'], from('conf/sub'))).code).toBe(0);
  expect((await gateRun(folder, ['-c', 'conf/loop.config.yaml', 'backup', 'kept/above.tar.gz'])).code).toBe(
    0,
  );
  const snapshot = `conf/.gate-run/snapshots/${folder.list('conf/.gate-run/snapshots')[0]}`;
  for (const file of ['kept/sub.tar.gz', 'kept/above.tar.gz', snapshot])
    expect(contentOf(join(folder.path, file), 'config/loop.config.yaml'), file).toBe(config);
});

test('[G20] a state that is set aside while it is packed makes a backup of the new one, never of both', async () => {
  const gates = 'a: { run: "test -e small && echo small || head -c 60000000 /dev/urandom" }';
  const folder = folderWith(loop(gates, 'loop: { sleep: 0s }'));
  expect((await gateRun(folder)).code).toBe(0);
  folder.write('small', '');
  const making = begin(folder, ['backup', 'kept.tar.gz']);
  await until('the large log is being packed', () =>
    folder.list().some((name) => /^\.kept\.tar\.gz\.\d+\.tmp$/.test(name)),
  );
  expect((await gateRun(folder, ['--clean-state', '--iterations', '3'])).code).toBe(0);
  const made = await making.ended;
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const file = join(folder.path, 'kept.tar.gz');
  const lines = namesIn(file)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => contentOf(file, name).trim().split('\n'));
  const runs = new Set(lines.map((line) => /"run":"([^"]+)"/.exec(line)?.[1]));
  expect(runs.size).toBe(1);
  const copy = folderWith({ 'loop.config.yaml': folder.read('loop.config.yaml') });
  await comesBack(file, copy);
  expect((await gateRun(copy, ['logs', '1', 'a'])).stdout).toMatch(/\nsmall\n$/);
});

test('[G20] a name that is not UTF-8 costs its cycle nothing but that file, and that is said', async () => {
  const folder = folderWith(
    loop(`a: { run: "echo said; touch \\"$GATE_CYCLE_DIR/x$(printf '\\\\377')\\"" }`),
  );
  expect((await gateRun(folder)).code).toBe(0);
  const made = await gateRun(folder, ['backup', 'kept.tar.gz']);
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout).toContain('left out: 1 that');
  const copy = folderWith({ 'loop.config.yaml': folder.read('loop.config.yaml') });
  await comesBack(join(folder.path, 'kept.tar.gz'), copy);
  expect((await gateRun(copy, ['logs', '1', 'a'])).stdout).toContain('said\n');
});

test('a ledger behind a link, which runs accept, is kept too; the command that is printed can be pasted', async () => {
  const folder = folderWith({ 'loop.config.yaml': TEXT, 'a b/x': '', 'elsewhere/x': '' });
  mkdirSync(join(folder.path, '.gate-run'));
  writeFileSync(join(folder.path, 'elsewhere/history.jsonl'), '');
  symlinkSync('../elsewhere/history.jsonl', join(folder.path, '.gate-run/history.jsonl'));
  expect((await gateRun(folder)).code).toBe(0);
  const made = await gateRun(folder, ['backup', 'a b/kept.tar.gz']);
  expect(made, made.stderr).toMatchObject({ code: 0 });
  const line = made.stdout.match(/bring it back with: gate-run (.+)/)?.[1] ?? '';
  const copy = folderWith({ 'loop.config.yaml': TEXT });
  expect((await shell(copy, `"$GATE" ${line}`)).code).toBe(0);
  expect((await gateRun(copy, ['logs', '1', 'a'])).stdout).toContain('said 1');
});

test('[G20] a config with a problem does not say where the state lies: neither is another one kept nor written over', async () => {
  const folder = folderWith({ 'loop.config.yaml': TEXT });
  expect((await gateRun(folder)).code).toBe(0);
  expect((await gateRun(folder, ['backup', 'kept.tar.gz'])).code).toBe(0);
  const before = folder.read('.gate-run/history.jsonl');
  folder.write('loop.config.yaml', `${TEXT}state: { dir: kept }\nnonsense: 1\n`);
  for (const words of [
    ['backup', 'other.tar.gz'],
    ['restore', 'kept.tar.gz', '--force'],
  ]) {
    const refused = await gateRun(folder, words);
    expect(refused, words[0]).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain('it cannot be told where the state lies');
  }
  expect(folder.read('.gate-run/history.jsonl')).toBe(before);
  expect(folder.list()).toEqual(['.gate-run', 'kept.tar.gz', 'loop.config.yaml']);
  // A file that is named and is not there is a problem too.
  expect((await gateRun(folder, ['-c', 'none.yaml', 'backup', 'other.tar.gz'])).code).toBe(2);
});
